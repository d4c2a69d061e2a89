SELECT json_build_object('posts', json_build_object(
    'nodes', json_agg(json_build_object(
        'title', title, 'createdAt', created_at,
        'author', json_build_object('username', username))),
    'pageInfo', json_build_object('hasNextPage', true)))
FROM (
    SELECT title, post.created_at, username
    FROM post JOIN "user" ON "user".id = author_id
    WHERE username LIKE %(name)s || '%%' AND post.id IN (
        SELECT post_id FROM post_tag JOIN tag ON tag.id = tag_id
        WHERE name = %(tag)s)
    ORDER BY post.created_at DESC LIMIT 20 OFFSET 20
) AS post
