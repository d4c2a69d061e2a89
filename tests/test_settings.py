"""Settings come from the environment and `.env`; wrong ones say what is wrong."""

from pathlib import Path

import pytest

from gql_app.commands.settings import settings_example
from gql_app.engine.limits import Limits
from gql_app.settings import Settings, SettingsError, load_settings

EXAMPLE = Path(__file__).parents[1] / ".env.example"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_defaults_are_a_sqlite_file_on_the_local_address() -> None:
    settings = load_settings()

    assert settings.database_url == "sqlite:///gql_app.sqlite3"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.limits == Limits()


def test_environment_wins_over_the_file(environment: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=1\nPAGE_MAX=50\nUNRELATED=x\n")
    environment.setenv("PORT", "9000")

    settings = load_settings()

    assert settings.port == 9000
    assert settings.limits == Limits(page_max=50)


def test_every_limit_has_a_setting(environment: pytest.MonkeyPatch) -> None:
    limits = {name: number for number, name in enumerate(Limits.__slots__, 30)}
    for name, value in limits.items():
        prefix = "" if name.startswith("page_") else "LIMIT_"
        environment.setenv(prefix + name.upper(), str(value))

    assert load_settings().limits == Limits(**limits)


def test_empty_value_means_the_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "")

    assert load_settings().port == 8000


def test_origins_are_separated_by_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CORS_ORIGINS", "https://a.example, https://b.example")

    assert load_settings().cors_origins == ("https://a.example", "https://b.example")


def test_each_wrong_value_has_its_line(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "abc")
    environment.setenv("LIMIT_DEPTH", "0")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    port, depth = str(caught.value).splitlines()
    assert port.startswith("PORT=abc: Input should be a valid integer")
    assert depth == "LIMIT_DEPTH=0: Input should be greater than 0"


def test_error_does_not_repeat_a_password(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "mysql://root:password@db/app")

    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*not mysql") as caught:
        load_settings()

    assert "password" not in str(caught.value)


@pytest.mark.parametrize("key", ["hunter2", "hunter2" * 10], ids=["short", "long"])
def test_key_of_another_length_is_refused_without_being_shown(
    environment: pytest.MonkeyPatch, key: str
) -> None:
    environment.setenv("CURSOR_KEY", key)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert str(caught.value) == "CURSOR_KEY: A key has 32 to 64 bytes"


def test_production_needs_a_key_of_its_own(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ENVIRONMENT", "production")

    with pytest.raises(SettingsError, match="CURSOR_KEY must be set in production"):
        load_settings()


def test_default_page_may_not_exceed_the_largest(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("PAGE_DEFAULT", "101")

    with pytest.raises(SettingsError, match="PAGE_DEFAULT is larger than PAGE_MAX"):
        load_settings()


def test_file_that_is_no_text_is_an_error() -> None:
    Path(".env").write_bytes(b"PORT=\xff")

    with pytest.raises(SettingsError, match=r"^\.env is not UTF-8"):
        load_settings()


def test_example_file_is_current() -> None:
    assert EXAMPLE.read_text() == settings_example(), "gql-app settings > .env.example"


def test_every_setting_is_described() -> None:
    undescribed = [
        name for name, field in Settings.model_fields.items() if not field.description
    ]

    assert undescribed == []
