-- posts
SELECT post_1.title, post_1.id
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != ? ORDER BY post_1.created_at DESC, post_1.id DESC
LIMIT ? OFFSET ?;

-- posts
SELECT count(*) AS count_1
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != ?;

-- posts.nodes.comments
SELECT k.value, comment_1.score
FROM json_each(?) AS k JOIN comment AS comment_1 ON comment_1.id IN (SELECT comment_2.id
FROM comment AS comment_2
WHERE comment_2.post_id = k.value AND comment_2.deleted_at IS NULL AND comment_2.score > ? ORDER BY comment_2.created_at ASC, comment_2.id ASC
LIMIT ? OFFSET ?) ORDER BY k.value, comment_1.created_at ASC, comment_1.id ASC;

-- posts.nodes.comments
SELECT k.value, count(*) AS count_1
FROM json_each(?) AS k JOIN comment AS comment_1 ON comment_1.post_id = k.value AND comment_1.deleted_at IS NULL
WHERE comment_1.score > ? GROUP BY k.value;
