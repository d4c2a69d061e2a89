-- posts
SELECT post_1.title, post_1.id
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != %(status_1)s ORDER BY post_1.created_at DESC, post_1.id DESC
LIMIT %(limit)s;

-- posts
SELECT count(*) AS count_1
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != %(status_1)s;

-- posts.nodes.comments
SELECT k.k0, page.score
FROM unnest(CAST(%(keys0)s AS BIGINT[])) AS k(k0) JOIN LATERAL (SELECT comment_1.score AS score, comment_1.created_at AS order_0, comment_1.id AS order_1
FROM comment AS comment_1
WHERE comment_1.post_id = k.k0 AND comment_1.deleted_at IS NULL AND comment_1.score > %(v0)s ORDER BY comment_1.created_at ASC, comment_1.id ASC
LIMIT %(limit)s) AS page ON true ORDER BY k.k0, page.order_0 ASC, page.order_1 ASC;

-- posts.nodes.comments
SELECT k.k0, count(*) AS count_1
FROM unnest(CAST(%(keys0)s AS BIGINT[])) AS k(k0) JOIN comment AS comment_1 ON comment_1.post_id = k.k0 AND comment_1.deleted_at IS NULL
WHERE comment_1.score > %(v0)s GROUP BY k.k0;
