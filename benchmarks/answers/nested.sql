SELECT json_build_object('users', json_build_object('nodes', json_agg(
    json_build_object('username', username, 'posts', json_build_object(
        'nodes', (
            SELECT json_agg(json_build_object(
                'title', title, 'comments', json_build_object('nodes', (
                    SELECT json_agg(json_build_object(
                        'body', body, 'author',
                        json_build_object('displayName', display_name)))
                    FROM (
                        SELECT body, display_name
                        FROM comment JOIN "user" ON "user".id = author_id
                        WHERE post_id = post.id
                        ORDER BY comment.created_at LIMIT %(first)s
                    ) AS comment))))
            FROM (
                SELECT id, title FROM post WHERE author_id = author.id
                ORDER BY created_at DESC LIMIT %(first)s
            ) AS post))))))
FROM (SELECT * FROM "user" ORDER BY id LIMIT %(first)s) AS author
