"""The application: the publishing community's API, mounted on FastAPI."""

import asyncio
import gc
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import strawberry
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import Mount, Route, WebSocketRoute

from gql_app import __version__, migrations
from gql_app.engine import Database, Executor, Viewer, build_schema
from gql_app.http import ide
from gql_app.http.application import Application
from gql_app.http.documents import Documents, RecentDocuments, TrustedDocuments
from gql_app.http.endpoint import GraphQLEndpoint, Options
from gql_app.http.executing import Executes, FindViewer, one_result
from gql_app.http.headers import header_of
from gql_app.http.probes import probe_routes
from gql_app.http.sockets import GraphQLSockets, SocketOptions
from gql_app.observability import traces
from gql_app.observability.logs import EventLog, log_operations
from gql_app.observability.metrics import Metrics
from gql_app.observability.observing import ObservedExecutor
from gql_app.publishing import api
from gql_app.publishing.accounts.accounts import Accounts, Rules
from gql_app.publishing.accounts.attempts import ADDRESS
from gql_app.publishing.accounts.operations import (
    account_mutations,
    account_queries,
    nowhere,
)
from gql_app.publishing.accounts.passwords import Passwords
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.idempotency_key import KEPT, keep_forgetting
from gql_app.publishing.operations import publishing_mutations
from gql_app.settings import Settings


def create_schema(accounts: Callable[[], Accounts] = nowhere) -> strawberry.Schema:
    """The GraphQL schema of the publishing community; `accounts` gives what people sign
    in to."""
    return build_schema(
        api,
        queries=[account_queries()],
        mutations=[account_mutations(accounts), publishing_mutations()],
    )


def create_passwords(settings: Settings) -> Passwords:
    """What hashes passwords, as the settings have it."""
    hasher = PasswordHasher(
        memory_cost=settings.password_kibibytes, time_cost=settings.password_passes
    )
    return Passwords(hasher)


def create_accounts(
    settings: Settings, database: Database
) -> tuple[Accounts, FindViewer]:
    """Accounts as the settings have them, and how to find out who asks."""
    keys = [key.get_secret_value() for key in settings.signing_keys]
    life = timedelta(seconds=settings.access_seconds)
    tokens = AccessTokens(keys or [secrets.token_urlsafe(32)], life)
    rules = Rules(
        sign_in=timedelta(days=settings.sign_in_days),
        period=timedelta(seconds=settings.attempts_seconds),
        account_attempts=settings.account_attempts,
        address_attempts=settings.address_attempts,
        registrations=settings.address_registrations,
    )

    async def find_viewer(request: Request) -> Viewer:
        client = request.scope.get("client")
        ADDRESS.set(client[0] if client else None)
        return tokens.viewer(header_of(request.scope, b"authorization"))

    accounts = Accounts(database, tokens, create_passwords(settings), rules)
    return accounts, find_viewer


def endpoint_options(settings: Settings) -> Options:
    """How the GraphQL endpoint treats requests.

    Raises ConfigurationError if the trusted documents can't be read.
    """
    trusted = None
    if settings.documents is not None:
        trusted = TrustedDocuments.from_directory(settings.documents)
    return Options(
        body_bytes=settings.body_bytes,
        body_seconds=settings.body_seconds,
        explain=settings.explains,
        draft_statuses=settings.draft_statuses,
        documents=Documents(
            trusted=trusted,
            recent=RecentDocuments(),
            only_trusted=settings.only_trusted_documents,
        ),
    )


def socket_options(settings: Settings, documents: Documents) -> SocketOptions:
    """How WebSockets are treated: with the same documents as other requests."""
    return SocketOptions(
        init_seconds=settings.socket_init_seconds,
        operations=settings.socket_operations,
        message_bytes=settings.body_bytes,
        origins=settings.cors_origins,
        documents=documents,
    )


def observe(
    executor: Executor, database: Database, settings: Settings, log: EventLog | None
) -> tuple[ObservedExecutor, Sequence[Route]]:
    """The executor with whoever is to be told of operations, and the routes of those."""
    observed = ObservedExecutor(executor)
    if log is not None:
        slow = settings.slow_milliseconds / 1000
        wants_all = log.least <= logging.INFO
        observed.tell(log_operations(log, slow), slower_than=0 if wants_all else slow)
    if not settings.metrics:
        return observed, ()
    metrics = Metrics(
        plans=lambda: executor.plan_counts,
        comparisons=lambda: executor.comparison_counts,
        running=lambda: observed.running,
        lanes={"read": database.reading, "write": database.writing},
    )
    observed.tell(metrics.observe)
    return observed, metrics.routes()


def create_executor(
    settings: Settings, database: Database, accounts: Accounts
) -> Executor:
    """What executes operations on the database."""
    return Executor(
        create_schema(lambda: accounts),
        database,
        limits=settings.limits,
        cursor_key=settings.cursor_key.get_secret_value().encode(),
        plans=settings.plans,
        compared=settings.compare_plans,
        kept=KEPT,
    )


def create_endpoints(
    settings: Settings, executor: Executes, find_viewer: FindViewer
) -> tuple[GraphQLEndpoint, GraphQLSockets]:
    """What answers requests, and what answers WebSockets."""
    options = endpoint_options(settings)
    endpoint = GraphQLEndpoint(
        executor, viewer=find_viewer, options=options, ide=ide.page(examples=True)
    )
    sockets = GraphQLSockets(
        one_result(executor),
        viewer=find_viewer,
        options=socket_options(settings, options.documents),
    )
    return endpoint, sockets


def allow_origins(app: Application, origins: Sequence[str]) -> None:
    """Let pages of other sites use the API, as browsers ask for it."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=[
            "authorization",
            "content-type",
            "idempotency-key",
            "x-request-id",
        ],
        expose_headers=["etag", "retry-after", "x-request-id"],
    )


def create_app(settings: Settings, log: EventLog | None = None) -> Application:
    """The application, ready for an ASGI server; its lifespan closes the database.

    `log` gets a line for each operation.
    """
    database = Database(
        settings.database_url,
        pool_size=settings.pool_size,
        pool_timeout=settings.pool_seconds,
        prepare=settings.prepare,
    )
    accounts, find_viewer = create_accounts(settings, database)
    executor = create_executor(settings, database, accounts)

    observed, metrics = observe(executor, database, settings, log)

    async def check_ready() -> Sequence[str]:
        if app.stopping:
            return ("the server is stopping",)
        at_head = await database.run(migrations.at_head, database.engine)
        return () if at_head else ("the newest migration",)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # What start-up made stays: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 10)
        if traces.is_configured():  # FastAPI itself may have done so just before
            app.traced = True
            observed.tell(traces.trace_operations(database.engine.dialect.name))
        forgetting = asyncio.create_task(keep_forgetting(database.engine))
        yield
        forgetting.cancel()
        accounts.close()
        database.close()

    endpoint, sockets = create_endpoints(settings, observed, find_viewer)
    app = Application(
        "/graphql",
        endpoint,
        title="gql_app",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,  # GraphQL describes itself
        routes=[
            Route("/graphql", endpoint, methods=None),
            WebSocketRoute("/graphql", sockets),
            Mount("/graphql/ide", ide.assets()),
            *probe_routes(check_ready),
            *metrics,
        ],
    )
    if settings.cors_origins:
        allow_origins(app, settings.cors_origins)
    return app
