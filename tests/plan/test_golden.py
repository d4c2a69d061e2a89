"""Golden operations: their statements, to the letter, on both databases.

With GQL_APP_UPDATE_GOLDEN=1 in the environment the files are written anew.
"""

import os
import re
from pathlib import Path

import pytest

from gql_app.engine import ANONYMOUS, Request
from tests.plan.both import Both

FOLDER = Path(__file__).parent / "golden"
OPERATIONS = sorted(path.stem for path in FOLDER.glob("*.graphql"))
UPDATING = bool(os.environ.get("GQL_APP_UPDATE_GOLDEN"))


@pytest.mark.parametrize("name", OPERATIONS)
def test_golden_operations_send_the_same_statements(
    publishing_graph: Both, name: str
) -> None:
    text = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    expected = int(re.findall(r"^# (\d+) statement", text)[0])

    publishing_graph.check(Request(text))

    for (planned, _), database in zip(
        publishing_graph.pairs, publishing_graph.databases, strict=True
    ):
        ran = publishing_graph.run(planned, Request(text), ANONYMOUS).statements
        found = "\n".join(f"-- {one.path}\n{_tidy(one.sql)};\n" for one in ran)
        file = FOLDER / f"{name}.{database.dialect.name}.sql"
        if UPDATING:
            file.write_text(found, encoding="utf-8")
        assert found == file.read_text(encoding="utf-8")
        assert len(ran) == expected


def _tidy(sql: str) -> str:
    """Without the blanks that SQLAlchemy leaves at line ends."""
    return "\n".join(line.strip() for line in sql.splitlines())
