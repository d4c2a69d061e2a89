"""A process that writes letters with replies as fast as it can, until it is killed.

Each operation that is acknowledged is printed, after it is.
"""

import asyncio
import sys
from itertools import count

from gql_app.engine import Database
from tests.writing.desk import Desk, gid
from tests.writing.magazine import magazine
from tests.writing.models import ADA

QUERY = (
    "mutation($input: CreateLetterInput!) {"
    " createLetter(input: $input) { letter { subject } errors { message } } }"
)


async def write(desk: Desk, numbers: "count[int]") -> None:
    author = {"connect": gid("Author", 1)}
    while True:
        name = f"L{next(numbers)}"
        replies = [{"subject": f"{name}-{place}", "author": author} for place in "abc"]
        given = {"subject": name, "author": author, "replies": {"create": replies}}
        result = await desk.run(QUERY, ADA, input=given)
        if b'"errors":[]' in result.body:
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()


async def main(url: str) -> None:
    desk = Desk(magazine(), Database(url))
    numbers = count(1)
    await asyncio.gather(*(write(desk, numbers) for _ in range(4)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
