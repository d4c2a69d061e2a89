"""A museum: every scalar in rows, on edges and in keys; rows that roles may not see."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Optional
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Policy, ViewerTerms, everyone
from gql_app.engine.scalars import JSON_
from gql_app.engine.sqltypes import big_integer, exact_decimal, text


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class Material(Enum):
    """What a piece is made of; a type of its own on PostgreSQL."""

    WOOD = "w"
    BRONZE = "b"
    CLAY = "a"


class RoomRead(SQLModel):
    """A room; its key is a UUID."""

    id: UUID
    name: str
    opened: datetime | None = None


class Room(Base, table=True):
    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True, sa_type=text())
    opened: datetime | None = None

    pieces: list["Piece"] = Relationship(back_populates="room")
    # Several pieces have the room: the one with the lowest key is meant.
    entrance: Optional["Piece"] = Relationship(
        sa_relationship_kwargs={"uselist": False, "viewonly": True}
    )


class PieceRead(SQLModel):
    """Something shown: one column of every scalar."""

    id: int
    title: str
    room_id: UUID | None = None
    copy_of_id: int | None = None
    number: int | None = None
    visits: int | None = None
    weight: float | None = None
    fragile: bool | None = None
    material: Material | None = None
    price: Decimal | None = None
    insured: Decimal | None = None
    facts: Any = None
    token: UUID | None = None
    picture: bytes | None = None
    made_at: datetime | None = None
    local_at: datetime | None = None
    day: date | None = None
    clock: time | None = None
    restored: timedelta | None = None


class Loan(Base, table=True):
    """A link with columns of its own, of many types; some loans are private."""

    piece_id: int = Field(
        primary_key=True, foreign_key="piece.id", sa_type=big_integer()
    )
    country: str = Field(primary_key=True, sa_type=text(2))
    borrower: int = Field(primary_key=True)
    since: datetime | None = None
    fee: Decimal | None = Field(default=None, sa_type=exact_decimal(12, 2))
    terms: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    material: Material | None = None
    secret: bool = False

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["country", "borrower"], ["visitor.country", "visitor.number"]
        ),
    )


class LoanRead(SQLModel):
    """A piece that a visitor has borrowed."""

    piece_id: int
    country: str
    borrower: int
    since: datetime | None = None
    fee: Decimal | None = None
    terms: Any = None
    material: Material | None = None


class Piece(Base, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    title: str = Field(sa_type=text())
    hidden: bool = False
    room_id: UUID | None = Field(default=None, foreign_key="room.id")
    copy_of_id: int | None = Field(
        default=None, foreign_key="piece.id", sa_type=big_integer()
    )
    number: int | None = None
    visits: int | None = Field(default=None, sa_type=sa.BigInteger)
    weight: float | None = None
    fragile: bool | None = None
    material: Material | None = None
    price: Decimal | None = Field(default=None, sa_type=exact_decimal(18, 4))
    insured: Decimal | None = Field(default=None, max_digits=10, decimal_places=2)
    facts: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    token: UUID | None = Field(default=None, unique=True)
    picture: bytes | None = None
    made_at: datetime | None = None
    local_at: datetime | None = Field(default=None, sa_type=sa.DateTime)
    day: date | None = None
    clock: time | None = None
    restored: timedelta | None = None

    room: Room | None = Relationship(back_populates="pieces")
    copy_of: Optional["Piece"] = Relationship(
        back_populates="copies", sa_relationship_kwargs={"remote_side": "Piece.id"}
    )
    copies: list["Piece"] = Relationship(back_populates="copy_of")
    labels: list["Label"] = Relationship(back_populates="piece")
    borrowers: list["Visitor"] = Relationship(
        back_populates="borrowed", link_model=Loan
    )


class VisitorRead(SQLModel):
    """Somebody; the key has two columns."""

    country: str
    number: int
    name: str | None = None


class Visitor(Base, table=True):
    country: str = Field(primary_key=True, sa_type=text(2))
    number: int = Field(primary_key=True)
    name: str | None = Field(default=None, sa_type=text())

    borrowed: list[Piece] = Relationship(back_populates="borrowers", link_model=Loan)
    labels: list["Label"] = Relationship(back_populates="writer")


class LabelRead(SQLModel):
    """A text beside a piece; readable where the piece is."""

    lang: str
    body: str
    stars: int | None = None


class Label(Base, table=True):
    """Its key isn't wholly visible: it has no global id."""

    number: int = Field(primary_key=True)
    lang: str = Field(sa_type=text(2))
    body: str = Field(sa_type=text())
    stars: int | None = None
    piece_id: int = Field(foreign_key="piece.id", sa_type=big_integer())
    writer_country: str | None = Field(default=None, sa_type=text(2))
    writer_number: int | None = None

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["writer_country", "writer_number"], ["visitor.country", "visitor.number"]
        ),
    )

    piece: Piece = Relationship(back_populates="labels")
    writer: Visitor | None = Relationship(back_populates="labels")


def shown(viewer: ViewerTerms, piece: Any) -> Any:
    if viewer.role == "curator":
        return True
    if viewer.anonymous:
        return ~piece.hidden
    return sa.or_(~piece.hidden, piece.number == viewer.claim("number"))


def open_loans(viewer: ViewerTerms, loan: Any) -> Any:
    if viewer.role == "curator":
        return True
    return sa.or_(~loan.secret, loan.borrower == viewer.claim("number"))


def not_from_abroad(viewer: ViewerTerms, visitor: Any) -> Any:
    return viewer.role == "curator" or visitor.country.in_(["AT", "JP"])


def shelf_mark(title: str, material: Material | None, number: int | None) -> str:
    """Title, material and number in one."""
    return f"{title}/{material.name if material else '-'}/{number}"


def century(made_at: datetime | None, day: date | None) -> int | None:
    """Of the making, or else of the day."""
    moment = made_at or day
    return moment.year // 100 if moment else None


def decades(local_at: datetime | None, restored: timedelta | None) -> list[Decimal]:
    """Some numbers."""
    years = [Decimal(local_at.year) / 10] if local_at else []
    return [*years, Decimal(restored.days)] if restored else years


def summary(
    facts: Any, price: Decimal | None, made_at: datetime | None
) -> dict[str, Any] | None:
    """JSON of several columns, or nothing."""
    return None if facts is None else {"facts": facts, "at": made_at, "p": str(price)}


def museum() -> Api:
    """An API of all these tables."""
    api = Api(scalars={dict[str, Any]: JSON_})
    api.add(Room, read=RoomRead, policy=Policy(read=everyone), order_by=("-opened",))
    api.add(
        Piece,
        read=PieceRead,
        policy=Policy(read=shown),
        order_by=("title",),
        computed=(shelf_mark, century, decades, summary),
    )
    api.add(Visitor, read=VisitorRead, policy=Policy(read=not_from_abroad))
    api.add(Loan, read=LoanRead, policy=Policy(read=open_loans))
    api.add(Label, read=LabelRead, policy=Policy(read=everyone, within="piece"))
    return api
