"""The magazine's API: its policies and hooks."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from gql_app.engine import Api, Claim, Hooks, Policy, ViewerTerms, everyone
from gql_app.engine.errors import BadUserInputError
from gql_app.engine.hooks import Change
from tests.writing import models as m


def editors(viewer: ViewerTerms, _: Any) -> bool:
    return viewer.role == "editor"


def members(viewer: ViewerTerms, _: Any) -> bool:
    return not viewer.anonymous


def own(viewer: ViewerTerms, article: Any) -> sa.ColumnElement[bool] | bool:
    if viewer.role == "editor":
        return True
    if viewer.anonymous:
        return False
    mine: sa.ColumnElement[bool] = article.author_id == viewer.claim("id")
    return mine


def readable(viewer: ViewerTerms, article: Any) -> sa.ColumnElement[bool]:
    kept: sa.ColumnElement[bool] = article.deleted_at.is_(None)
    if viewer.role == "editor":
        return kept
    shown = sa.or_(
        article.status == m.Status.PUBLISHED, article.author_id == viewer.claim("id")
    )
    return sa.and_(kept, shown)


def not_secret(viewer: ViewerTerms, label: Any) -> sa.ColumnElement[bool] | bool:
    return viewer.role == "editor" or label.secret.is_(False)


def on_own_article(viewer: ViewerTerms, note: Any) -> sa.ColumnElement[bool] | bool:
    """A rule on other rows: it takes a query of its own."""
    if viewer.role == "editor":
        return True
    article = sa.inspect(m.Article).local_table.alias()
    return sa.exists().where(
        article.c.id == note.article_id, article.c.author_id == viewer.claim("id")
    )


def shout(change: Change) -> None:
    """Turns an input that is no column into one that is."""
    if change.values.pop("loud"):
        change.values["subject"] = change.values["subject"].upper()
    if change.values["subject"] == "SPAM":
        raise BadUserInputError("No spam, please.", path=("subject",))


def note_down(verb: str) -> Any:
    def hook(change: Change) -> None:
        row = change.after or change.before or {}
        log = sa.inspect(m.Log).local_table
        assert isinstance(log, sa.Table)
        change.connection.execute(sa.insert(log), {"text": f"{verb} {row['subject']}"})

    return hook


@cache
def magazine() -> Api:
    """Each table with policies of its own kind."""
    api = Api()
    api.add(
        m.Author,
        read=m.AuthorRead,
        create=m.AuthorCreate,
        policy=Policy(read=everyone, create=editors, delete=editors),
    )
    api.add(
        m.Article,
        read=m.ArticleRead,
        create=m.ArticleCreate,
        update=m.ArticleUpdate,
        policy=Policy(
            read=readable,
            create=own,
            update=own,
            delete=own,
            purge=editors,
            presets={"author_id": Claim("id")},
            writers={"rating": {"editor"}},
        ),
        nested=("notes", "labels"),
    )
    api.add(
        m.Note,
        read=m.NoteRead,
        create=m.NoteCreate,
        update=m.NoteUpdate,
        policy=Policy(
            read=everyone,
            within="article",
            create=on_own_article,
            update=on_own_article,
            delete=on_own_article,
        ),
    )
    api.add(
        m.Label,
        read=m.LabelRead,
        create=m.LabelCreate,
        policy=Policy(read=not_secret, create=members),
    )
    api.add(
        m.Placement,
        read=m.PlacementRead,
        create=m.PlacementCreate,
        policy=Policy(read=everyone, create=editors, delete=editors),
    )
    api.add(
        m.Issue,
        read=m.IssueRead,
        create=m.IssueCreate,
        update=m.IssueUpdate,
        policy=Policy(read=everyone, create=members, update=members),
        nested=("contents",),
    )
    api.add(
        m.Letter,
        read=m.LetterRead,
        create=m.LetterCreate,
        update=m.LetterUpdate,
        policy=Policy(read=everyone, create=members, update=members, delete=members),
        nested=("author", "replies"),
        hooks=Hooks(
            before_create=shout,
            after_create=note_down("created"),
            after_update=note_down("updated"),
            after_delete=note_down("deleted"),
        ),
    )
    return api


ROWS: dict[Any, list[dict[str, Any]]] = {
    m.Author: [{"name": "ada"}, {"name": "bob"}],
    m.Label: [
        {"name": "sql", "secret": False},
        {"name": "python", "secret": False},
        {"name": "hidden", "secret": True},
    ],
}
