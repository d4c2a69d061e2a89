"""Outside development, access tokens are signed with keys that nobody can guess."""

import secrets

import pytest

from gql_app.settings import DEVELOPMENT_KEY, Settings, SettingsError, load_settings

CURSOR_KEY = secrets.token_urlsafe(32)


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("CURSOR_KEY", CURSOR_KEY)
    return monkeypatch


def test_keys_are_separated_by_commas(production: pytest.MonkeyPatch) -> None:
    keys = [secrets.token_urlsafe(32), secrets.token_urlsafe(32)]
    production.setenv("SIGNING_KEYS", ", ".join(keys))

    settings = load_settings()

    assert [key.get_secret_value() for key in settings.signing_keys] == keys


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", "SIGNING_KEYS must be set in production"),
        ("hunter2", r"SIGNING_KEYS: .* 32 "),
        (f"{secrets.token_urlsafe(32)},hunter2", r"SIGNING_KEYS: .* 32 "),
        ("abcabcabc" * 8, "SIGNING_KEYS must be made by chance"),
        (DEVELOPMENT_KEY, "SIGNING_KEYS must be used for nothing else"),
        (CURSOR_KEY, "SIGNING_KEYS must be used for nothing else"),
    ],
    ids=["none", "short", "one short", "simple", "default", "of cursors"],
)
def test_weak_keys_are_refused_without_being_shown(
    production: pytest.MonkeyPatch, keys: str, message: str
) -> None:
    production.setenv("SIGNING_KEYS", keys)

    with pytest.raises(SettingsError, match=message) as caught:
        load_settings()

    assert not keys or keys not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_development_needs_none(production: pytest.MonkeyPatch) -> None:
    production.setenv("ENVIRONMENT", "development")

    assert load_settings().signing_keys == ()
