"""Who has the database lets people in again who have forgotten their password."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from gql_app.cli import app
from tests.publishing.accounts.conftest import PASSWORD, People, refused
from tests.publishing.rows import create_user

NEW_PASSWORD = "battery staple"
Invoke = Callable[..., Result]


@pytest.fixture
def set_password(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Invoke:
    """`gql-app password`, with what is typed when it asks."""
    monkeypatch.chdir(tmp_path)
    cheap = {"PASSWORD_KIBIBYTES": "8192", "PASSWORD_PASSES": "1"}

    def run(username: str, *typed: str) -> Result:
        return CliRunner().invoke(
            app,
            ["password", username],
            input="".join(f"{line}\n" for line in typed),
            env={"DATABASE_URL": migrated_url, **cheap},
        )

    return run


def test_new_password_is_the_only_way_in(people: People, set_password: Invoke) -> None:
    refresh = people.register()["tokens"]["refreshToken"]

    result = set_password("ada", NEW_PASSWORD, NEW_PASSWORD)

    assert result.exit_code == 0
    assert result.stdout.endswith("ada has a new password; all sign-ins are ended.\n")
    assert NEW_PASSWORD not in result.output
    assert refused(people.refresh(refresh)) == ("UNAUTHENTICATED", None)
    assert refused(people.login()) == ("UNAUTHENTICATED", None)
    assert people.login(password=NEW_PASSWORD)["errors"] == []


def test_account_without_a_password_gets_one(
    people: People, engine: Engine, set_password: Invoke
) -> None:
    create_user(engine, username="ines")

    set_password("ines", NEW_PASSWORD, NEW_PASSWORD)

    assert people.login("ines", NEW_PASSWORD)["errors"] == []


def test_unknown_account_is_one_line(set_password: Invoke) -> None:
    result = set_password("nobody", NEW_PASSWORD, NEW_PASSWORD)

    assert result.exit_code == 1
    assert result.stderr.endswith("There is no user 'nobody'.\n")


def test_short_password_changes_nothing(people: People, set_password: Invoke) -> None:
    people.register()

    result = set_password("ada", "short", "short")

    assert result.exit_code == 1
    assert result.stderr.endswith("A password has 10 to 128 characters.\n")
    assert people.login(password=PASSWORD)["errors"] == []
