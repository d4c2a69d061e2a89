"""Directories that are no dumps: a clear error, and nothing written."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from gql_app.engine.database import Database
from gql_app.publishing.importers.stackexchange import StackExchangeError, import_dump
from gql_app.publishing.user import User
from tests.publishing.importers.dump import write_dump
from tests.publishing.rows import count_rows

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
BOMB = f"""{HEAD}
<!DOCTYPE votes [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<votes><row Id="1" PostId="&b;" VoteTypeId="2" /></votes>"""


def test_a_directory_that_is_not_there_is_named(
    engine: sa.Engine, tmp_path: Path
) -> None:
    with pytest.raises(StackExchangeError, match=r"nowhere is not a directory"):
        import_dump(engine, tmp_path / "nowhere")


def test_a_file_is_not_a_directory(engine: sa.Engine, tmp_path: Path) -> None:
    dump = write_dump(tmp_path)

    with pytest.raises(StackExchangeError, match=r"is not a directory"):
        import_dump(engine, dump / "Users.xml", site="tea")


def test_a_directory_with_other_things_is_no_dump(
    engine: sa.Engine, tmp_path: Path
) -> None:
    (tmp_path / "Users.xml").touch()

    with pytest.raises(StackExchangeError, match=r"has no Tags\.xml, Posts\.xml, "):
        import_dump(engine, tmp_path, site="tea")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "line 1: no element found"),
        (f'{HEAD}\n<votes>\n<row Id="1" ', "line 3: unclosed token"),
        (f'{HEAD}\n<votes>\n<row Id="1" />', "line 3: no element found"),
        (f"{HEAD}\n<votes>\n<row Id=1 /></votes>", "line 3: not well-formed"),
        (f'{HEAD}\n<votes><row A="&#0;" /></votes>', "line 2: reference to invalid"),
        (f"{HEAD}\n<posts></posts>", "line 2: <posts> instead of <votes>"),
        (f"{HEAD}\n<votes><vote /></votes>", "line 2: <vote> instead of <row>"),
        (BOMB, "line 2: a document type"),
        ("PK\x03\x04", "line 1: not well-formed"),
    ],
)
def test_a_broken_file_leaves_the_database_alone(
    engine: sa.Engine, tmp_path: Path, content: str, reason: str
) -> None:
    dump = write_dump(tmp_path)
    (dump / "Votes.xml").write_text(content, encoding="utf-8")

    with pytest.raises(StackExchangeError, match=r"Votes\.xml, line") as caught:
        import_dump(engine, dump)

    assert reason in str(caught.value)
    assert count_rows(engine, User) == 0


def test_text_in_another_encoding_is_broken(engine: sa.Engine, tmp_path: Path) -> None:
    dump = write_dump(tmp_path)
    (dump / "Tags.xml").write_bytes(b'<tags><row TagName="caf\xe9" /></tags>')

    with pytest.raises(StackExchangeError, match=r"Tags\.xml, line 1: not well-formed"):
        import_dump(engine, dump)


@pytest.mark.parametrize("site", ["beer & wine", "-", "a..b", "a/b"])
def test_a_strange_name_for_a_site_is_refused(
    engine: sa.Engine, tmp_path: Path, site: str
) -> None:
    with pytest.raises(StackExchangeError, match=r"--site"):
        import_dump(engine, write_dump(tmp_path), site=site)


def test_a_database_without_tables_has_to_be_migrated(
    database_url: str, tmp_path: Path
) -> None:
    database = Database(database_url)

    with pytest.raises(StackExchangeError, match=r"migrate"):
        import_dump(database.engine, write_dump(tmp_path))

    database.close()
