"""Users.xml -> accounts, each with its profile."""

import re
from typing import Any, NamedTuple

from gql_app.publishing.base import table_of
from gql_app.publishing.excerpts import TextFormat, plain_text
from gql_app.publishing.importers.stackexchange.batch import Batch
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.profile import Profile
from gql_app.publishing.slugs import Wish, slugify, unused_names
from gql_app.publishing.user import Role, User

_WEBSITE = re.compile(r"https?://[^\s/]+(?:/\S*)?")


class _Account(NamedTuple):
    source: str
    wish: Wish
    user: dict[str, Any]
    profile: dict[str, Any]


def write_users(batch: Batch) -> None:
    """The accounts, with unique names of their own; profiles for the new ones."""
    accounts = batch.keep(batch.rows, lambda row: _account(batch, row))
    known = batch.find(User, (account.source for account in accounts))
    new = [account for account in accounts if account.source not in known]
    wishes = [account.wish for account in new]
    names = unused_names(batch.connection, table_of(User).c.username, wishes)
    users = [
        {**account.user, "username": name, "source": account.source}
        for account, name in zip(new, names, strict=True)
    ]
    batch.insert(User, users, offered=len(accounts))
    ids = batch.find(User, (account.source for account in new), "id")
    profiles = [
        {**account.profile, "user_id": ids[account.source].id} for account in new
    ]
    batch.insert(Profile, profiles, key=("user_id",), offered=len(accounts))


def _account(batch: Batch, row: Row) -> _Account:
    number = row.number("Id")
    name, created = row.text("DisplayName", most=60), row.moment("CreationDate")
    user = {
        "display_name": name,
        "role": Role.AUTHOR,
        "reputation": batch.optional(row, "Reputation", Row.number) or 0,
        "created_at": created,
    }
    return _Account(
        batch.user_source(number), _wish(name, abs(number)), user, _profile(batch, row)
    )


def _wish(display_name: str, number: int) -> Wish:
    """The user name to try first; user-123 if there are no Latin letters to use."""
    name = slugify(display_name, longest=24)
    return Wish(name if len(name) > 1 else f"user-{number}", str(number))


def _profile(batch: Batch, row: Row) -> dict[str, Any]:
    about = row.get("AboutMe")
    bio = plain_text(about, TextFormat.HTML) if about else None
    website = row.get("WebsiteUrl")
    if website and not _WEBSITE.fullmatch(website):
        batch.keep_without("a WebsiteUrl that is no web address")
        website = None
    return {
        "bio": _fitting(batch, "AboutMe", bio, most=4000),
        "website": _fitting(batch, "WebsiteUrl", website, most=200),
        "location": _fitting(batch, "Location", row.get("Location"), most=100),
        "last_seen_at": batch.optional(row, "LastAccessDate", Row.moment),
        "view_count": batch.optional(row, "Views", Row.number) or 0,
    }


def _fitting(batch: Batch, name: str, value: str | None, most: int) -> str | None:
    if value and len(value) > most:
        batch.keep_without(f"its {name}, longer than {most} characters")
        return None
    return value or None
