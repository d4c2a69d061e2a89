SELECT json_build_object('posts', json_build_object('nodes', json_agg(
    json_build_object(
        'slug', slug, 'title', title, 'status', status,
        'authorName', author_name, 'score', score, 'viewCount', view_count,
        'createdAt', created_at))))
FROM (SELECT * FROM post ORDER BY created_at DESC LIMIT %(first)s) AS post
