"""A table whose columns are as SQLModel makes them, or as others define their types."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import exact_decimal

INFINITE = float("inf")


class Base(SQLModel, registry=registry()):
    """Keeps the table apart from the metadata of the application."""


class Lower(sa.TypeDecorator[str]):
    """Text that is kept in lower case."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.lower()


class Kind(Enum):
    """Which gauges there are."""

    OPEN = "o"
    SECRET = "s"


class GaugeRead(SQLModel):
    """What something shows."""

    id: str
    level: float | None = None
    amount: Decimal | None = None
    ratio: Decimal | None = None
    rough: float | None = None
    data: Any = None
    at: datetime
    mail: str
    price: Decimal
    length: timedelta | None = None
    small: int | None = None


class GaugeCreate(GaugeRead):
    """All of it, and what is no column."""

    factor: float = 1


class GaugeUpdate(SQLModel):
    """What may change."""

    factor: float | None = None
    level: float | None = None
    data: Any = None


class Gauge(Base, table=True):
    id: str = Field(primary_key=True)
    level: float | None = None
    amount: Decimal | None = None
    ratio: Decimal | None = Field(default=None, sa_type=sa.Double(asdecimal=True))
    rough: float | None = Field(default=None, sa_type=sa.Numeric(asdecimal=False))
    data: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    at: datetime = Field(sa_type=sa.DateTime, unique=True)
    mail: str = Field(sa_type=Lower, unique=True)
    price: Decimal = Field(sa_type=exact_decimal(10, 2), unique=True)
    length: timedelta | None = None
    small: int | None = Field(default=None, sa_type=sa.SmallInteger)
    viewer_kind: Kind = Kind.OPEN

    readings: list["Reading"] = Relationship(back_populates="gauge")


class Reading(Base, table=True):
    """Its key comes back otherwise than it is sent."""

    mail: str = Field(sa_type=Lower, primary_key=True)
    at: datetime = Field(sa_type=sa.DateTime, primary_key=True)
    value: int = 0
    gauge_id: str | None = Field(default=None, foreign_key="gauge.id")

    gauge: Gauge | None = Relationship(back_populates="readings")


class ReadingRead(SQLModel):
    """What was read when."""

    mail: str
    at: datetime
    value: int = 0


class Notice(Base, table=True):
    """It names a gauge by what comes back otherwise."""

    id: int | None = Field(default=None, primary_key=True)
    mail: str = Field(sa_type=Lower, foreign_key="gauge.mail")


class NoticeRead(SQLModel):
    """Something sent to a gauge."""

    id: int
    mail: str


class NoticeCreate(SQLModel):
    """To whom."""

    mail: str


def moment(number: int) -> datetime:
    """As a naive column has it."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return at.replace(tzinfo=None)


def opened(_: ViewerTerms, gauge: Any) -> sa.ColumnElement[bool]:
    """The column is called like a parameter of the viewer's."""
    found: sa.ColumnElement[bool] = gauge.viewer_kind == Kind.OPEN
    return found


_VALUES: dict[str, list[Any]] = {
    "id": ["b", "B", "a", "_", "Z", "é", "ab", "A", "10", "9"],
    "level": [1.0, INFINITE, -INFINITE, INFINITE, None, 0.1, -1e308, None, 2.0, 1.0],
    "amount": [
        *(None, Decimal(10), Decimal("0.5"), Decimal("-0.25"), Decimal(10)),
        *(Decimal("0.12345678903"), Decimal("0.12345678901"), None),
        *(Decimal("0.12345678902"), Decimal(9)),
    ],
    "data": [None, {}, sa.null(), "null", [None], None, sa.null(), 0, {"a": None}, ""],
    "small": [1, 2, 1, 2, 1, 2, 1, 2, 1, 2],
}


def gauge_rows() -> list[dict[str, Any]]:
    """Infinities, decimals that differ in the eleventh or twentieth place, and both kinds
    of null."""
    ids = sorted(_VALUES["id"])
    return [
        {
            **{name: values[number] for name, values in _VALUES.items()},
            "ratio": _VALUES["amount"][-number],
            "rough": Decimal(
                f"0.1234567890123456789{ids.index(_VALUES['id'][number])}"
            ),
            "at": moment(number),
            "mail": f"m{number}@x",
            "price": Decimal(f"1.0{number}"),
            "length": timedelta(seconds=number),
            "viewer_kind": Kind.OPEN,
        }
        for number in range(len(_VALUES["id"]))
    ]


def gauges() -> Api:
    """An API of the tables; everybody may write to them."""
    api = Api()
    api.add(
        Gauge,
        read=GaugeRead,
        create=GaugeCreate,
        update=GaugeUpdate,
        policy=Policy(read=opened, create=everyone, update=everyone),
        nested=("readings",),
    )
    api.add(
        Reading,
        read=ReadingRead,
        create=ReadingRead,
        policy=Policy(everyone, create=everyone, update=everyone, delete=everyone),
    )
    api.add(
        Notice,
        read=NoticeRead,
        create=NoticeCreate,
        policy=Policy(everyone, create=everyone),
    )
    return api
