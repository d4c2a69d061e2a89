"""Results one after another, for the transports that can carry several."""

import asyncio
from collections.abc import AsyncGenerator

import orjson

from gql_app.engine.policy import Viewer
from gql_app.engine.responses import Request, Result
from gql_app.http.executing import one_result
from tests.http.small import SmallExecutor


class SmallStreams:
    """Answers `subscription { ticks }` with results until it is cancelled, and anything
    else as SmallExecutor does; `ended` says which requests' results were closed."""

    def __init__(self, *, most: int | None = None) -> None:
        self.executor = SmallExecutor()
        self.ended: list[str] = []
        self._most = most

    async def __call__(
        self, request: Request, viewer: Viewer, request_id: str
    ) -> AsyncGenerator[Result, None]:
        if not request.query.startswith("subscription"):
            async for result in one_result(self.executor)(request, viewer, request_id):
                yield result
            return
        ticks = 0
        try:
            while ticks != self._most:
                ticks += 1
                yield Result(orjson.dumps({"data": {"ticks": ticks}}), True)
                await asyncio.sleep(0.001)
        finally:
            self.ended.append(request_id)
