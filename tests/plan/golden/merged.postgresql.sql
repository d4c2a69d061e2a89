-- posts
SELECT post_1.title, post_1.id, post_1.slug, user_1.id, user_1.id, user_1.username
FROM post AS post_1 LEFT OUTER JOIN "user" AS user_1 ON user_1.id = post_1.author_id
WHERE post_1.deleted_at IS NULL AND post_1.status != %(status_1)s ORDER BY post_1.created_at DESC, post_1.id DESC
LIMIT %(limit)s;

-- posts.nodes.tags
SELECT k.k0, page.id, page.name
FROM unnest(CAST(%(keys0)s AS BIGINT[])) AS k(k0) JOIN LATERAL (SELECT tag_1.id AS id, tag_1.name AS name, tag_1.name AS order_0, tag_1.id AS order_1
FROM post_tag AS post_tag_1 JOIN tag AS tag_1 ON post_tag_1.tag_id = tag_1.id
WHERE post_tag_1.post_id = k.k0 ORDER BY tag_1.name ASC, tag_1.id ASC
LIMIT %(limit)s) AS page ON true ORDER BY k.k0, page.order_0 ASC, page.order_1 ASC;
