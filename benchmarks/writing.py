"""The workload that writes: posts with tags by many authors, each read back."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from benchmarks import dataset, load
from benchmarks.dataset import POSTS, TAGS, USERS
from benchmarks.load import Exchange
from benchmarks.postgres import BenchmarkError, Postgres
from benchmarks.systems import System
from benchmarks.workloads import Workload, operation, plain

BODY = "What a post is about takes a sentence or two. " * 6
WRITTEN = """
    SELECT json_build_array(count(*), count(*) FILTER (WHERE as_titled))
    FROM (
        SELECT body = %(body)s AND author_id = author.id AND title LIKE concat(
            'Post %% by ', display_name, ' about ',
            string_agg(tag.name, ', ' ORDER BY tag.name COLLATE "C")
        ) AS as_titled
        FROM post
        LEFT JOIN "user" AS author ON author.id = author_id
        LEFT JOIN post_tag ON post_id = post.id
        LEFT JOIN tag ON tag.id = tag_id
        WHERE post.id > %(last)s
        GROUP BY post.id, author.id
    ) AS new
"""
"""The new posts, and those of them whose author and tags are those in the title."""


@dataclass(frozen=True)
class Posting(Workload):
    """Each request writes another post with three tags. Its author is signed in, or
    told to those `trusting` schemas that believe it.

    The answers are checked one by one, and the rows in the database after each run.
    """

    trusting: Sequence[str] = ()

    def operation(self, schema: str) -> str:
        return operation(schema, "mutation")

    def exchanges(self, system: System, postgres: Postgres) -> Iterator[Exchange]:
        text = self.operation(system.schema)
        exchanges = (self._exchange(system, text, number) for number in count(1))
        first = next(exchanges)
        body = load.ask(system.url, first.request)
        if not first.is_right(body):
            raise BenchmarkError(f"{self.name}: a wrong answer\n{body[:2000]!r}")
        self.settle(1, postgres)
        return exchanges

    def _exchange(self, system: System, text: str, number: int) -> Exchange:
        post, told = Post(number), system.schema in self.trusting
        variables = {**post.variables, "author": post.author if told else None}
        payload = {"query": text, "variables": variables}
        request = system.request(payload, None if told else post.author)
        return Exchange(request, post.is_answer)

    def settle(self, answers: int, postgres: Postgres) -> None:
        """Raises BenchmarkError unless that many posts were written, all of them as
        asked; then removes them."""
        found = postgres.value(WRITTEN, {"body": BODY, "last": POSTS})
        if found != [answers, answers]:
            raise BenchmarkError(
                f"{self.name}: {answers} answers; {found[0]} posts in the database, "
                f"{found[1]} of them as asked"
            )
        dataset.remove_new_posts(postgres.connection)


class Post:
    """A post that is to be written; its number decides who writes what."""

    def __init__(self, number: int) -> None:
        self.author = number % USERS + 1
        name = f"User {self.author}"
        tags = sorted(f"t{(number + step) % TAGS + 1}" for step in (0, 71, 137))
        title = f"Post {number} by {name} about {', '.join(tags)}"
        named = dict(zip("abc", tags, strict=True))
        self.variables = {"title": title, "body": BODY, **named}
        self._answer = {
            "title": title,
            "author": {"displayName": name},
            "tags": {"nodes": [{"name": tag} for tag in tags]},
        }

    def is_answer(self, body: bytes) -> bool:
        match plain(json.loads(body)):
            case {
                "data": {
                    "createPost": {
                        "post": {"slug": str(), "createdAt": datetime(), **rest}
                    }
                }
            }:
                return rest == self._answer
        return False


POSTING = Posting("mutation")
WRITING = (POSTING, Posting("trusted", trusting=["postgraphile"]))
