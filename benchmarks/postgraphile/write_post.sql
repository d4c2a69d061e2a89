-- A post with tags in one transaction, as PostGraphile has it: a function that becomes
-- a mutation. Who is signed in writes the post, unless an author is given; tags are
-- made where there are none.
CREATE OR REPLACE FUNCTION
write_post(title text, body text, tags text[], author_id bigint DEFAULT NULL)
RETURNS post LANGUAGE plpgsql AS $$
DECLARE
  author "user";
  named text := trim('-' FROM regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'));
  written post;
BEGIN
  SELECT * INTO STRICT author FROM "user"
  WHERE id = coalesce(author_id, nullif(current_setting('viewer.id', true), '')::bigint);
  IF EXISTS (SELECT FROM post WHERE slug = named) THEN
    named := named || '-' || substr(md5(random()::text), 1, 8);
  END IF;
  INSERT INTO post (slug, title, body, author_id, author_name)
  VALUES (named, title, body, author.id, author.display_name)
  RETURNING * INTO written;
  INSERT INTO tag (name)
  SELECT wanted FROM unnest(tags) AS wanted
  WHERE NOT EXISTS (SELECT FROM tag WHERE name = wanted)
  ON CONFLICT DO NOTHING;
  INSERT INTO post_tag (post_id, tag_id)
  SELECT written.id, id FROM tag WHERE name = ANY (tags);
  RETURN written;
END
$$;
