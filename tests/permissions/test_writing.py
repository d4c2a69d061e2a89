"""Every viewer, every mutation, every row: what may be written is in the table."""

from typing import Any

import pytest
from graphql import GraphQLObjectType
from strawberry import Schema

from tests.permissions.asking import Attempt, Mutations, affected
from tests.permissions.conftest import Asker, Call
from tests.permissions.expected import (
    ACCOUNTS,
    EDITORS,
    FOR_ADMINS,
    READ,
    USERS,
    WRITE,
    who,
)
from tests.permissions.world import ENTITIES, VIEWERS, missing

REFUSED = {"FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"}


def may(viewer: str, attempt: Attempt) -> bool:
    """What the table says."""
    if attempt.input in FOR_ADMINS and viewer != "admin":
        return False
    return viewer in who(WRITE[attempt.mutation][1], attempt.label)


def sees(viewer: str, attempt: Attempt) -> bool:
    return viewer in who(READ[WRITE[attempt.mutation][0]], attempt.label)


def refused(payload: Any) -> bool:
    """Nothing was written, and there is nothing else in the answer."""
    codes = {error["code"] for error in payload["errors"]}
    rest = [value for name, value in payload.items() if name != "errors"]
    nothing = not codes and payload.get("affectedCount") == 0 and not any(rest)
    return nothing or (codes <= REFUSED and bool(codes) and rest == [None] * len(rest))


def test_the_table_has_every_mutation(schema: Schema) -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None

    assert mutation.fields.keys() == WRITE.keys() | ACCOUNTS


def test_the_table_of_mutations_has_every_row() -> None:
    for name, (entity, cases) in WRITE.items():
        of_row = name.removesuffix("s").endswith(entity)
        if of_row and not name.startswith(("create", "upsert")):
            assert cases.keys() == READ[entity].keys(), name


@pytest.mark.parametrize("viewer", VIEWERS)
def test_mutations_do_what_the_viewer_may(
    asker: Asker, schema: Schema, viewer: str
) -> None:
    mutations = Mutations(schema._schema, asker.world)
    attempts = [
        one
        for name in WRITE
        for one in mutations.attempts(name)
        # Nobody follows themselves: that is for a hook to say, not for a policy.
        if (name, one.label) != ("follow", viewer)
    ]
    rows = asker.world.everything()

    payloads = asker.data(viewer, [one.call for one in attempts])

    for attempt, payload in zip(attempts, payloads, strict=True):
        if may(viewer, attempt):
            assert affected(payload) == 1, (attempt, payload)
        else:
            assert refused(payload), (attempt, payload)
    assert asker.world.everything() == rows


@pytest.mark.parametrize("viewer", VIEWERS)
def test_hidden_is_as_missing_in_mutations(
    asker: Asker, schema: Schema, viewer: str
) -> None:
    mutations = Mutations(schema._schema, asker.world)
    attempts = [
        one
        for name in WRITE
        for one in mutations.attempts(name)
        if not sees(viewer, one) and not may(viewer, one)
    ]
    others = [mutations.missing(one.mutation, one) for one in attempts]

    payloads = asker.data(viewer, [one.call for one in attempts])
    expected = asker.data(viewer, others)

    for attempt, one, other in zip(attempts, payloads, expected, strict=True):
        assert one == other, attempt


@pytest.mark.parametrize("viewer", VIEWERS)
def test_hidden_is_as_missing_in_references(asker: Asker, viewer: str) -> None:
    world = asker.world
    checked = "errors { __typename code message path } }"
    post = world.id("Post", "published")
    about = f'postId: "{post}"'
    fields = {
        "Comment": (
            f'createComment(input: {{body: "a", {about}, parentId: $id}}) {{ {checked}',
            f"pinComment({about}, commentId: $id) {{ {checked}",
        ),
        "Post": (
            f"createPostLink(input: {{{about}, targetId: $id}}) {{ {checked}",
            f"react(postId: $id, kind: LIKE) {{ {checked}",
            f'createComment(input: {{body: "a", postId: $id}}) {{ {checked}',
            f"deletePosts(where: {{id: {{eq: $id}}}}, atMost: 0) {{ {checked}",
        ),
    }
    for name, mutations in fields.items():
        hidden = world.ids(name) - world.ids(name, viewer)
        named = [missing(ENTITIES[name]), *sorted(hidden)]
        for field in mutations:
            query = f"mutation($id: ID!) @dryRun {{ {field} }}"

            answers = asker.answers(viewer, [Call(query, {"id": one}) for one in named])

            assert all(answer == answers[0] for answer in answers), field


