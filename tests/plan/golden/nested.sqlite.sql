-- users
SELECT user_1.username, user_1.id
FROM user AS user_1 ORDER BY user_1.username ASC, user_1.id ASC
LIMIT ? OFFSET ?;

-- users.nodes.posts
SELECT k.value, post_1.title, post_1.id
FROM json_each(?) AS k JOIN post AS post_1 ON post_1.id IN (SELECT post_2.id
FROM post AS post_2
WHERE post_2.author_id = k.value AND post_2.deleted_at IS NULL AND post_2.status != ? ORDER BY post_2.created_at DESC, post_2.id DESC
LIMIT ? OFFSET ?) ORDER BY k.value, post_1.created_at DESC, post_1.id DESC;

-- users.nodes.posts.nodes.comments
SELECT k.value, comment_1.body, user_1.id, user_1.username
FROM json_each(?) AS k JOIN comment AS comment_1 ON comment_1.id IN (SELECT comment_2.id
FROM comment AS comment_2
WHERE comment_2.post_id = k.value AND comment_2.deleted_at IS NULL ORDER BY comment_2.created_at ASC, comment_2.id ASC
LIMIT ? OFFSET ?) LEFT OUTER JOIN user AS user_1 ON user_1.id = comment_1.author_id ORDER BY k.value, comment_1.created_at ASC, comment_1.id ASC;
