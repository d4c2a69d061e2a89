-- posts
SELECT post_1.title
FROM post AS post_1
WHERE post_1.deleted_at IS NULL AND post_1.status != ? AND (EXISTS (SELECT 1
FROM user AS user_1
WHERE user_1.id = post_1.author_id AND user_1.username >= ? AND user_1.username < ?)) AND (instr(post_1.title, ?) > ?) IS NOT 1 AND (EXISTS (SELECT 1
FROM post_tag AS post_tag_1 JOIN tag AS tag_1 ON post_tag_1.tag_id = tag_1.id
WHERE post_tag_1.post_id = post_1.id AND tag_1.name = ?)) ORDER BY post_1.score DESC, post_1.created_at ASC, post_1.id ASC
LIMIT ? OFFSET ?;
