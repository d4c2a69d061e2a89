"""Imports a Stack Exchange data dump: the XML files of one site, as published.

    questions               posts (closed ones archived), with their tags
    answers                 top-level comments; the accepted one is pinned
    comments                on questions top-level comments, on answers replies
    tags, tag wikis         tags with descriptions
    users                   accounts that can't sign in, with profiles
    favourites, post links  bookmarks, post links

Each row written remembers its `source`, so that a second run finds it there. Files are
checked as a whole before the first row is written; then they are streamed in batches,
each a transaction that leaves the database consistent. An import that was stopped is
completed by running it again.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from gql_app.publishing.base import table_of
from gql_app.publishing.importers.stackexchange.accounts import write_users
from gql_app.publishing.importers.stackexchange.batch import Batch
from gql_app.publishing.importers.stackexchange.comments import (
    write_answers,
    write_comments,
)
from gql_app.publishing.importers.stackexchange.dump import UNUSED, Dump
from gql_app.publishing.importers.stackexchange.errors import StackExchangeError
from gql_app.publishing.importers.stackexchange.links import (
    write_bookmarks,
    write_post_links,
)
from gql_app.publishing.importers.stackexchange.posts import (
    drop_other_kinds,
    write_pins,
    write_questions,
)
from gql_app.publishing.importers.stackexchange.report import Report
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.importers.stackexchange.tags import Tags
from gql_app.publishing.post import Post

__all__ = ["Progress", "Report", "StackExchangeError", "import_dump"]

_BATCH = 500


class Progress(Protocol):
    """Told of every batch: what is being written, rows done and rows in all."""

    def __call__(self, step: str, done: int, total: int) -> None: ...


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def import_dump(
    engine: sa.Engine,
    directory: Path,
    *,
    site: str | None = None,
    progress: Progress = silent,
) -> Report:
    """Write what a dump holds into the migrated database of `engine`.

    site: the host name that tells the rows of one site from another's; by default the
    name of the directory.
    Raises StackExchangeError, with the database untouched, for a directory that is no
    dump or a file that can't be read.
    """
    dump = Dump(directory, site)
    totals = dump.check()
    if not sa.inspect(engine).has_table(table_of(Post).name):
        raise StackExchangeError("The database has no tables yet: migrate it first.")
    report = Report(dump.site)
    for name in UNUSED:
        if totals.get(name):
            report.dropped[name, "there is no place for these"] += totals[name]
    for step, file, writers in _steps():
        done = 0
        for rows in _batches(dump.rows(file)):
            with engine.begin() as connection:
                batch = Batch(connection, dump.site, file, rows, report)
                for write in writers:
                    write(batch)
            done += len(rows)
            progress(step, done, totals[file])
    return report


_Writers = Iterable[Callable[[Batch], None]]


def _steps() -> Iterator[tuple[str, str, _Writers]]:
    """What is written, from which file and how; each step needs those before it."""
    tags = Tags()
    yield "Users", "Users", [write_users]
    yield "Tags", "Tags", [tags.write]
    posts = [write_questions, tags.write_excerpts, drop_other_kinds]
    yield "Questions", "Posts", posts
    yield "Answers", "Posts", [write_answers, tags.write_wikis]
    yield "Comments", "Comments", [write_comments]
    yield "Accepted answers", "Posts", [write_pins]
    yield "Bookmarks", "Votes", [write_bookmarks]
    yield "Links", "PostLinks", [write_post_links]


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
