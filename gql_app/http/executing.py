"""What the transports ask of the engine: one result, or one after another."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, Protocol

from starlette.requests import Request as HTTPRequest

from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.engine.responses import Request, Result

FindViewer = Callable[[HTTPRequest], Awaitable[Viewer]]
"""Who asks; an EngineError refuses the request with the status of its code."""


async def anonymous(_request: HTTPRequest) -> Viewer:
    """No authentication: everybody is the anonymous viewer."""
    return ANONYMOUS


class Executes(Protocol):
    """What a transport asks of the engine's Executor."""

    async def execute(
        self,
        request: Request,
        viewer: Viewer = ...,
        request_id: str | None = None,
    ) -> Result: ...


class Subscribe(Protocol):
    """The results of an operation, for transports that can carry several: one for each
    event of a subscription, just one for a query or a mutation.

    A result that isn't `executed` is the only one. Closing the generator, or
    cancelling whoever waits for it, ends the subscription.
    """

    def __call__(
        self, request: Request, viewer: Viewer, request_id: str
    ) -> AsyncGenerator[Result, None]: ...


def one_result(executor: Executes) -> Subscribe:
    """Every operation as `executor` answers it: with one result."""

    async def results(
        request: Request, viewer: Viewer, request_id: str
    ) -> AsyncGenerator[Result, None]:
        yield await _to_the_end(executor.execute(request, viewer, request_id))

    return results


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """The result, unless nobody waits for it any more: what began is finished all the
    same, as over plain HTTP. Half a mutation helps nobody."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
