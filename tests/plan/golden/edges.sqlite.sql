-- users
SELECT user_1.id
FROM user AS user_1 ORDER BY user_1.username ASC, user_1.id ASC
LIMIT ? OFFSET ?;

-- users.nodes.bookmarks
SELECT k.value, post_1.title, bookmark_1.created_at
FROM json_each(?) AS k JOIN post AS post_1 ON post_1.id IN (SELECT post_2.id
FROM bookmark AS bookmark_2 JOIN post AS post_2 ON bookmark_2.post_id = post_2.id
WHERE bookmark_2.user_id = k.value AND post_2.deleted_at IS NULL AND post_2.status != ? ORDER BY post_2.created_at DESC, post_2.id DESC
LIMIT ? OFFSET ?) JOIN bookmark AS bookmark_1 ON bookmark_1.user_id = k.value AND bookmark_1.post_id = post_1.id ORDER BY k.value, post_1.created_at DESC, post_1.id DESC;
