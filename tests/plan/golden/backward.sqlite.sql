-- tags
SELECT tag_1.name, tag_1.name, tag_1.id
FROM tag AS tag_1 ORDER BY tag_1.name DESC, tag_1.id DESC
LIMIT ? OFFSET ?;
