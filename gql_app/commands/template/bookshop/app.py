"""The application: the API on FastAPI, at /graphql."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from gql_app.engine import Database, Executor
from gql_app.http.application import graphql_routes
from gql_app.http.endpoint import Options

from bookshop.schema import schema
from bookshop.settings import Settings
from bookshop.viewers import viewer_by_token


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, ready for an ASGI server; its lifespan closes the database."""
    settings = settings or Settings()
    database = Database(settings.database_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(
        title="Bookshop",
        lifespan=lifespan,
        routes=graphql_routes(
            Executor(schema, database),
            viewer=viewer_by_token(settings.editor_token),
            options=Options(explain=settings.explain),
        ),
    )

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    return app
