"""The library as plain Python sees it: who may read what, and how rows are related."""

from collections.abc import Callable
from typing import Any

from sqlmodel import SQLModel

from gql_app.engine import Viewer
from gql_app.engine.identifiers import encode_id
from tests.engine.library_rows import library_rows
from tests.engine.models import (
    City,
    Country,
    Friendship,
    Like,
    Note,
    Paper,
    PaperTopic,
    Passport,
    Person,
    Topic,
)

Row = dict[str, Any]

_KEYS: dict[type[SQLModel], tuple[str, ...]] = {
    Country: ("code",),
    City: ("country_code", "name"),
    Topic: ("slug",),
    Like: ("person_id", "paper_id"),
}


class World:
    """All rows of the library that the viewer may read. Nothing of the engine's
    policies, filters or orders is used here, only its way of writing ids."""

    def __init__(self, viewer: Viewer) -> None:
        admin = viewer.role == "admin"
        me = viewer.claims.get("id")
        rows = library_rows()
        for model, found in rows.items():
            for row in found:
                key = _KEYS.get(model, ("id",))
                if all(name in row for name in key):
                    row["_id"] = encode_id(
                        model.__name__, [str(row[name]) for name in key]
                    )
        self.countries, self.cities, self.topics = (
            rows[Country],
            rows[City],
            rows[Topic],
        )
        self.people = [
            row for row in rows[Person] if admin or row["deleted_at"] is None
        ]
        self.papers = [
            row
            for row in rows[Paper]
            if admin or row["published"] or (me is not None and row["author_id"] == me)
        ]
        self.likes = [
            row
            for row in rows[Like]
            if row["public"] or (me is not None and row["person_id"] == me)
        ]
        readable = {row["id"] for row in self.papers}
        self.notes = [row for row in rows[Note] if row["paper_id"] in readable]
        self.passports = [
            row
            for row in rows[Passport]
            if admin or (me is not None and row["person_id"] == me)
        ]
        self.friendships, self.paper_topics = rows[Friendship], rows[PaperTopic]
        self.ones: dict[str, Callable[[Row], Row | None]] = {
            "City.country": lambda row: _one(self.countries, code=row["country_code"]),
            "Person.home": lambda row: _one(
                self.cities, country_code=row["home_country"], name=row["home_city"]
            ),
            "Person.mentor": lambda row: _one(self.people, id=row["mentor_id"]),
            "Person.passport": lambda row: _one(self.passports, person_id=row["id"]),
            "Paper.author": lambda row: _one(self.people, id=row["author_id"]),
            "Paper.reviewer": lambda row: _one(self.people, id=row["reviewer_id"]),
            "Note.paper": lambda row: _one(self.papers, id=row["paper_id"]),
            "Like.person": lambda row: _one(self.people, id=row["person_id"]),
            "Like.paper": lambda row: _one(self.papers, id=row["paper_id"]),
        }
        self.manys: dict[str, Callable[[Row], list[Row]]] = {
            "Country.cities": lambda row: _many(self.cities, country_code=row["code"]),
            "City.residents": lambda row: _many(
                self.people, home_country=row["country_code"], home_city=row["name"]
            ),
            "Person.mentees": lambda row: _many(self.people, mentor_id=row["id"]),
            "Person.written": lambda row: _many(self.papers, author_id=row["id"]),
            "Person.reviewed": lambda row: _many(self.papers, reviewer_id=row["id"]),
            "Person.friends": lambda row: _linked(
                _many(self.friendships, left_id=row["id"]), "right_id", self.people
            ),
            "Person.liked": lambda row: _linked(
                _many(self.likes, person_id=row["id"]), "paper_id", self.papers
            ),
            "Paper.fans": lambda row: _linked(
                _many(self.likes, paper_id=row["id"]), "person_id", self.people
            ),
            "Paper.topics": lambda row: _linked(
                _many(self.paper_topics, paper_id=row["id"]),
                "topic_slug",
                self.topics,
                "slug",
            ),
            "Paper.notes": lambda row: _many(self.notes, paper_id=row["id"]),
            "Topic.papers": lambda row: _linked(
                _many(self.paper_topics, topic_slug=row["slug"]),
                "paper_id",
                self.papers,
            ),
        }

    def one(self, relation: str, row: Row | None) -> Row | None:
        """The readable row at the end of a to-one relation."""
        return None if row is None else self.ones[relation](row)

    def many(self, relation: str, row: Row) -> list[Row]:
        """The readable rows at the end of a to-many relation."""
        return self.manys[relation](row)


def _one(rows: list[Row], **wanted: Any) -> Row | None:
    found = _many(rows, **wanted)
    return found[0] if found else None


def _many(rows: list[Row], **wanted: Any) -> list[Row]:
    if None in wanted.values():
        return []
    return [
        row for row in rows if all(row[name] == value for name, value in wanted.items())
    ]


def _linked(links: list[Row], far: str, rows: list[Row], key: str = "id") -> list[Row]:
    ends = {link[far] for link in links}
    return [row for row in rows if row[key] in ends]
