-- posts
SELECT post_1.title
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != %(status_1)s ORDER BY (SELECT count(*) AS count_1
FROM comment AS comment_1
WHERE comment_1.post_id = post_1.id AND comment_1.deleted_at IS NULL) DESC, (SELECT user_1.username
FROM "user" AS user_1
WHERE user_1.id = post_1.author_id) ASC NULLS FIRST, post_1.id ASC
LIMIT %(limit)s;
