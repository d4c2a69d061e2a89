"""Columns with readers: each way in which a client could learn what is in them."""

import base64
from typing import Any

import pytest

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.engine.identifiers import encode_id
from tests.engine.graph import Graph
from tests.plan.staff import Badge, Member, company, dated
from tests.plan.staff_rows import VIEWERS, staff_rows

ROWS = staff_rows()[Member]
ADMIN, STRANGER = VIEWERS["admin"], VIEWERS["stranger"]
OWN = VIEWERS["member"]
"""Sees the e-mail of the member whose id is 3, and no other."""


def member(number: int) -> dict[str, Any]:
    return ROWS[number - 1]


def total(staff: Graph, viewer: Viewer, where: Any) -> int:
    query = "query ($where: MemberWhere) { members(where: $where) { totalCount } }"
    found: int = staff.execute(query, viewer, where=where)["members"]["totalCount"]
    return found


def test_selections_show_what_the_viewer_may_read(staff: Graph) -> None:
    query = """{ members(first: 100, orderBy: [{id: ASC}]) {
      nodes { email mailbox } edges { node { email } } } }"""
    expected = {
        "anonymous": [],
        "stranger": [],
        "member": [3],
        "admin": range(1, len(ROWS) + 1),
    }

    for name, numbers in expected.items():
        found = staff.execute(query, VIEWERS[name])["members"]

        shown = [row["email"] for row in found["nodes"]]
        assert shown == [row["email"] if row["id"] in numbers else None for row in ROWS]
        assert shown == [edge["node"]["email"] for edge in found["edges"]]
        assert [row["mailbox"] is None for row in found["nodes"]] == [
            email is None for email in shown
        ]


@pytest.mark.parametrize(
    ("viewer", "number"), [(ANONYMOUS, 3), (STRANGER, 3), (OWN, 4)]
)
def test_filters_tell_nothing_of_hidden_columns(
    staff: Graph, viewer: Viewer, number: int
) -> None:
    email = member(number)["email"]
    hidden = len(ROWS) - (viewer is OWN)
    guesses: list[Any] = [
        {"eq": email},
        {"in": [email]},
        {"startsWith": email[:2]},
        {"contains": email},
        {"iEndsWith": email},
        {"gte": email, "lte": email},
        {"isNull": False},
    ]

    for guess in guesses:
        found = total(
            staff, viewer, {"and": [{"email": guess}, {"not": {"id": _is(3)}}]}
        )
        assert found == 0, guess
    assert total(staff, viewer, {"email": {"isNull": True}}) == hidden
    assert total(staff, viewer, {"not": {"email": {"eq": email}}}) == len(ROWS)
    assert total(staff, viewer, {"email": {"ne": email}}) == len(ROWS)
    assert total(staff, viewer, {"email": {"notIn": [email]}}) == len(ROWS)


def _is(number: int) -> Any:
    return {"eq": encode_id("Member", [str(number)])}


@pytest.mark.parametrize("quantifier", ["some", "none", "every"])
def test_filters_through_relations_tell_nothing(staff: Graph, quantifier: str) -> None:
    """By a hidden column at the end of a list."""
    query = """query ($where: ClubWhere) { clubs(where: $where) { totalCount } }"""
    emails = [row["email"] for row in ROWS]

    for condition in ({"in": emails}, {"isNull": False}):
        where = {"members": {quantifier: {"email": condition}}}

        found = staff.execute(query, STRANGER, where=where)["clubs"]["totalCount"]

        # Nobody sees who is in a club, and so they are all empty.
        assert found == (0 if quantifier == "some" else 3)


def test_orders_by_hidden_columns_are_those_of_the_key(staff: Graph) -> None:
    query = """query ($order: [MemberOrder!]) {
      members(first: 100, orderBy: $order) { nodes { id } } }"""

    for viewer in (ANONYMOUS, STRANGER):
        for key in ("email", "level", "seenAt"):
            for direction in ("ASC", "DESC", "DESC_NULLS_FIRST"):
                found = staff.execute(query, viewer, order=[{key: direction}])

                by_id = [{"id": direction[:4].rstrip("_")}]
                assert found == staff.execute(query, viewer, order=by_id)


