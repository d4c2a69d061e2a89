"""A schema that nobody here made up, served with nothing but `api.add` lines."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import SQLModel

from gql_app.engine import Api, Database, Policy, everyone
from tests.engine.chinook import (
    TABLES,
    Album,
    Artist,
    Customer,
    Employee,
    Genre,
    Invoice,
    InvoiceLine,
    MediaType,
    Playlist,
    PlaylistTrack,
    Track,
)
from tests.engine.graph import Graph, fill

ROWS: dict[type[SQLModel], list[dict[str, Any]]] = {
    Artist: [{"artist_id": 1, "name": "AC/DC"}, {"artist_id": 2, "name": "Accept"}],
    Album: [
        {"album_id": 1, "title": "For Those About To Rock", "artist_id": 1},
        {"album_id": 2, "title": "Balls to the Wall", "artist_id": 2},
        {"album_id": 4, "title": "Let There Be Rock", "artist_id": 1},
    ],
    Employee: [
        {
            "employee_id": number,
            "last_name": last,
            "first_name": first,
            "reports_to": manager,
        }
        for number, last, first, manager in (
            (1, "Adams", "Andrew", None),
            (2, "Edwards", "Nancy", 1),
        )
    ],
    Customer: [
        {
            "customer_id": 1,
            "first_name": "Luís",
            "last_name": "Gonçalves",
            "country": "Brazil",
            "email": "luisg@example.org",
            "support_rep_id": 2,
        }
    ],
    Genre: [{"genre_id": 1, "name": "Rock"}],
    MediaType: [{"media_type_id": 1, "name": "MPEG audio file"}],
    Playlist: [
        {"playlist_id": 1, "name": "Music"},
        {"playlist_id": 2, "name": "Movies"},
    ],
    Track: [
        {
            "track_id": number,
            "name": f"Track {number}",
            "album_id": album,
            "media_type_id": 1,
            "genre_id": 1 if number < 4 else None,
            "milliseconds": 200_000 + number,
            "unit_price": Decimal("0.99"),
        }
        for number, album in enumerate((1, 1, 2, 4, 4, None), 1)
    ],
    PlaylistTrack: [{"playlist_id": 1, "track_id": number} for number in range(1, 5)],
    Invoice: [
        {
            "invoice_id": 1,
            "customer_id": 1,
            "invoice_date": datetime(2009, 1, 1, tzinfo=UTC),
            "total": Decimal("1.98"),
        }
    ],
    InvoiceLine: [
        {
            "invoice_line_id": number,
            "invoice_id": 1,
            "track_id": number,
            "unit_price": Decimal("0.99"),
            "quantity": 1,
        }
        for number in (2, 4)
    ],
}


@pytest.fixture
def chinook(own_database: Database) -> Graph:
    fill(own_database, ROWS)
    api = Api()
    for table in TABLES:
        api.add(table, read=table, policy=Policy(read=everyone))
    return Graph(api, own_database)


def test_albums_with_artist_and_tracks(chinook: Graph) -> None:
    data = chinook.execute(
        """{ albums(orderBy: [{artist: {name: DESC}}, {title: ASC}]) { totalCount nodes {
          title artist { name albumsCount: albums { totalCount } }
          tracks(first: 1, orderBy: [{milliseconds: DESC}]) { nodes {
            name unitPrice genre { name } playlists { nodes { name } } } } } } }"""
    )

    assert data["albums"]["totalCount"] == 3
    first = data["albums"]["nodes"][0]
    assert first["title"] == "Balls to the Wall"
    assert first["artist"] == {"name": "Accept", "albumsCount": {"totalCount": 1}}
    assert first["tracks"]["nodes"] == [
        {
            "name": "Track 3",
            "unitPrice": "0.99",
            "genre": {"name": "Rock"},
            "playlists": {"nodes": [{"name": "Music"}]},
        }
    ]


def test_customers_who_bought_of_an_artist(chinook: Graph) -> None:
    data = chinook.execute(
        """{ customers(where: {invoices: {some: {lines: {some: {track: {album: {artist:
          {name: {eq: "AC/DC"}}}}}}}}}) { nodes { firstName support { manager {
          lastName team { nodes { firstName } } } }
          invoices { nodes { invoiceDate total lines { nodes { quantity } } } } } } }"""
    )

    (customer,) = data["customers"]["nodes"]
    assert customer["support"]["manager"] == {
        "lastName": "Adams",
        "team": {"nodes": [{"firstName": "Nancy"}]},
    }
    assert customer["invoices"]["nodes"] == [
        {
            "invoiceDate": "2009-01-01T00:00:00Z",
            "total": "1.98",
            "lines": {"nodes": [{"quantity": 1}, {"quantity": 1}]},
        }
    ]


def test_every_table_has_a_list_and_a_look_up(chinook: Graph) -> None:
    lists = {
        "artists": 2,
        "albums": 3,
        "employees": 2,
        "customers": 1,
        "genres": 1,
        "mediaTypes": 1,
        "playlists": 2,
        "tracks": 6,
        "playlistTracks": 4,
        "invoices": 1,
        "invoiceLines": 2,
    }

    data = chinook.execute(
        "{ "
        + " ".join(f"{name} {{ totalCount nodes {{ id }} }}" for name in lists)
        + " }"
    )

    assert {name: data[name]["totalCount"] for name in lists} == lists
    for name in lists:
        first = data[name]["nodes"][0]["id"]
        found = chinook.execute(
            f"query ($id: ID!) {{ node(id: $id) {{ id }} {name[:-1]}(by: {{id: $id}})"
            " { id } }",
            id=first,
        )
        assert found == {"node": {"id": first}, name[:-1]: {"id": first}}
