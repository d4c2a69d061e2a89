-- users
SELECT user_1.id
FROM "user" AS user_1 ORDER BY user_1.username ASC, user_1.id ASC
LIMIT %(limit)s;

-- users.nodes.bookmarks
SELECT k.k0, page.title, page.edge_0
FROM unnest(CAST(%(keys0)s AS BIGINT[])) AS k(k0) JOIN LATERAL (SELECT post_1.title AS title, bookmark_1.created_at AS edge_0, post_1.created_at AS order_0, post_1.id AS order_1
FROM bookmark AS bookmark_1 JOIN post AS post_1 ON bookmark_1.post_id = post_1.id
WHERE bookmark_1.user_id = k.k0 AND post_1.deleted_at IS NULL AND post_1.status != %(status_1)s ORDER BY post_1.created_at DESC, post_1.id DESC
LIMIT %(limit)s) AS page ON true ORDER BY k.k0, page.order_0 DESC, page.order_1 DESC;
