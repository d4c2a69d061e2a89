"""What can be configured: by the environment, or a file `.env`."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, named in the environment as here, in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    database_url: str = "sqlite:///bookshop.sqlite3"
    """postgresql://user:password@host/name, or sqlite:///path."""
    editor_token: SecretStr | None = None
    """What editors send as `Authorization: Bearer ...`; without one, nobody writes."""
    explain: bool = False
    """Whether GraphiQL may show plans and SQL: for development."""
