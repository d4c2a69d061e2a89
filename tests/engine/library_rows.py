"""The rows of the library: few enough to read, with every case that matters."""

import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

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

Rows = dict[type[SQLModel], list[dict[str, Any]]]

DELETED = datetime(2026, 1, 1, tzinfo=UTC)

_CITIES = [
    ("AT", "Graz", 298_479),
    ("AT", "Wien", 2_028_289),
    ("JP", "大阪", 2_751_862),
    ("JP", "Graz", None),
    ("PE", "Lima", 10_151_000),
    ("PE", "Wien", None),
]
_NAMES = ["Ada", "Bo", "bo", "Çelik Su", "Ada", "Émile Zola", "", "Zoë", "Σ", "Li Na"]
_TITLES = ["On trees", "On Trees", "", "日本の木", "100% wood", "a_b", "Zero"]


def library_rows() -> Rows:
    randomly = random.Random(11)
    people = [_person(number, randomly) for number in range(1, 25)]
    papers = [_paper(number, randomly) for number in range(1, 61)]
    return {
        Country: [
            {"code": code, "name": name}
            for code, name in (("AT", "Austria"), ("JP", "日本"), ("PE", "Peru"))
        ],
        City: [
            {"country_code": code, "name": name, "population": population}
            for code, name, population in _CITIES
        ],
        Person: people,
        Passport: [
            {"id": UUID(int=number * 7), "number": f"P{number}", "person_id": number}
            for number in range(1, 25, 3)
        ],
        Paper: papers,
        Topic: [{"slug": slug} for slug in ("botany", "Art", "ökologie", "x/y,z:%")],
        PaperTopic: _links(randomly, "paper_id", range(1, 61), _SLUGS, 80),
        Friendship: _links(randomly, "left_id", range(1, 25), _RIGHT, 60),
        Like: [
            {
                **link,
                "stars": randomly.randint(1, 5),
                "remark": randomly.choice([None, "", "fine"]),
                "public": randomly.random() < 0.8,
            }
            for link in _links(randomly, "person_id", range(1, 25), _PAPERS, 90)
        ],
        Note: [
            {
                "id": number,
                "body": f"n{number % 5}",
                "paper_id": randomly.randint(1, 60),
            }
            for number in range(1, 81)
        ],
    }


_SLUGS = ("topic_slug", ["botany", "Art", "ökologie", "x/y,z:%"])
_RIGHT = ("right_id", list(range(1, 25)))
_PAPERS = ("paper_id", list(range(1, 61)))


def _person(number: int, randomly: random.Random) -> dict[str, Any]:
    country, city, _ = randomly.choice([*_CITIES, (None, None, None)])
    return {
        "id": number,
        "name": randomly.choice(_NAMES),
        "nickname": randomly.choice([None, "", "x"]),
        "email": f"{number}@example.org",
        "home_country": country,
        "home_city": city,
        "mentor_id": randomly.choice([None, *range(1, number)]),
        "deleted_at": DELETED if number % 6 == 0 else None,
    }


def _paper(number: int, randomly: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "title": randomly.choice(_TITLES),
        "pages": randomly.choice([None, None, 0, 3, 3, 12, -1]),
        "published": number % 5 != 0,
        "author_id": randomly.randint(1, 24),
        "reviewer_id": randomly.choice([None, *range(1, 25)]),
    }


def _links(
    randomly: random.Random,
    near: str,
    nears: range,
    far: tuple[str, list[Any]],
    count: int,
) -> list[dict[str, Any]]:
    name, fars = far
    pairs = [(one, other) for one in nears for other in fars]
    return [{near: one, name: other} for one, other in randomly.sample(pairs, count)]