def test_the_default_order_tells_nothing(staff: Graph) -> None:
    """It is by e-mail, descending."""
    query = "{ members(first: 100) { nodes { id email } } }"

    found = staff.execute(query, OWN)["members"]["nodes"]

    first, *others = [row["id"] for row in found]
    assert found[0]["email"] == member(3)["email"]
    numbers = [row["id"] for row in ROWS if row["id"] != 3]
    assert others == [encode_id("Member", [str(one)]) for one in reversed(numbers)]
    assert first not in others


@pytest.mark.parametrize("viewer", [STRANGER, OWN], ids=["stranger", "own"])
@pytest.mark.parametrize("backward", [False, True])
def test_cursors_hold_null_and_lead_on(
    staff: Graph, viewer: Viewer, backward: bool
) -> None:
    size, place, end = (
        ("last", "before", "startCursor")
        if backward
        else ("first", "after", "endCursor")
    )
    query = f"""query ($at: String) {{
      members({size}: 5, {place}: $at, orderBy: [{{email: ASC}}]) {{
        nodes {{ id }} pageInfo {{ {end} hasNextPage hasPreviousPage }} }} }}"""
    seen: list[str] = []
    at = None

    for _ in range(5):
        page = staff.execute(query, viewer, at=at)["members"]
        ids = [row["id"] for row in page["nodes"]]
        seen = [*ids, *seen] if backward else [*seen, *ids]
        at = page["pageInfo"][end]
        own = [member(3)["email"]] if viewer is OWN else []
        cursor = base64.urlsafe_b64decode(at)
        assert cursor.count(b"example.org") == sum(
            one.encode() in cursor for one in own
        )

    numbers = [row["id"] for row in ROWS if viewer is STRANGER or row["id"] != 3]
    numbers = numbers if viewer is STRANGER else [3, *numbers]
    assert seen == [encode_id("Member", [str(number)]) for number in numbers]
    assert not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]


def test_cursors_of_others_tell_nothing(staff: Graph) -> None:
    """An admin's cursor has the e-mail in it; nothing is compared with it."""
    query = """query ($after: String) {
      members(first: 100, after: $after, orderBy: [{email: ASC}]) {
        edges { cursor node { id } } } }"""
    edges = staff.execute(query, ADMIN)["members"]["edges"]

    pages = [staff.execute(query, STRANGER, after=edge["cursor"]) for edge in edges]

    assert all(page == pages[0] for page in pages)


def test_look_ups_by_hidden_columns_find_nothing(staff: Graph) -> None:
    query = "query ($by: MemberBy!) { member(by: $by) { id } }"
    every = [row["email"] for row in ROWS]

    for viewer, numbers in ((STRANGER, set()), (OWN, {3}), (ADMIN, range(99))):
        for number, email in enumerate(every, 1):
            found = staff.execute(query, viewer, by={"email": email})["member"]

            assert (found is not None) == (number in numbers)


def test_relations_over_hidden_columns_lead_nowhere(staff: Graph) -> None:
    query = """{ members(first: 100, orderBy: [{id: ASC}]) { nodes {
      id bossId boss { id } reports(first: 100) { totalCount nodes { id } }
      team { number } } } }"""

    found = staff.execute(query, STRANGER)["members"]["nodes"]

    open_teams = {"A": 0, "Σ": 2}
    reports: dict[str, list[str]] = {row["id"]: [] for row in found}
    for row, shown in zip(ROWS, found, strict=True):
        boss = row["boss_id"] if row["level"] > 2 else None
        boss_id = None if boss is None else encode_id("Member", [str(boss)])
        assert shown["bossId"] == boss_id
        assert shown["boss"] == (boss_id and {"id": boss_id})
        number = open_teams.get(row["team_code"])
        assert shown["team"] == (None if number is None else {"number": number})
        if boss_id:
            reports[boss_id].append(shown["id"])
    for shown in found:
        assert {one["id"] for one in shown["reports"]["nodes"]} == set(
            reports[shown["id"]]
        )
        assert shown["reports"]["totalCount"] == len(reports[shown["id"]])


