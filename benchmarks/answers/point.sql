SELECT json_build_object('post', json_build_object(
    'title', title, 'createdAt', post.created_at,
    'author', json_build_object('displayName', display_name)))
FROM post JOIN "user" ON "user".id = author_id
WHERE slug = %(slug)s
