"""What commits on its own is done once, however often its operation begins anew."""

import asyncio
from typing import Any

import strawberry

from gql_app.engine import Database, Executor, Request, build_schema
from gql_app.engine.errors import TransientError
from gql_app.engine.writing.context import WritingContext
from gql_app.engine.writing.writer import Writer
from tests.writing.magazine import magazine
from tests.writing.models import ADA


class Post:
    """Sends letters; the database is in trouble the first times it is used."""

    def __init__(self, troubles: int) -> None:
        self.sent = 0
        self.begun = 0
        self._troubles = troubles

    async def send(self) -> int:
        self.sent += 1
        return self.sent

    def note(self, _: Writer) -> None:
        self.begun += 1
        if self.begun <= self._troubles:
            raise TransientError("Others are in the way.")


def answer(post: Post, database: Database, query: str) -> bytes:
    async def resolve(info: strawberry.Info[WritingContext]) -> int:
        key = str(info.path.key)
        number = await info.context.once(key, post.send)
        await info.context.write(post.note)
        return number

    field: Any = strawberry.mutation(resolve, name="send", description="Send one.")
    mutation = strawberry.tools.create_type("Posting", [field])
    executor = Executor(build_schema(magazine(), mutations=[mutation]), database)
    return asyncio.run(executor.execute(Request(query), ADA)).body


def test_operation_that_begins_anew_does_not_repeat_it(database: Database) -> None:
    post = Post(troubles=3)

    body = answer(post, database, "mutation { send }")

    assert body == b'{"data":{"send":1}}'
    assert (post.sent, post.begun) == (1, 4)


def test_each_field_does_its_own(database: Database) -> None:
    post = Post(troubles=1)

    body = answer(post, database, "mutation { a: send b: send }")

    assert body == b'{"data":{"a":1,"b":2}}'


def test_another_operation_does_it_again(database: Database) -> None:
    post = Post(troubles=0)

    bodies = [answer(post, database, "mutation { send }") for _ in range(2)]

    assert bodies == [b'{"data":{"send":1}}', b'{"data":{"send":2}}']
