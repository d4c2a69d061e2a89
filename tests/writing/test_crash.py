"""A server that dies in the middle of writing leaves no half of anything."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from gql_app.engine import Database
from tests.writing import models as m
from tests.writing.desk import Desk

ROOT = Path(__file__).parents[2]
ENOUGH = 60


def test_a_killed_server_keeps_what_it_has_acknowledged(
    desk: Desk, database: Database, database_url: str
) -> None:
    command = [sys.executable, "-m", "tests.writing.server", database_url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        acknowledged = {server.stdout.readline().strip() for _ in range(ENOUGH)}
        server.kill()
        acknowledged |= {line.strip() for line in server.stdout if line.endswith("\n")}

    subjects = [subject for (subject,) in desk.rows(m.Letter, "subject")]
    letters = Counter(subject.partition("-")[0] for subject in subjects)
    logged = len(desk.rows(m.Log))
    assert acknowledged <= letters.keys()
    assert set(letters.values()) == {4}
    assert logged == len(subjects)
