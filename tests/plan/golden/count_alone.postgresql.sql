-- posts
SELECT count(*) AS count_1
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != %(status_1)s;
