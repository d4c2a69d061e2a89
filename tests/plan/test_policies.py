"""Who sees which rows, by plans and by graphql-core: the same matrix for both."""

import json
from collections import Counter
from typing import Any

import pytest

from gql_app.engine import ANONYMOUS, Request, Viewer
from gql_app.engine.identifiers import encode_id
from tests.plan.both import Both
from tests.plan.models import Label, Loan, Piece, Room, Visitor
from tests.plan.rows import museum_rows

ROWS = museum_rows()
VIEWERS = {
    "anonymous": ANONYMOUS,
    "guest": Viewer("guest", {"number": 7}),
    "stranger": Viewer("guest", {"number": 12345}),
    "without claims": Viewer("guest"),
    "curator": Viewer("curator"),
}
HIDDEN = [row["id"] for row in ROWS[Piece] if row["hidden"]]


def pieces_of(viewer: Viewer) -> set[int]:
    """The policy once more, in plain Python."""
    number = viewer.claims.get("number")
    return {
        row["id"]
        for row in ROWS[Piece]
        if viewer.role == "curator"
        or not row["hidden"]
        or (number is not None and row["number"] == number)
    }


def loans_of(viewer: Viewer) -> list[dict[str, Any]]:
    """Those of pieces that can be read; whoever has borrowed them."""
    curator, number = viewer.role == "curator", viewer.claims.get("number")
    return [
        loan
        for loan in ROWS[Loan]
        if (curator or not loan["secret"] or loan["borrower"] == number)
        and loan["piece_id"] in pieces_of(viewer)
    ]


def is_visible(country: str, viewer: Viewer) -> bool:
    """Whether visitors from there are readable."""
    return viewer.role == "curator" or country in ("AT", "JP")


def id_of(piece: int) -> str:
    return encode_id("Piece", [str(piece)])


@pytest.fixture(params=VIEWERS)
def viewer(request: pytest.FixtureRequest) -> Viewer:
    return VIEWERS[request.param]


def answer(graph: Both, query: str, viewer: Viewer) -> Any:
    """The data, the same on both paths and both databases."""
    found = json.loads(graph.check(Request(query), viewer))
    assert "errors" not in found, found
    return found["data"]


def test_viewers_differ() -> None:
    sizes = [len(pieces_of(viewer)) for viewer in VIEWERS.values()]

    assert len(set(sizes)) == 3
    assert HIDDEN


def test_lists_and_counts_have_readable_rows(
    museum_graph: Both, viewer: Viewer
) -> None:
    query = """{ pieces(first: 100, orderBy: [{copiesCount: DESC}]) {
        totalCount nodes { id copies(first: 100) { totalCount nodes { id } } }
        pageInfo { hasNextPage }
    } }"""

    found = answer(museum_graph, query, viewer)["pieces"]

    expected = {id_of(piece) for piece in pieces_of(viewer)}
    assert {row["id"] for row in found["nodes"]} == expected
    assert found["totalCount"] == len(expected)
    for row in found["nodes"]:
        below = {one["id"] for one in row["copies"]["nodes"]}
        assert below <= expected
        assert row["copies"]["totalCount"] == len(below)


def test_single_rows_are_readable_or_null(museum_graph: Both, viewer: Viewer) -> None:
    parts = [
        f"""a{piece}: node(id: "{id_of(piece)}") {{ id }}
        b{piece}: piece(by: {{id: "{id_of(piece)}"}}) {{ id }}"""
        for piece in HIDDEN
    ]
    ids = ", ".join(f'"{id_of(piece)}"' for piece in HIDDEN)
    query = f"{{ {' '.join(parts)} nodes(ids: [{ids}]) {{ id }} }}"

    found = answer(museum_graph, query, viewer)

    expected = [
        {"id": id_of(piece)} if piece in pieces_of(viewer) else None for piece in HIDDEN
    ]
    assert found["nodes"] == expected
    assert [found[f"a{piece}"] for piece in HIDDEN] == expected
    assert [found[f"b{piece}"] for piece in HIDDEN] == expected


