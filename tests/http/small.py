"""A small executor and its application: graphql-core on a schema of six fields."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from gql_app.engine.errors import EngineError, ErrorCode
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.engine.responses import Request, Result
from gql_app.http.endpoint import GraphQLEndpoint, Options

SCHEMA = build_schema(
    """
    type Query {
      hello(name: String = "world"): String!
      add(left: Int!, right: Int!): Int!
      role: String!
      requestId: String
      failing: String
      forbidden: String
    }
    type Mutation { count: Int! }
    """
)


JSON = {"content-type": "application/json"}
RESPONSE = {**JSON, "accept": "application/graphql-response+json"}


class SmallExecutor:
    """Answers the fields of SCHEMA; `requests` has everything that it was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.count = 0
        self.before: Callable[[], Awaitable[None]] | None = None

    async def execute(
        self,
        request: Request,
        viewer: Viewer = ANONYMOUS,
        request_id: str | None = None,
    ) -> Result:
        self.requests.append(request)
        if self.before:
            await self.before()
        try:
            document = prepared(request)
        except RefusalError as refusal:
            return refusal.result
        result = execute(
            SCHEMA,
            document,
            self.root(viewer, request_id),
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        assert isinstance(result, ExecutionResult)
        return answered(result)

    def root(self, viewer: Viewer, request_id: str | None) -> dict[str, Any]:
        def count(_info: Any) -> int:
            self.count += 1
            return self.count

        def failing(_info: Any) -> str:
            raise LookupError("secret")

        def forbidden(_info: Any) -> str:
            raise GraphQLError("no", extensions={"code": ErrorCode.FORBIDDEN.value})

        return {
            "hello": lambda _info, name: f"Hello, {name}!",
            "add": lambda _info, left, right: left + right,
            "role": viewer.role,
            "requestId": request_id,
            "failing": failing,
            "forbidden": forbidden,
            "count": count,
        }


class RefusalError(Exception):
    def __init__(self, message: str, code: ErrorCode) -> None:
        error = {"message": message, "extensions": {"code": code.value}}
        self.result = Result(orjson.dumps({"errors": [error]}), False, (code.value,))


def prepared(request: Request) -> DocumentNode:
    try:
        document = parse(request.query, max_lexical_tokens=1_000)
    except GraphQLError as error:
        raise RefusalError(error.message, ErrorCode.GRAPHQL_PARSE_FAILED) from error
    for invalid in validate(SCHEMA, document):
        raise RefusalError(invalid.message, ErrorCode.GRAPHQL_VALIDATION_FAILED)
    operation = get_operation_ast(document, request.operation_name)
    if operation is None:
        raise RefusalError("Which operation?", ErrorCode.BAD_REQUEST)
    if request.read_only and operation.operation is not OperationType.QUERY:
        raise RefusalError("GET is for queries.", ErrorCode.BAD_REQUEST)
    return document


def answered(result: ExecutionResult) -> Result:
    errors = result.errors or []
    if result.data is None and errors and not errors[0].path:
        return RefusalError(errors[0].message, ErrorCode.BAD_USER_INPUT).result
    response: dict[str, Any] = {"data": result.data}
    codes = [(error.extensions or {}).get("code", "UNKNOWN") for error in errors]
    if errors:
        response["errors"] = [error.formatted for error in errors]
    return Result(orjson.dumps(response), True, tuple(map(str, codes)))


async def viewer_by_header(request: Any) -> Viewer:
    """The viewer that a test asks for: a role, or the error that the role names."""
    role: str = request.headers.get("x-role", "anonymous")
    if role == "broken":
        raise LookupError("secret")
    for error in EngineError.__subclasses__():
        if error.__name__ == role:
            raise error("Not you.")
    return Viewer(role)


def application(
    executor: SmallExecutor | None = None,
    *,
    ide: ASGIApp | None = None,
    options: Options | None = None,
) -> Starlette:
    endpoint = GraphQLEndpoint(
        executor or SmallExecutor(), viewer=viewer_by_header, options=options, ide=ide
    )
    return Starlette(routes=[Route("/graphql", endpoint)])


def client(
    executor: SmallExecutor | None = None,
    *,
    ide: ASGIApp | None = None,
    options: Options | None = None,
) -> TestClient:
    return TestClient(application(executor, ide=ide, options=options))


def refusal(response: Any) -> tuple[int, str, str]:
    """Status, code and message of a response that must be a well-formed refusal."""
    assert response.headers["content-type"].endswith("json; charset=utf-8")
    assert response.headers["cache-control"] == "no-store"
    body = orjson.loads(response.content)
    assert body.keys() == {"errors"}
    (error,) = body["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


def post_scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers],
    }


def chunk(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def run_asgi(
    app: ASGIApp, scope: dict[str, Any], messages: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What an application sends to one request, whose messages may be of any kind.

    After the last message nothing more arrives, as from a client that has stalled.
    """
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        if messages:
            return messages.pop(0)
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(_call(app, scope, receive, send))
    return sent


async def _call(app: ASGIApp, scope: Any, receive: Any, send: Any) -> None:
    await app(scope, receive, send)
