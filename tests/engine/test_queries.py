"""Queries: the SQL of the shapes that everything is made of, on both databases."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Api, Limits, queries
from gql_app.engine.access import Scope
from gql_app.engine.dialects import Dialect, PostgreSQL, SQLite
from gql_app.engine.entity import Entity
from gql_app.engine.order import OrderDirection
from gql_app.engine.pages import Page, PageParser
from gql_app.engine.queries import Selection
from gql_app.engine.statements import Statement
from tests.engine.gauges import gauges
from tests.engine.models import library
from tests.engine.samples import sample_api

API: Api = library()
ENTITIES = {entity.name: entity for entity in API.entities}


def entity(name: str) -> Entity:
    return ENTITIES[name]


def columns(name: str, *wanted: str) -> Selection:
    return Selection(tuple(entity(name).columns[one] for one in wanted))


def page_of(name: str, **given: Any) -> Page:
    return PageParser(Limits()).parse("Query.list", entity(name), given)


@pytest.fixture(params=["sqlite", "postgresql"])
def scope(request: pytest.FixtureRequest) -> Scope:
    dialect: Dialect = SQLite() if request.param == "sqlite" else PostgreSQL()
    return Scope(dialect, "anonymous")


def sql(statement: sa.Select[Any], scope: Scope) -> str:
    """The text on one line."""
    return re.sub(r"\s+", " ", Statement(statement, scope.dialect).sql).strip()


def expected(scope: Scope, sqlite: str, postgresql: str) -> str:
    text = sqlite if scope.dialect.name == "sqlite" else postgresql
    return re.sub(r"\s+", " ", text).strip()


def test_a_page_has_policy_order_and_limit(scope: Scope) -> None:
    page = page_of("Paper")

    text = sql(
        queries.page(
            entity("Paper"), page.shape, columns("Paper", "title"), False, scope
        ),
        scope,
    )

    assert text == expected(
        scope,
        """SELECT paper_1.title FROM paper AS paper_1 WHERE paper_1.published = 1
        ORDER BY paper_1.pages DESC NULLS LAST, paper_1.title ASC, paper_1.id ASC
        LIMIT ? OFFSET ?""",
        """SELECT paper_1.title FROM paper AS paper_1 WHERE paper_1.published
        ORDER BY paper_1.pages DESC NULLS LAST, paper_1.title ASC,
        paper_1.id ASC LIMIT %(limit)s""",
    )


def test_text_of_any_collation_sorts_by_code_points(scope: Scope) -> None:
    (sample,) = sample_api().entities
    order = [{"localWord": OrderDirection.ASC}, {"kind": OrderDirection.DESC}]
    page = PageParser(Limits()).parse("Query.samples", sample, {"orderBy": order})

    text = sql(queries.page(sample, page.shape, Selection(), False, scope), scope)

    assert text.partition("ORDER BY ")[2] == expected(
        scope,
        """sample_1.local_word ASC NULLS LAST, sample_1.kind DESC NULLS LAST,
        sample_1.id DESC LIMIT ? OFFSET ?""",
        """sample_1.local_word COLLATE "C" ASC NULLS LAST,
        CAST(sample_1.kind AS TEXT) COLLATE "C" DESC NULLS LAST, sample_1.id DESC
        LIMIT %(limit)s""",
    )


def test_text_keys_sort_by_code_points(scope: Scope) -> None:
    """Also where their column is a global id, and to find the first of several rows."""
    gauge = gauges().entities[0]
    page = PageParser(Limits()).parse("Query.gauges", gauge, {})
    match = (gauge.columns["small"],)

    listed = sql(queries.page(gauge, page.shape, Selection(), False, scope), scope)
    one = sql(queries.by_key(gauge, match, Selection(), None, scope), scope)
    several = sql(queries.by_keys(gauge, match, Selection(), None, scope), scope)

    order = expected(scope, "gauge_1.id", 'gauge_1.id COLLATE "C"')
    limit = expected(scope, "LIMIT ? OFFSET ?", "LIMIT %(limit)s")
    assert listed.partition("ORDER BY ")[2] == f"{order} ASC {limit}"
    assert one.partition("ORDER BY ")[2] == several.partition("ORDER BY ")[2] == order


def test_keysets_in_one_direction_are_row_values(scope: Scope) -> None:
    order = [{"title": OrderDirection.ASC}]
    page = page_of("Paper", orderBy=order)
    cursor = page.cursors.encode(["x", 3])
    page = page_of("Paper", orderBy=order, after=cursor)

    text = sql(
        queries.page(entity("Paper"), page.shape, columns("Paper", "id"), False, scope),
        scope,
    )

    where = text.partition("WHERE ")[2].partition(" ORDER BY")[0]
    assert where == expected(
        scope,
        "paper_1.published = 1 AND (paper_1.title, paper_1.id) > (?, ?)",
        """paper_1.published AND (paper_1.title, paper_1.id)
        > (%(v0)s, %(v1)s)""",
    )


def test_keysets_with_nulls_are_a_bounded_or(scope: Scope) -> None:
    page = page_of("Paper")
    cursor = page.cursors.encode([12, "x", 3])
    page = page_of("Paper", after=cursor)

    text = sql(
        queries.page(entity("Paper"), page.shape, columns("Paper", "id"), False, scope),
        scope,
    )

    where = text.partition("AND ")[2].partition(" ORDER BY")[0]
    assert where == expected(
        scope,
        """(paper_1.pages <= ? AND (paper_1.pages < ? OR paper_1.title >= ? AND
        (paper_1.title > ? OR paper_1.id > ?)) OR paper_1.pages IS NULL)""",
        """(paper_1.pages <= %(v0)s AND (paper_1.pages < %(v0)s
        OR paper_1.title >= %(v1)s AND (paper_1.title > %(v1)s
        OR paper_1.id > %(v2)s)) OR paper_1.pages IS NULL)""",
    )


def test_nested_pages_are_limited_for_each_parent(scope: Scope) -> None:
    relation = entity("Person").relations["written"]
    page = page_of("Paper", orderBy=[{"title": OrderDirection.ASC}], first=2)

    text = sql(
        queries.related_page(
            relation, page.shape, columns("Paper", "title"), False, scope
        ),
        scope,
    )

    if scope.dialect.lateral:
        assert "JOIN LATERAL (SELECT" in text
        assert text.count("LIMIT") == 1
    else:
        assert "paper_1.id IN (SELECT paper_2.id FROM paper AS paper_2 WHERE" in text
        assert "ROW_NUMBER" not in text.upper()
    assert text.count("published") == 1


def test_filters_through_relations_are_exists(scope: Scope) -> None:
    where = {"notes": {"some": {"body": {"eq": "x"}}}}
    page = page_of("Paper", where=where)

    text = sql(queries.count(entity("Paper"), page.shape.where, scope), scope)

    assert text == expected(
        scope,
        """SELECT count(*) AS count_1 FROM paper AS paper_1 WHERE paper_1.published = 1
        AND (EXISTS (SELECT 1 FROM note AS note_1 WHERE note_1.paper_id = paper_1.id
        AND note_1.body = ?))""",
        """SELECT count(*) AS count_1 FROM paper AS paper_1 WHERE paper_1.published
        AND (EXISTS (SELECT 1 FROM note AS note_1 WHERE note_1.paper_id = paper_1.id
        AND note_1.body = %(v0)s))""",
    )


def test_within_is_not_asked_twice_on_the_way_down(scope: Scope) -> None:
    relation = entity("Paper").relations["notes"]
    shape = page_of("Note").shape

    nested = sql(
        queries.related_page(relation, shape, columns("Note", "body"), False, scope),
        scope,
    )
    root = sql(
        queries.page(entity("Note"), shape, columns("Note", "body"), False, scope),
        scope,
    )

    assert "published" not in nested
    assert "EXISTS" in root
    assert "published" in root


@pytest.mark.parametrize(
    "where",
    [
        {"title": {"ne": "x"}, "pages": {"notIn": [1]}},
        {"not": {"author": {"name": {"iContains": "x"}}}},
        {"fansCount": {"gt": 1}},
        {"topics": {"every": {"slug": {"startsWith": "x"}}}},
    ],
)
def test_equal_structures_build_equal_statements_for_any_values(
    scope: Scope, where: Any
) -> None:
    first, again = page_of("Paper", where=where), page_of("Paper", where=where)
    assert first.shape == again.shape
    assert hash(first.shape) == hash(again.shape)

    statement = queries.count(entity("Paper"), first.shape.where, scope)

    assert "'x'" not in sql(statement, scope)