@pytest.mark.parametrize("viewer", VIEWERS)
def test_viewers_are_told_what_they_may_do(
    asker: Asker, schema: Schema, viewer: str
) -> None:
    world = asker.world
    verdicts = {"viewerCanUpdate": "update", "viewerCanDelete": "delete"}
    for name, entity in ENTITIES.items():
        kind = schema._schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        told = [field for field in kind.fields if field.startswith("viewerCan")]
        generated = [field for field, verb in verdicts.items() if verb + name in WRITE]
        assert sorted(told) == sorted(generated), name
        query = f"{{ {entity.list_field}(first: 50) {{ nodes {{ id {' '.join(told)} }} }} }}"

        [page] = asker.data(viewer, [Call(query)])

        nodes = {node["id"]: node for node in page["nodes"]}
        for field in told:
            _, cases = WRITE[verdicts[field] + name]
            for label in cases:
                node = nodes.get(world.id(name, label))
                if node is not None:
                    assert node[field] is (viewer in who(cases, label)), (label, field)


@pytest.mark.parametrize("viewer", USERS)
def test_payloads_show_what_the_viewer_may_see(asker: Asker, viewer: str) -> None:
    world = asker.world
    seen = "comments { totalCount nodes { id } } links { nodes { target { id } } }"
    shown = f"title {seen} author {{ posts {{ totalCount nodes {{ id }} }} }}"
    query = f'{{ post(by: {{slug: "published"}}) {{ {shown} }} }}'
    mutation = (
        f'mutation @dryRun {{ react(postId: "{world.id("Post", "published")}",'
        f" kind: LIKE) {{ post {{ {shown} }} errors {{ code }} }} }}"
    )

    read, written = asker.data(viewer, [Call(query), Call(mutation)])

    assert written == {"post": read, "errors": []}


@pytest.mark.parametrize("viewer", USERS)
def test_roundabout_writes_need_the_same_permission(asker: Asker, viewer: str) -> None:
    errors = "errors { code }"
    upsert = f"upsertTag(onConflict: NAME, input: $tag) {{ {errors} }}"
    post = asker.world.id("Post", "demoted")
    tagged = f'updatePost(id: "{post}", input: {{tags: {{ACTION: [$tag]}}}})'
    fields = {
        upsert: ("sql", EDITORS),
        tagged.replace("ACTION", "create") + f" {{ {errors} }}": ("new", EDITORS),
        tagged.replace("ACTION", "connectOrCreate") + f" {{ {errors} }}": (
            "new",
            EDITORS,
        ),
    }
    calls = [
        Call(
            f"mutation($tag: CreateTagInput!) @dryRun {{ {field} }}",
            {"tag": {"name": name, "description": "Changed."}},
        )
        for field, (name, _) in fields.items()
    ]

    payloads = asker.data(viewer, calls)

    for payload, (_, allowed) in zip(payloads, fields.values(), strict=True):
        codes = {error["code"] for error in payload["errors"]}
        assert (not codes) is (viewer in allowed.split())
        assert codes <= REFUSED


def many(name: str) -> bool:
    return name.startswith(("update", "delete")) and name.endswith("s")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_mutations_by_filter_reach_what_the_viewer_may_write(
    asker: Asker, schema: Schema, viewer: str
) -> None:
    world = asker.world
    mutations = Mutations(schema._schema, world)
    names = [name for name in WRITE if many(name)]
    attempts = [next(iter(mutations.attempts(name))) for name in names]
    calls = [Call(one.call.query, {**one.call.variables, "where": {}})
             for one in attempts]  # fmt: skip

    payloads = asker.data(viewer, calls)

    for name, payload in zip(names, payloads, strict=True):
        entity, cases = WRITE[name]
        expected = {
            world.id(entity, label) for label in cases if viewer in who(cases, label)
        }
        if not expected:
            assert refused(payload), (name, payload)
            continue
        written = payload.get("deletedIds") or [
            row["id"] for row in payload[ENTITIES[entity].list_field]
        ]
        assert set(written) == expected, name
        assert payload["affectedCount"] == len(expected)
