"""The application: the publishing community's API, mounted on FastAPI."""

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import strawberry
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route

from gql_app import __version__, migrations
from gql_app.engine import Database, Executor, build_schema
from gql_app.http import ide
from gql_app.http.documents import Documents, RecentDocuments, TrustedDocuments
from gql_app.http.endpoint import GraphQLEndpoint, Options
from gql_app.http.probes import probe_routes
from gql_app.publishing import api
from gql_app.settings import Settings


def create_schema() -> strawberry.Schema:
    """The GraphQL schema of the publishing community."""
    return build_schema(api)


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


def create_app(settings: Settings) -> FastAPI:
    """The application, ready for an ASGI server; its lifespan closes the database."""
    database = Database(
        settings.database_url,
        pool_size=settings.pool_size,
        pool_timeout=settings.pool_seconds,
        prepare=settings.prepare,
    )
    executor = Executor(
        create_schema(),
        database,
        limits=settings.limits,
        cursor_key=settings.cursor_key.get_secret_value().encode(),
        plans=settings.plans,
        compared=settings.compare_plans,
    )

    async def check_ready() -> Sequence[str]:
        at_head = await database.run(migrations.at_head, database.engine)
        return () if at_head else ("the newest migration",)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # What start-up made stays: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        yield
        database.close()

    endpoint = GraphQLEndpoint(
        executor,
        options=endpoint_options(settings),
        ide=ide.page(),
    )
    app = FastAPI(
        title="gql_app",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,  # GraphQL describes itself
        routes=[
            Route("/graphql", endpoint, methods=None),
            Mount("/graphql/ide", ide.assets()),
            *probe_routes(check_ready),
        ],
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-request-id"],
            expose_headers=["etag", "retry-after", "x-request-id"],
        )
    return app
