SELECT json_build_object('posts', json_build_object('nodes', json_agg(
    json_build_object(
        'slug', slug, 'title', title, 'score', score,
        'viewCount', view_count, 'createdAt', post.created_at,
        'author', json_build_object(
            'username', username, 'displayName', display_name),
        'tags', json_build_object('nodes', (
            SELECT json_agg(json_build_object('name', name) ORDER BY name)
            FROM tag JOIN post_tag ON tag.id = tag_id
            WHERE post_id = post.id)),
        'comments', json_build_object('nodes', (
            SELECT coalesce(json_agg(json_build_object(
                'body', body, 'createdAt', created_at,
                'author', json_build_object('displayName', name))), '[]')
            FROM (
                SELECT body, comment.created_at, display_name AS name
                FROM comment JOIN "user" ON "user".id = author_id
                WHERE post_id = post.id
                ORDER BY comment.created_at DESC LIMIT 3
            ) AS newest)))
    ORDER BY post.created_at DESC)))
FROM (
    SELECT * FROM post ORDER BY created_at DESC LIMIT %(first)s
) AS post JOIN "user" ON "user".id = author_id
