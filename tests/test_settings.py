"""Settings come from the environment and `.env`; wrong ones say what is wrong."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from gql_app.commands.settings import settings_example
from gql_app.engine.limits import Limits
from gql_app.settings import Settings, SettingsError, load_settings

EXAMPLE = Path(__file__).parents[1] / ".env.example"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting, in a folder where a test may write some."""
    monkeypatch.chdir(tmp_path)
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


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "https://a.example", "http://localhost:3000", "http://127.0.0.1:8080"),
        *("http://[::1]:5173", "https://xn--mnchen-3ya.example"),
        *("capacitor://localhost", "moz-extension://0a1b-2c"),
    ],
)
def test_origin_is_what_browsers_send(
    environment: pytest.MonkeyPatch, origin: str
) -> None:
    environment.setenv("CORS_ORIGINS", origin)

    assert load_settings().cors_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        *("a.example", "https://a.example/", "https://a.example/app", "https://"),
        *("https://A.example", "https://a.example:443", "http://a.example:80"),
        *("https://*.example", "https://user@a.example", "https://münchen.example"),
        *("https://a.example:https", "https://a.example https://b.example", "null"),
    ],
)
def test_origin_that_no_browser_sends_is_an_error(
    environment: pytest.MonkeyPatch, origin: str
) -> None:
    environment.setenv("CORS_ORIGINS", f"https://b.example,{origin}")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert str(caught.value) == (
        f"CORS_ORIGINS={origin}: Origins are * or as browsers send them: "
        "https://app.example, http://localhost:3000"
    )


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


def test_everything_that_production_lacks_has_its_line(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv("ONLY_TRUSTED_DOCUMENTS", "true")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert str(caught.value).splitlines() == [
        "CURSOR_KEY must be set in production",
        "SIGNING_KEYS must be set in production",
        "ONLY_TRUSTED_DOCUMENTS needs DOCUMENTS, a folder",
    ]


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


@pytest.mark.parametrize(
    ("production", "explain", "explains"),
    [
        *((False, None, True), (False, True, True), (False, False, False)),
        *((True, None, False), (True, True, True), (True, False, False)),
    ],
)
def test_explaining_is_for_development_unless_it_is_set(
    production: bool, explain: bool | None, explains: bool
) -> None:
    settings = Settings(
        environment="production" if production else "development",
        explain=explain,
        cursor_key=SecretStr("x" * 32),
        signing_keys=(SecretStr("0123456789" * 4),),
    )

    assert settings.explains is explains
