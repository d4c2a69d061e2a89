"""Probes: `/health` says that the process answers, `/ready` that it can serve."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

logger = logging.getLogger(__name__)

CheckReady = Callable[[], Awaitable[Sequence[str]]]
"""What is missing before requests can be served, in words fit for an orchestrator's
log; nothing when all is well."""

_NO_STORE = {"cache-control": "no-store"}


def probe_routes(check_ready: CheckReady, *, seconds: float = 5.0) -> list[Route]:
    """The two routes; a readiness check that takes longer than `seconds` has failed."""

    async def health(_request: Request) -> Response:
        return _answer(200, {"status": "alive"})

    async def ready(_request: Request) -> Response:
        missing = await _missing(check_ready, seconds)
        if missing:
            return _answer(503, {"status": "unavailable", "missing": missing})
        return _answer(200, {"status": "ready"})

    return [Route("/health", health), Route("/ready", ready)]


async def _missing(check_ready: CheckReady, seconds: float) -> list[str]:
    try:
        async with asyncio.timeout(seconds):
            return list(await check_ready())
    except TimeoutError:
        return [f"the readiness check took longer than {seconds} seconds"]
    except Exception:
        # The reason may name hosts and users: it is for the log, not for the caller.
        logger.exception("the readiness check failed")
        return ["the readiness check failed"]


def _answer(status: int, content: dict[str, object]) -> Response:
    return Response(
        orjson.dumps(content),
        status,
        headers=_NO_STORE,
        media_type="application/json",
    )
