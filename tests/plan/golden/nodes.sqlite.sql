-- nodes
SELECT k.value, post_1.title, post_1.id
FROM json_each(?) AS k JOIN post AS post_1 ON post_1.id = k.value
WHERE post_1.deleted_at IS NULL AND post_1.status != ? ORDER BY post_1.id;

-- nodes.comments
SELECT k.value, comment_1.body
FROM json_each(?) AS k JOIN comment AS comment_1 ON comment_1.id IN (SELECT comment_2.id
FROM comment AS comment_2
WHERE comment_2.post_id = k.value AND comment_2.deleted_at IS NULL ORDER BY comment_2.created_at ASC, comment_2.id ASC
LIMIT ? OFFSET ?) ORDER BY k.value, comment_1.created_at ASC, comment_1.id ASC;

-- nodes
SELECT tag_1.id, tag_1.name
FROM tag AS tag_1
WHERE tag_1.id = ?;
