"""The life of a post: written, published, edited, archived, deleted and restored."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from gql_app.engine import Viewer
from gql_app.publishing.base import table_of
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.revision import Revision
from gql_app.testing import Call, Client
from tests.publishing.people import ERRORS, code, create_people
from tests.publishing.rows import read

CREATE = f"""mutation ($input: CreatePostInput!) {{ createPost(input: $input) {{
  post {{ id slug title status version publishedAt authorName
    author {{ username }} tags {{ nodes {{ name }} }} }} {ERRORS} }} }}"""
UPDATE = f"""mutation ($id: ID!, $input: UpdatePostInput!, $version: Int) {{
  updatePost(id: $id, input: $input, expectedVersion: $version) {{
  post {{ slug title version tags {{ nodes {{ name }} }} }} {ERRORS} }} }}"""
STATE = "post { status version publishedAt updatedAt pinnedComment { body } }"


@pytest.fixture
def people(engine: Engine) -> dict[str, Viewer]:
    return create_people(engine)


@pytest.fixture
def author(people: dict[str, Viewer]) -> Viewer:
    return people["author"]


def write(client: Client, viewer: Viewer, title: str = "A title", **given: Any) -> Any:
    given = {"title": title, "body": "Text.", **given}
    return client.field(CREATE, viewer, input=given)


def change(client: Client, name: str, viewer: Viewer, post_id: str) -> Any:
    query = f"mutation ($id: ID!) {{ {name}(id: $id) {{ {STATE} {ERRORS} }} }}"
    return client.field(query, viewer, id=post_id)


def test_new_post_is_a_draft_of_its_author(client: Client, author: Viewer) -> None:
    post = write(client, author, "Croissants, attempt nine!")["post"]

    assert re.fullmatch("croissants-attempt-nine-[0-9a-f]{8}", post["slug"])
    assert (post["status"], post["version"], post["publishedAt"]) == ("DRAFT", 1, None)
    assert (post["author"], post["authorName"]) == ({"username": "author"}, "Author")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("nobody", "FORBIDDEN"),
        ("reader", "FORBIDDEN"),
        ("author", None),
        ("editor", None),
        ("admin", None),
    ],
)
def test_posts_are_written_by_authors(
    client: Client, people: dict[str, Viewer], who: str, expected: str | None
) -> None:
    assert code(write(client, people[who])) == expected


def test_equal_titles_have_different_slugs(client: Client, author: Viewer) -> None:
    calls = [Call(CREATE, author, {"input": {"title": "Same!", "body": "Text."}})] * 6

    answers = client.together(calls)

    slugs = {answer.data["createPost"]["post"]["slug"] for answer in answers}
    assert len(slugs) == 6
    assert {slug.partition("-")[0] for slug in slugs} == {"same"}


def test_equal_titles_in_one_mutation_have_different_slugs(
    client: Client, author: Viewer
) -> None:
    query = """mutation ($inputs: [CreatePostInput!]!) %s {
      createPosts(inputs: $inputs) { posts { slug authorName } errors { code } } }"""
    inputs = [{"title": "Same", "body": "Text."}] * 3

    tried = client.field(query % "@dryRun", author, inputs=inputs)
    made = client.field(query % "", author, inputs=inputs)

    for payload in (tried, made):
        slugs = [post["slug"] for post in payload["posts"]]
        assert len(set(slugs)) == 3
        assert {post["authorName"] for post in payload["posts"]} == {"Author"}


def test_slug_does_not_tell_of_a_draft_with_the_same_title(
    client: Client, people: dict[str, Viewer]
) -> None:
    titles = ("Secret plans", "Secret plans", "Open plans")
    writers = (people["author"], people["other"], people["other"])

    slugs = [
        write(client, viewer, title)["post"]["slug"]
        for viewer, title in zip(writers, titles, strict=True)
    ]

    words = [slug.count("-") for slug in slugs]
    assert words == [2, 2, 2]


@pytest.mark.parametrize("title", ["日本語", "!!!", "x" * 250])
def test_every_title_has_a_slug(client: Client, author: Viewer, title: str) -> None:
    slugs = {write(client, author, title)["post"]["slug"] for _ in range(2)}

    assert len(slugs) == 2


def test_tags_are_set_by_name(client: Client, author: Viewer) -> None:
    names = [{"name": "Baking"}, {"name": "bread"}]
    first = write(client, author, tags={"connectOrCreate": names})["post"]
    second = write(client, author, tags={"connectOrCreate": names[1:]})["post"]

    changed = client.field(
        UPDATE,
        author,
        id=first["id"],
        input={"tags": {"set": [], "connectOrCreate": [{"name": "ovens"}]}},
    )["post"]

    assert [tag["name"] for tag in first["tags"]["nodes"]] == ["baking", "bread"]
    assert [tag["name"] for tag in second["tags"]["nodes"]] == ["bread"]
    assert [tag["name"] for tag in changed["tags"]["nodes"]] == ["ovens"]
    assert client.field("{ tags { totalCount } }") == {"totalCount": 3}


def test_edit_keeps_the_old_content_and_the_slug(
    client: Client, people: dict[str, Viewer], engine: Engine
) -> None:
    post = write(client, people["author"], tags={"create": [{"name": "bread"}]})["post"]
    change(client, "publishPost", people["author"], post["id"])

    edited = client.field(
        UPDATE, people["editor"], id=post["id"], input={"title": "Other", "body": "B"}
    )["post"]

    assert (edited["slug"], edited["title"], edited["version"]) == (
        post["slug"],
        "Other",
        3,
    )
    columns = table_of(Revision).c
    wanted = (columns.number, columns.title, columns.body, columns.editor_id)
    [kept] = read(engine, sa.select(*wanted, columns.data))
    editor_id = people["editor"].claims["id"]
    data = {"slug": post["slug"], "status": "PUBLISHED", "tags": ["bread"]}
    assert kept == (2, "A title", "Text.", editor_id, data)


def test_changed_tags_keep_those_that_were(
    client: Client, author: Viewer, engine: Engine
) -> None:
    post = write(client, author, tags={"create": [{"name": "bread"}]})["post"]

    given = {"title": "A title", "tags": {"set": []}}
    client.field(UPDATE, author, id=post["id"], input=given)

    [(data,)] = read(engine, sa.select(table_of(Revision).c.data))
    assert data["tags"] == ["bread"]


def test_edit_of_nothing_keeps_nothing(
    client: Client, author: Viewer, engine: Engine
) -> None:
    post = write(client, author)["post"]

    changed = client.field(UPDATE, author, id=post["id"], input={})

    assert changed["post"]["version"] == 1
    assert read(engine, sa.select(table_of(Revision).c.id)) == []


def test_failing_edit_keeps_no_revision(
    client: Client, author: Viewer, engine: Engine
) -> None:
    post = write(client, author)["post"]

    edited = client.field(
        UPDATE, author, id=post["id"], input={"title": "Other"}, version=9
    )

    assert code(edited) == "CONFLICT"
    assert read(engine, sa.select(table_of(Revision).c.id)) == []


def test_of_edits_at_once_one_wins(
    client: Client, author: Viewer, engine: Engine
) -> None:
    post = write(client, author)["post"]
    calls = [
        Call(
            *(UPDATE, author),
            {"id": post["id"], "input": {"title": f"T{number}"}, "version": 1},
        )
        for number in range(8)
    ]

    payloads = [answer.data["updatePost"] for answer in client.together(calls)]

    assert sorted(map(str, map(code, payloads))) == ["CONFLICT"] * 7 + ["None"]
    assert len(read(engine, sa.select(table_of(Revision).c.id))) == 1


def test_life_of_a_post(client: Client, author: Viewer) -> None:
    post_id = write(client, author)["post"]["id"]

    published = change(client, "publishPost", author, post_id)["post"]
    archived = change(client, "archivePost", author, post_id)["post"]
    withdrawn = change(client, "unpublishPost", author, post_id)["post"]
    again = change(client, "publishPost", author, post_id)["post"]

    states = [one["status"] for one in (published, archived, withdrawn, again)]
    assert states == ["PUBLISHED", "ARCHIVED", "DRAFT", "PUBLISHED"]
    assert again["publishedAt"] == published["publishedAt"]
    assert again["updatedAt"] == published["updatedAt"]
    assert [published["version"], again["version"]] == [2, 5]


def test_publishing_twice_is_as_publishing_once(client: Client, author: Viewer) -> None:
    post_id = write(client, author)["post"]["id"]
    first = change(client, "publishPost", author, post_id)

    assert change(client, "publishPost", author, post_id) == first


def test_draft_can_not_be_archived(client: Client, author: Viewer) -> None:
    post_id = write(client, author)["post"]["id"]

    assert code(change(client, "archivePost", author, post_id)) == "CONFLICT"


OPERATIONS = ("publishPost", "unpublishPost", "archivePost")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("who", "of_draft"),
    [("nobody", "FORBIDDEN"), ("reader", "FORBIDDEN"), ("other", "NOT_FOUND")],
)
def test_life_of_others_posts_is_for_editors(
    client: Client,
    people: dict[str, Viewer],
    engine: Engine,
    operation: str,
    who: str,
    of_draft: str,
) -> None:
    draft, published = (write(client, people["author"])["post"]["id"] for _ in range(2))
    change(client, "publishPost", people["editor"], published)
    before = read(engine, sa.select(table_of(Post)))

    codes = [
        code(change(client, operation, people[who], one)) for one in (draft, published)
    ]

    assert codes == [of_draft, "FORBIDDEN"]
    assert read(engine, sa.select(table_of(Post))) == before


def test_deleted_post_is_gone_until_an_editor_restores_it(
    client: Client, people: dict[str, Viewer]
) -> None:
    author = people["author"]
    post_id = write(client, author)["post"]["id"]
    change(client, "publishPost", author, post_id)
    query = "mutation ($id: ID!) { %s(id: $id) { errors { code } } }"
    outcomes = [
        code(client.field(query % verb, people[who], id=post_id))
        for verb, who in (
            ("deletePost", "other"),
            ("deletePost", "author"),
            ("publishPost", "author"),
            ("purgePost", "author"),
            ("restorePost", "author"),
            ("restorePost", "editor"),
        )
    ]

    assert outcomes == ["FORBIDDEN", None, "NOT_FOUND", "FORBIDDEN", "FORBIDDEN", None]
    assert client.field("{ posts { totalCount } }") == {"totalCount": 1}


def test_status_is_not_for_updates_to_set(client: Client, author: Viewer) -> None:
    post_id = write(client, author)["post"]["id"]

    answer = client.answer(
        UPDATE, author, id=post_id, input={"status": PostStatus.PUBLISHED.name}
    )

    assert answer.codes == ["BAD_USER_INPUT"]
