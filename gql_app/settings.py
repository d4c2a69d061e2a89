"""What can be configured: by the environment, or a file `.env` in the working folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gql_app.engine.limits import Limits
from gql_app.setting_types import (
    BY_COMMAS,
    CursorKey,
    DatabaseUrl,
    LogLevel,
    Origin,
    SigningKey,
)

DEFAULTS = Limits()
DEVELOPMENT_KEY = "not a secret: for development alone"
# Their values may hold passwords, which an error message would carry into logs.
SECRET = ("database_url", "cursor_key", "signing_keys")
LEAST_DIFFERENT = 10  # characters: a key made by chance has far more


class SettingsError(Exception):
    """Settings are wrong; the message has one line for each problem."""


class Settings(BaseSettings):
    """Every setting, named in the environment as here, in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",  # .env is shared with other programs
        frozen=True,
        validate_default=True,
    )

    environment: Literal["development", "production"] = Field(
        "development",
        description="In production, logs are JSON, and CURSOR_KEY and SIGNING_KEYS must be set.",
    )
    database_url: DatabaseUrl = Field(
        "sqlite:///gql_app.sqlite3",
        description="postgresql://user:password@host/name, or sqlite:///path.",
    )
    pool_size: PositiveInt = Field(
        4, description="How many operations read at a time, each on a connection."
    )
    pool_seconds: PositiveFloat = Field(
        10, description="How long an operation waits for a connection."
    )
    prepare: bool = Field(
        True,
        description="Whether PostgreSQL keeps the plans of statements.",
    )
    host: str = Field("127.0.0.1", min_length=1, description="The address to serve on.")
    port: NonNegativeInt = Field(
        8000, le=65535, description="The port to serve on; 0 takes any free one."
    )
    shutdown_seconds: PositiveInt = Field(
        10, description="How long stopping waits for requests that still run."
    )
    drain_seconds: NonNegativeFloat = Field(
        0, description="How long stopping first goes on serving, with /ready at 503."
    )
    log_level: LogLevel = Field(
        "info", description="The least severe messages logged; operations are info."
    )
    slow_milliseconds: PositiveInt = Field(
        1000, description="Slower operations are logged as warnings, with their SQL."
    )
    metrics: bool = Field(
        False,
        description="Whether /metrics answers Prometheus, and whoever else can reach it.",
    )
    cursor_key: CursorKey = Field(
        SecretStr(DEVELOPMENT_KEY),
        description="Signs cursors: 32 to 64 bytes, the same on all servers.",
    )
    signing_keys: Annotated[tuple[SigningKey, ...], NoDecode, BY_COMMAS] = Field(
        (),
        description="Sign access tokens: 32 characters or more each, by commas, equal on "
        "all servers. The first signs, all are accepted, so a new key goes first. "
        "Without one, each start makes its own.",
    )
    access_seconds: PositiveInt = Field(
        600,
        le=86400,
        description="How long an access token lasts; changed roles take as long.",
    )
    sign_in_days: PositiveInt = Field(
        30, le=3650, description="How long a sign-in lasts at most."
    )
    password_kibibytes: PositiveInt = Field(
        65536, ge=8192, description="Memory that hashing a password takes (Argon2id)."
    )
    password_passes: PositiveInt = Field(
        3, le=100, description="Passes over that memory."
    )
    attempts_seconds: PositiveInt = Field(
        900, description="The time that attempts to sign in or up are counted for."
    )
    account_attempts: PositiveInt = Field(
        10,
        description="The most failing attempts in that time to sign in to an account.",
    )
    address_attempts: PositiveInt = Field(
        100, description="The most failing attempts in that time from one address."
    )
    address_registrations: PositiveInt = Field(
        20,
        description="The most new accounts and e-mail addresses in that time, by address.",
    )
    cors_origins: Annotated[tuple[Origin, ...], NoDecode, BY_COMMAS] = Field(
        (),
        description="Origins of other sites' pages that may use the API, by commas, such as "
        "https://app.example; * for all.",
    )
    body_bytes: PositiveInt = Field(1_000_000, description="The largest request body.")
    body_seconds: PositiveFloat = Field(
        15, description="How long a request's body may take to arrive."
    )
    socket_init_seconds: PositiveFloat = Field(
        10, description="How long a WebSocket may take to say who it is."
    )
    socket_operations: PositiveInt = Field(
        100, description="The most operations at a time on one WebSocket."
    )

    plans: bool = Field(
        True, description="Whether queries are compiled; without, each field resolves."
    )
    compare_plans: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="The share of compiled queries to check field by field, for the log.",
    )
    explain: bool | None = Field(
        None,
        description="Whether X-GraphQL-Explain is answered; by default in development.",
    )
    documents: Path | None = Field(
        None, description="A folder of trusted documents: .graphql files."
    )
    only_trusted_documents: bool = Field(
        False, description="Whether operations outside of that folder are refused."
    )
    draft_statuses: bool = Field(
        False, description="422 and 294 as in the draft of GraphQL over HTTP."
    )

    page_default: PositiveInt = Field(
        DEFAULTS.page_default, description="The page size if a client gives none."
    )
    page_max: PositiveInt = Field(
        DEFAULTS.page_max, description="The largest page size."
    )
    limit_document_bytes: PositiveInt = Field(
        DEFAULTS.document_bytes, description="The longest GraphQL document."
    )
    limit_tokens: PositiveInt = Field(
        DEFAULTS.tokens, description="The most lexical tokens in a document."
    )
    limit_depth: PositiveInt = Field(
        DEFAULTS.depth, description="How deep fields may be nested."
    )
    limit_aliases: NonNegativeInt = Field(
        DEFAULTS.aliases, description="The most aliases in an operation."
    )
    limit_root_fields: PositiveInt = Field(
        DEFAULTS.root_fields, description="The most fields at the top of an operation."
    )
    limit_estimated_rows: PositiveInt = Field(
        DEFAULTS.estimated_rows,
        description="The most rows that the nested page sizes may add up to.",
    )
    limit_filter_depth: PositiveInt = Field(
        DEFAULTS.filter_depth, description="How deep a filter may be nested."
    )
    limit_filter_branches: PositiveInt = Field(
        DEFAULTS.filter_branches, description="The most conditions in a filter."
    )
    limit_filter_list_size: PositiveInt = Field(
        DEFAULTS.filter_list_size, description="The longest list in a filter."
    )
    limit_statements: PositiveInt = Field(
        DEFAULTS.statements, description="The most SQL statements of an operation."
    )
    limit_rows: PositiveInt = Field(
        DEFAULTS.rows, description="The most rows that an operation may read."
    )
    limit_written_rows: PositiveInt = Field(
        DEFAULTS.written_rows, description="The most rows that a mutation may write."
    )
    limit_write_depth: PositiveInt = Field(
        DEFAULTS.write_depth, description="How deep a mutation's input may be nested."
    )
    limit_milliseconds: PositiveInt = Field(
        DEFAULTS.milliseconds, description="Database time that an operation may take."
    )
    limit_errors: PositiveInt = Field(
        DEFAULTS.errors, description="The most errors that a response reports."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if problems := "\n".join(self._problems()):
            raise ValueError(problems)
        return self

    def _problems(self) -> Iterator[str]:
        """What is wrong with settings beside each other."""
        if self.page_default > self.page_max:
            yield "PAGE_DEFAULT is larger than PAGE_MAX"
        if self.production:
            yield from self._key_problems()
        if self.only_trusted_documents and self.documents is None:
            yield "ONLY_TRUSTED_DOCUMENTS needs DOCUMENTS, a folder"

    def _key_problems(self) -> Iterator[str]:
        cursor_key = self.cursor_key.get_secret_value()
        keys = [key.get_secret_value() for key in self.signing_keys]
        if cursor_key == DEVELOPMENT_KEY:
            yield "CURSOR_KEY must be set in production"
        if not keys:
            yield "SIGNING_KEYS must be set in production"
        if any(len(set(key)) < LEAST_DIFFERENT for key in keys):
            yield "SIGNING_KEYS must be made by chance"
        if {cursor_key, DEVELOPMENT_KEY} & set(keys):
            yield "SIGNING_KEYS must be used for nothing else"

    @property
    def explains(self) -> bool:
        return not self.production if self.explain is None else self.explain

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def limits(self) -> Limits:
        """The engine's limits."""
        values = self.model_dump()
        names = {name: f"limit_{name}" for name in Limits.__dataclass_fields__}
        names |= {"page_default": "page_default", "page_max": "page_max"}
        return Limits(**{name: values[setting] for name, setting in names.items()})


def load_settings() -> Settings:
    """The settings of this process; raises SettingsError if any is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise SettingsError("\n".join(map(_line, problems))) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f".env is not UTF-8: {error}") from None


def _line(problem: ErrorDetails) -> str:
    """`PORT=abc: Input should be a valid integer`, without secrets."""
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    value = "" if name in SECRET else f"={problem['input']}"
    return f"{name.upper()}{value}: {message}"
