-- posts
SELECT post_1.title
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != ? ORDER BY post_1.created_at DESC, post_1.id DESC
LIMIT ? OFFSET ?;