def test_to_one_relations_lead_to_readable_rows(
    museum_graph: Both, viewer: Viewer
) -> None:
    query = """{ pieces(first: 100) {
        nodes { id copyOfId copyOf { id } room { entrance { id } } }
    } }"""

    found = answer(museum_graph, query, viewer)["pieces"]["nodes"]

    readable = {id_of(piece) for piece in pieces_of(viewer)}
    for row in found:
        is_there = row["copyOfId"] in readable
        assert row["copyOf"] == ({"id": row["copyOfId"]} if is_there else None)
        entrance = row["room"] and row["room"]["entrance"]
        assert entrance is None or entrance["id"] in readable


def test_filters_see_readable_rows_only(museum_graph: Both, viewer: Viewer) -> None:
    """A hidden row can't be guessed at through what refers to it."""
    ids = ", ".join(f'"{id_of(piece)}"' for piece in HIDDEN)
    query = f"""{{
        pieces(first: 100, where: {{copyOf: {{id: {{in: [{ids}]}}}}}}) {{
            nodes {{ copyOfId }}
        }}
        rooms(where: {{pieces: {{none: {{id: {{in: [{ids}]}}}}}}}}) {{ totalCount }}
    }}"""

    found = answer(museum_graph, query, viewer)

    readable = [row for row in ROWS[Piece] if row["id"] in pieces_of(viewer)]
    told = [row for row in readable if row["id"] in HIDDEN]
    keys = {row["id"] for row in told}
    copied = [row["copy_of_id"] for row in readable if row["copy_of_id"] in keys]
    assert sorted(row["copyOfId"] for row in found["pieces"]["nodes"]) == sorted(
        map(id_of, copied)
    )
    rooms = {row["room_id"] for row in told} - {None}
    assert found["rooms"]["totalCount"] == len(ROWS[Room]) - len(rooms)


def test_rows_within_others_are_as_readable(museum_graph: Both, viewer: Viewer) -> None:
    query = "{ labels(first: 100) { totalCount nodes { piece { id } } } }"

    found = answer(museum_graph, query, viewer)["labels"]

    readable = pieces_of(viewer)
    expected = sorted(
        id_of(row["piece_id"]) for row in ROWS[Label] if row["piece_id"] in readable
    )
    assert found["totalCount"] == len(expected)
    assert sorted(row["piece"]["id"] for row in found["nodes"]) == expected


def test_links_and_both_their_ends_are_readable(
    museum_graph: Both, viewer: Viewer
) -> None:
    query = """{ pieces(first: 100) { nodes {
        borrowers(first: 100) { totalCount edges { fee node { country number } } }
    } } }"""

    found = answer(museum_graph, query, viewer)["pieces"]["nodes"]

    expected = sum(is_visible(loan["country"], viewer) for loan in loans_of(viewer))
    assert sum(row["borrowers"]["totalCount"] for row in found) == expected
    assert sum(len(row["borrowers"]["edges"]) for row in found) == expected


def test_composite_keys_keep_to_policies(museum_graph: Both, viewer: Viewer) -> None:
    query = """{ visitors(first: 100) { nodes {
        country number borrowed { totalCount }
    } } }"""

    found = answer(museum_graph, query, viewer)["visitors"]["nodes"]

    loans = Counter((loan["country"], loan["borrower"]) for loan in loans_of(viewer))
    keys = [(row["country"], row["number"]) for row in ROWS[Visitor]]
    assert {
        (row["country"], row["number"]): row["borrowed"]["totalCount"] for row in found
    } == {key: loans[key] for key in keys if is_visible(key[0], viewer)}


def test_counts_in_filters_are_of_readable_rows(
    museum_graph: Both, viewer: Viewer
) -> None:
    """The policy of visitors has a list in it, which every place must spell out."""
    query = """{ visitors(first: 100) { nodes { country number borrowed {
        totalCount
    } } }
    one: visitors(first: 100, where: {borrowedCount: {eq: 7}}) { totalCount }
    other: visitors(first: 100, where: {borrowedCount: {ne: 7}}) { totalCount }
    pieces(where: {borrowersCount: {ne: 1}}) { totalCount }
    }"""

    found = answer(museum_graph, query, viewer)

    counts = [row["borrowed"]["totalCount"] for row in found["visitors"]["nodes"]]
    assert found["one"]["totalCount"] == counts.count(7)
    assert found["other"]["totalCount"] == len(counts) - counts.count(7)
