-- nodes
SELECT k.k0, post_1.title, post_1.id
FROM unnest(CAST(%(keys0)s AS BIGINT[])) AS k(k0) JOIN post AS post_1 ON post_1.id = k.k0
WHERE post_1.deleted_at IS NULL AND post_1.status != %(status_1)s ORDER BY post_1.id;

-- nodes.comments
SELECT k.k0, page.body
FROM unnest(CAST(%(keys0)s AS BIGINT[])) AS k(k0) JOIN LATERAL (SELECT comment_1.body AS body, comment_1.created_at AS order_0, comment_1.id AS order_1
FROM comment AS comment_1
WHERE comment_1.post_id = k.k0 AND comment_1.deleted_at IS NULL ORDER BY comment_1.created_at ASC, comment_1.id ASC
LIMIT %(limit)s) AS page ON true ORDER BY k.k0, page.order_0 ASC, page.order_1 ASC;

-- nodes
SELECT tag_1.id, tag_1.name
FROM tag AS tag_1
WHERE tag_1.id = %(v0)s;
