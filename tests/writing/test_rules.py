"""Rules that depend on the row, or on others: asked of all that makes or changes it."""

from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Api, Claim, Database, Policy, Rule, ViewerTerms, everyone
from tests.engine.graph import fill
from tests.writing import models as m
from tests.writing.desk import Desk, gid, problem, problems

NAMES = [("sql",), ("python",), ("hidden",)]


def after_an_author(_: ViewerTerms, label: Any) -> sa.ColumnElement[bool]:
    authors = sa.inspect(m.Author).local_table.alias()
    return sa.exists().where(authors.c.name == label.name)


def about_a_label(_: ViewerTerms, article: Any) -> sa.ColumnElement[bool]:
    labels = sa.inspect(m.Label).local_table.alias()
    return sa.exists().where(labels.c.name == article.title)


@cache
def ruled() -> Api:
    api = Api()
    api.add(
        m.Article,
        read=m.ArticleRead,
        create=m.ArticleCreate,
        update=m.ArticleUpdate,
        policy=Policy(
            read=everyone,
            create=everyone,
            update=about_a_label,
            presets={"author_id": Claim("id")},
        ),
        nested=("labels",),
    )
    api.add(
        m.Label,
        read=m.LabelRead,
        create=m.LabelCreate,
        policy=Policy(read=everyone, create=after_an_author),
    )
    return api


@pytest.fixture
def desk(database: Database, plans: bool) -> Desk:
    return Desk(ruled(), database, plans=plans)


@pytest.mark.parametrize("operator", ["create", "connectOrCreate"])
def test_rows_that_are_made_along_with_others(desk: Desk, operator: str) -> None:
    article = {"title": "One", "slug": "one"}
    refused, done = (
        desk.create("Article", {**article, "labels": {operator: labels}})
        for labels in ([{"name": "ada"}, {"name": "eve"}], [{"name": "ada"}])
    )

    path = ("input", "labels", operator, "1")
    assert problems(refused) == [problem("ForbiddenError", *path)]
    assert done["errors"] == []
    assert desk.rows(m.Label, "name") == [*NAMES, ("ada",)]


def test_rows_that_an_upsert_changes(desk: Desk) -> None:
    field = "upsertArticle(onConflict: SLUG, input: $input)"
    titles = ("sql", "nothing", "python")
    made, refused, changed = (
        desk.mutate(
            field, input=("CreateArticleInput!", {"title": title, "slug": "one"})
        )
        for title in titles
    )

    assert made["errors"] == changed["errors"] == []
    assert problems(refused) == [problem("ForbiddenError", "input")]
    assert desk.rows(m.Article, "title", "version") == [("python", 2)]


def early(_: ViewerTerms, link: Any) -> sa.ColumnElement[bool]:
    rule: sa.ColumnElement[bool] = link.page < 10
    return rule


def as_rated(_: ViewerTerms, link: Any) -> sa.ColumnElement[bool]:
    articles = sa.inspect(m.Article).local_table.alias()
    own = articles.c.id == link.article_id
    return sa.exists().where(own, articles.c.rating > link.page)


@cache
def placing_by(rule: Rule) -> Api:
    api = Api()
    placing = Policy(read=everyone, create=rule)
    anybody = Policy(read=everyone, create=everyone)
    api.add(m.Article, read=m.ArticleRead, policy=Policy(read=everyone))
    api.add(m.Placement, read=m.PlacementRead, create=m.PlacementCreate, policy=placing)
    api.add(
        m.Issue,
        read=m.IssueRead,
        create=m.IssueCreate,
        policy=anybody,
        nested=("contents",),
    )
    return api


@pytest.mark.parametrize("rule", [early, as_rated])
def test_links_that_are_made(database: Database, plans: bool, rule: Rule) -> None:
    article = {"title": "One", "slug": "one", "author_id": 1, "rating": 5}
    fill(database, {m.Article: [article]})
    desk = Desk(placing_by(rule), database, plans=plans)

    refused, done = (
        desk.create("Issue", {"number": 7, "contents": {"add": [placement]}})
        for placement in ({"id": gid("Article", 1), "page": page} for page in (12, 3))
    )

    path = ("input", "contents", "add", "0", "id")
    assert problems(refused) == [problem("ForbiddenError", *path)]
    assert done["errors"] == []
    assert desk.rows(m.Placement, "page") == [(3,)]
