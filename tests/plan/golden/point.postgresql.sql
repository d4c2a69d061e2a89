-- post
SELECT post_1.id, post_1.title, user_1.id, user_1.display_name, profile_1.user_id, profile_1.bio
FROM post AS post_1 LEFT OUTER JOIN "user" AS user_1 ON user_1.id = post_1.author_id LEFT OUTER JOIN profile AS profile_1 ON profile_1.user_id = user_1.id
WHERE post_1.id = %(v0)s AND post_1.deleted_at IS NULL AND post_1.status != %(status_1)s;
