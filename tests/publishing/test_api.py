"""The schema of the domain: complete, described and without secrets."""

import re

from graphql import (
    GraphQLNamedType,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry import Schema

from gql_app.engine.names import words
from gql_app.engine.schema import core_schema
from gql_app.publishing import api
from tests.publishing.conftest import Ask


def test_the_api_serves_these_entities() -> None:
    assert [entity.name for entity in api.entities] == [
        "User",
        "Profile",
        "Post",
        "Comment",
        "Tag",
        "Reaction",
        "Bookmark",
        "Follow",
        "PostLink",
        "Revision",
    ]


def test_secrets_are_nowhere_among_what_is_read(schema: Schema) -> None:
    text = schema.as_str()
    inputs = r'"""[^"]*"""\ninput \w+ {.*?\n}'

    read = re.sub(inputs, "", text, flags=re.DOTALL)

    assert not re.search(r"password|token|hash", read, re.IGNORECASE)


def is_built_in(kind: GraphQLNamedType) -> bool:
    return is_specified_scalar_type(kind) or is_introspection_type(kind)


def test_every_type_is_described(whole_schema: Schema) -> None:
    types = core_schema(whole_schema).type_map.items()
    own = {name: kind for name, kind in types if not is_built_in(kind)}

    missing = [name for name, kind in own.items() if not kind.description]

    assert missing == []


def test_every_column_that_clients_see_is_described_by_hand() -> None:
    generated = [
        f"{entity.name}.{name}"
        for entity in api.entities
        for name, column in entity.columns.items()
        if column.visible and name != "id"
        if column.description == f"The {words(name)} of the {words(entity.name)}."
    ]

    assert generated == []


def test_the_seed_has_something_to_show(seeded_ask: Ask) -> None:
    query = """{ post(by: {slug: "croissants-attempt-nine"}) {
      excerpt readingMinutes version
      author { displayName profile { location } }
      tags { nodes { name } }
      comments(first: 1) { nodes { replies { nodes { body } } } }
      bookmarks { edges { createdAt node { username } } }
      links { nodes { kind target { slug } } }
    } }"""

    post = seeded_ask(query)["post"]

    assert post == {
        "excerpt": "One: butter in a puddle. Two: the same puddle. Three: bricks. Four: "
        "smaller bricks. Five: I don't speak of five. Six and seven: edible in the "
        "dark. Eight: the oven, see under lies. Nine: they are…",
        "readingMinutes": 1,
        "version": 3,
        "author": {"displayName": "Kofi Mensah", "profile": {"location": "Leeds"}},
        "tags": _nodes({"name": "failures"}, {"name": "pastry"}),
        "comments": _nodes({"replies": _nodes({"body": '"Send some."'})}),
        "bookmarks": {
            "edges": [
                {"createdAt": "2025-11-03T06:50:00Z", "node": {"username": "mira"}}
            ]
        },
        "links": _nodes(
            {"kind": "RELATED", "target": {"slug": "my-oven-lies-and-so-does-yours"}},
            {"kind": "RELATED", "target": {"slug": "laminated-dough-without-tears"}},
        ),
    }


def _nodes(*nodes: dict[str, object]) -> dict[str, object]:
    return {"nodes": list(nodes)}
