"""PostgreSQL is restarted in the middle of reads and writes: the server goes on."""

import asyncio
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Database
from gql_app.testing.postgres import OPTIONS, PostgresServer, postgres_server
from tests.engine.graph import fill
from tests.writing import models as m
from tests.writing.desk import Desk, gid
from tests.writing.magazine import ROWS, magazine
from tests.writing.server import QUERY

READ = "{ letters(first: 5) { totalCount nodes { subject replies { totalCount } } } }"
CLEAN = {"UNAVAILABLE", "TIMEOUT"}
ENOUGH = 15


def letter(name: str) -> Any:
    """The input of a letter with three replies."""
    author = {"connect": gid("Author", 1)}
    replies = [{"subject": f"{name}-{place}", "author": author} for place in "abc"]
    return {"subject": name, "author": author, "replies": {"create": replies}}


@pytest.fixture
def restarted() -> Iterator[PostgresServer]:
    """A server that nobody else uses. What it acknowledges survives its end."""
    # No server that is given by its URL, whoever it belongs to, is to be restarted.
    with postgres_server("", f"{OPTIONS} -c synchronous_commit=on") as server:
        yield server


@pytest.fixture
def desk(restarted: PostgresServer) -> Iterator[Desk]:
    database = Database(restarted.url.render_as_string(hide_password=False))
    fill(database, ROWS)
    yield Desk(magazine(), database)
    database.close()


class Restart:
    """Ends the server and starts it again."""

    def __init__(self, database: Database) -> None:
        config = sa.table("pg_config", sa.column("name"), sa.column("setting"))
        programs = sa.select(config.c.setting).where(config.c.name == "BINDIR")
        data = sa.select(sa.func.current_setting("data_directory"))
        with database.engine.connect() as connection:
            self._program = Path(connection.execute(programs).scalar_one()) / "pg_ctl"
            self._data = str(connection.execute(data).scalar_one())

    def __call__(self, mode: str) -> None:
        as_root: dict[str, Any] = {"user": "nobody", "extra_groups": []}
        subprocess.run(
            [self._program, "restart", "-w", "-m", mode, "-D", self._data],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,  # the server would keep a pipe open
            stderr=subprocess.DEVNULL,
            **(as_root if os.geteuid() == 0 else {}),
        )


class Traffic:
    """Clients that read and write until they are told to stop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ended = False
        self.acknowledged: list[str] = []
        self.read = 0
        self.codes: Counter[str] = Counter()

    async def around(self, restart: Restart, mode: str) -> None:
        """Before, while and after the server is restarted."""
        self._ended = False
        clients = [asyncio.create_task(self._write(f"{mode}{n}")) for n in range(3)]
        clients += [asyncio.create_task(self._reads()) for _ in range(3)]
        await self._progress(clients)
        await asyncio.to_thread(restart, mode)
        await self._progress(clients)
        self._ended = True
        await asyncio.gather(*clients)

    async def _progress(self, clients: list[asyncio.Task[None]]) -> None:
        """Until enough has been read and written from now on."""
        written, read = len(self.acknowledged) + ENOUGH, self.read + ENOUGH
        async with asyncio.timeout(30):
            while len(self.acknowledged) < written or self.read < read:
                ended, _ = await asyncio.wait(clients, timeout=0.01)
                for client in ended:
                    client.result()  # it can only have failed

    async def _write(self, client: str) -> None:
        number = 0
        while not self._ended:
            number += 1
            name = f"{client}x{number}"
            result = await self._desk.run(QUERY, m.ADA, input=letter(name))
            answer = json.loads(result.body)
            payload = (answer.get("data") or {}).get("createLetter") or {}
            if payload.get("letter"):
                self.acknowledged.append(name)
            else:
                self._refused(answer, payload.get("errors", ()))

    async def _reads(self) -> None:
        while not self._ended:
            answer = json.loads((await self._desk.run(READ)).body)
            if "errors" in answer:
                self._refused(answer, ())
            else:
                self.read += 1

    def _refused(self, answer: Any, typed: Any) -> None:
        errors = answer.get("errors", ())
        codes = [error["extensions"]["code"] for error in errors]
        codes += [error["code"] for error in typed]
        assert codes, answer
        self.codes.update(codes)


def test_reads_and_writes_go_on_after_a_restart(desk: Desk) -> None:
    restart, traffic = Restart(desk.database), Traffic(desk)

    for mode in ("fast", "immediate"):
        asyncio.run(traffic.around(restart, mode))

    subjects = [subject for (subject,) in desk.rows(m.Letter, "subject")]
    letters = Counter(subject.partition("-")[0] for subject in subjects)
    logged = len(desk.rows(m.Log))
    assert set(traffic.acknowledged) <= letters.keys()
    assert set(letters.values()) == {4}
    assert logged == len(subjects)
    assert traffic.codes.keys() <= CLEAN
