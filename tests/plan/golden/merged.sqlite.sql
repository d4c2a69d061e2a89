-- posts
SELECT post_1.title, post_1.id, post_1.slug, user_1.id, user_1.id, user_1.username
FROM post AS post_1 LEFT OUTER JOIN user AS user_1 ON user_1.id = post_1.author_id
WHERE post_1.deleted_at IS NULL AND post_1.status != ? ORDER BY post_1.created_at DESC, post_1.id DESC
LIMIT ? OFFSET ?;

-- posts.nodes.tags
SELECT k.value, tag_1.id, tag_1.name
FROM json_each(?) AS k JOIN tag AS tag_1 ON tag_1.id IN (SELECT tag_2.id
FROM post_tag AS post_tag_1 JOIN tag AS tag_2 ON post_tag_1.tag_id = tag_2.id
WHERE post_tag_1.post_id = k.value ORDER BY tag_2.name ASC, tag_2.id ASC
LIMIT ? OFFSET ?) JOIN post_tag AS post_tag_2 ON post_tag_2.post_id = k.value AND post_tag_2.tag_id = tag_1.id ORDER BY k.value, tag_1.name ASC, tag_1.id ASC;
