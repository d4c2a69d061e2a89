"""The Chinook music shop, a well-known sample database, as a stranger would write it."""

from datetime import datetime
from decimal import Decimal
from typing import Optional

from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel


class Chinook(SQLModel, registry=registry()):
    """The tables' common base."""


class Artist(Chinook, table=True):
    artist_id: int | None = Field(default=None, primary_key=True)
    name: str | None = Field(default=None, max_length=120)

    albums: list["Album"] = Relationship(back_populates="artist")


class Album(Chinook, table=True):
    album_id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=160)
    artist_id: int = Field(foreign_key="artist.artist_id", index=True)

    artist: Artist = Relationship(back_populates="albums")
    tracks: list["Track"] = Relationship(back_populates="album")


class Employee(Chinook, table=True):
    employee_id: int | None = Field(default=None, primary_key=True)
    last_name: str = Field(max_length=20)
    first_name: str = Field(max_length=20)
    title: str | None = Field(default=None, max_length=30)
    reports_to: int | None = Field(default=None, foreign_key="employee.employee_id")
    birth_date: datetime | None = None
    hire_date: datetime | None = None
    email: str | None = Field(default=None, max_length=60)

    manager: Optional["Employee"] = Relationship(
        back_populates="team",
        sa_relationship_kwargs={"remote_side": "Employee.employee_id"},
    )
    team: list["Employee"] = Relationship(back_populates="manager")
    customers: list["Customer"] = Relationship(back_populates="support")


class Customer(Chinook, table=True):
    customer_id: int | None = Field(default=None, primary_key=True)
    first_name: str = Field(max_length=40)
    last_name: str = Field(max_length=20)
    country: str | None = Field(default=None, max_length=40)
    email: str = Field(max_length=60)
    support_rep_id: int | None = Field(
        default=None, foreign_key="employee.employee_id", index=True
    )

    support: Employee | None = Relationship(back_populates="customers")
    invoices: list["Invoice"] = Relationship(back_populates="customer")


class Genre(Chinook, table=True):
    genre_id: int | None = Field(default=None, primary_key=True)
    name: str | None = Field(default=None, max_length=120)

    tracks: list["Track"] = Relationship(back_populates="genre")


class MediaType(Chinook, table=True):
    __tablename__ = "media_type"

    media_type_id: int | None = Field(default=None, primary_key=True)
    name: str | None = Field(default=None, max_length=120)

    tracks: list["Track"] = Relationship(back_populates="media_type")


class PlaylistTrack(Chinook, table=True):
    __tablename__ = "playlist_track"

    playlist_id: int = Field(primary_key=True, foreign_key="playlist.playlist_id")
    track_id: int = Field(primary_key=True, foreign_key="track.track_id", index=True)


class Playlist(Chinook, table=True):
    playlist_id: int | None = Field(default=None, primary_key=True)
    name: str | None = Field(default=None, max_length=120)

    tracks: list["Track"] = Relationship(
        back_populates="playlists", link_model=PlaylistTrack
    )


class Track(Chinook, table=True):
    track_id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    album_id: int | None = Field(default=None, foreign_key="album.album_id", index=True)
    media_type_id: int = Field(foreign_key="media_type.media_type_id", index=True)
    genre_id: int | None = Field(default=None, foreign_key="genre.genre_id", index=True)
    composer: str | None = Field(default=None, max_length=220)
    milliseconds: int
    bytes: int | None = None
    unit_price: Decimal = Field(max_digits=10, decimal_places=2)

    album: Album | None = Relationship(back_populates="tracks")
    genre: Genre | None = Relationship(back_populates="tracks")
    media_type: MediaType = Relationship(back_populates="tracks")
    playlists: list[Playlist] = Relationship(
        back_populates="tracks", link_model=PlaylistTrack
    )
    invoice_lines: list["InvoiceLine"] = Relationship(back_populates="track")


class Invoice(Chinook, table=True):
    invoice_id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.customer_id", index=True)
    invoice_date: datetime
    billing_country: str | None = Field(default=None, max_length=40)
    total: Decimal = Field(max_digits=10, decimal_places=2)

    customer: Customer = Relationship(back_populates="invoices")
    lines: list["InvoiceLine"] = Relationship(back_populates="invoice")


class InvoiceLine(Chinook, table=True):
    __tablename__ = "invoice_line"

    invoice_line_id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.invoice_id", index=True)
    track_id: int = Field(foreign_key="track.track_id", index=True)
    unit_price: Decimal = Field(max_digits=10, decimal_places=2)
    quantity: int

    invoice: Invoice = Relationship(back_populates="lines")
    track: Track = Relationship(back_populates="invoice_lines")


TABLES: tuple[type[SQLModel], ...] = (
    *(Artist, Album, Employee, Customer, Genre, MediaType, Playlist, Track),
    *(PlaylistTrack, Invoice, InvoiceLine),
)