def test_lists_from_hidden_columns_are_empty(staff: Graph) -> None:
    """Members refer to the code of their team."""
    query = """{ teams { nodes { open code members { totalCount nodes { id } } } }
      empty: teams(where: {membersCount: {eq: 0}}) { nodes { open } }
      other: teams(where: {members: {some: {}}}) { nodes { open } }
      sorted: teams(orderBy: [{membersCount: ASC}]) { nodes { open } } }"""

    found = staff.execute(query, STRANGER)

    assert {team["open"] for team in found["teams"]["nodes"]} == {True, False}
    for team in found["teams"]["nodes"]:
        assert (team["code"] is not None) is team["open"]
        assert (team["members"]["totalCount"] > 0) is team["open"]
        assert bool(team["members"]["nodes"]) is team["open"]
    shown = {name: [one["open"] for one in found[name]["nodes"]] for name in found}
    assert shown["empty"] == [False, False]
    assert shown["other"] == [True, True]
    assert shown["sorted"] == [False, False, True, True]


@pytest.mark.parametrize("number", [1, 2])
def test_lists_are_empty_even_where_no_row_has_a_key(staff: Graph, number: int) -> None:
    """A plan has nothing to ask the database for then."""
    query = """query ($id: ID!) { team: node(id: $id) { ... on Team { members {
      totalCount nodes { name clubs { totalCount } } edges { cursor }
      pageInfo { hasNextPage endCursor } } } } }"""

    found = staff.execute(query, STRANGER, id=encode_id("Team", [str(number)]))

    members = found["team"]["members"]
    assert (members["totalCount"] > 0) is (number == 2)
    assert bool(members["nodes"]) is bool(members["edges"]) is (number == 2)
    assert (members["pageInfo"]["endCursor"] is None) is (number == 1)


def test_filters_and_orders_over_hidden_columns_lead_nowhere(staff: Graph) -> None:
    """Who has a boss is a secret of those with a low level."""
    told = [row for row in ROWS if row["level"] > 2]
    bosses = {row["boss_id"] for row in told} - {None}
    with_boss = [row for row in told if row["boss_id"] is not None]

    assert total(staff, STRANGER, {"boss": {}}) == len(with_boss)
    assert total(staff, STRANGER, {"not": {"boss": {}}}) == len(ROWS) - len(with_boss)
    assert total(staff, STRANGER, {"reports": {"some": {}}}) == len(bosses)
    assert total(staff, STRANGER, {"reports": {"none": {}}}) == len(ROWS) - len(bosses)
    assert total(staff, STRANGER, {"reportsCount": {"gt": 0}}) == len(bosses)
    for order in ({"boss": {"id": "DESC"}}, {"reportsCount": "DESC"}):
        query = """query ($order: [MemberOrder!]) { members(first: 100, orderBy: $order) {
          nodes { boss { id } reports { totalCount } } } }"""
        rows = staff.execute(query, STRANGER, order=[order])["members"]["nodes"]
        counts = [row["reports"]["totalCount"] for row in rows]
        known = [row["boss"] is not None for row in rows]
        ordered = counts if "reportsCount" in order else known
        assert ordered == sorted(ordered, reverse=True)


def test_links_with_a_hidden_end_or_column_tell_nothing(staff: Graph) -> None:
    query = """{ clubs { nodes { members(first: 100) {
      totalCount edges { fee since node { id } } } } } }"""

    for viewer in (STRANGER, OWN):
        clubs = staff.execute(query, viewer)["clubs"]["nodes"]

        own = {encode_id("Member", ["3"])} if viewer is OWN else set()
        for club in clubs:
            edges = club["members"]["edges"]
            assert {edge["node"]["id"] for edge in edges} <= own
            assert club["members"]["totalCount"] == len(edges)
    clubs = staff.execute(query, ADMIN)["clubs"]["nodes"]
    assert sum(club["members"]["totalCount"] for club in clubs) == 30


def test_edges_show_what_the_viewer_may_read(staff: Graph) -> None:
    """Everybody may see who is in a club, and fees only where there is a date."""
    api = company(readers={Badge: {"fee": dated}})
    graph = Graph(api, staff.database)
    query = """{ clubs { nodes { members(first: 100) { edges { fee since } } } } }"""

    clubs = graph.execute(query, STRANGER)["clubs"]["nodes"]

    edges = [edge for club in clubs for edge in club["members"]["edges"]]
    shown = {edge["fee"] is None for edge in edges}
    assert shown == {True, False}
    assert all((edge["fee"] is None) == (edge["since"] is None) for edge in edges)
