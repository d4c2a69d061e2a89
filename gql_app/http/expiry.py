"""Expiry: who asks is known for a time; what stays open must not outlive it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import inf
from time import time

from gql_app.engine.errors import UnauthenticatedError
from gql_app.engine.policy import Viewer
from gql_app.engine.responses import Request, Result
from gql_app.http.executing import Subscribe
from gql_app.http.operations import operation_of


class ExpiredError(UnauthenticatedError):
    """It is no longer known who asks."""

    def __init__(self) -> None:
        super().__init__("The authorization has expired.")


def until_expired(subscribe: Subscribe) -> Subscribe:
    """As `subscribe`, as long as the viewer is who it was.

    Then subscriptions end, and nothing begins: with ExpiredError. Queries and
    mutations that have begun are finished, as over plain HTTP.
    """

    async def results(
        request: Request, viewer: Viewer, request_id: str
    ) -> AsyncGenerator[Result, None]:
        _left(viewer)
        async with aclosing(subscribe(request, viewer, request_id)) as given:
            ends = viewer.expires < inf and _is_subscription(request)
            async with aclosing(_limited(given, viewer) if ends else given) as those:
                async for result in those:
                    yield result

    return results


async def _limited(
    results: AsyncGenerator[Result, None], viewer: Viewer
) -> AsyncGenerator[Result, None]:
    while True:
        left = _left(viewer)
        try:
            async with asyncio.timeout(left) as limit:
                result = await anext(results)
        except StopAsyncIteration:
            return
        except TimeoutError:
            if limit.expired():
                raise ExpiredError from None
            raise
        yield result


def _left(viewer: Viewer) -> float:
    """The seconds for which the viewer is known; ExpiredError if none."""
    left = viewer.expires - time()
    if left <= 0:
        raise ExpiredError
    return left


def _is_subscription(request: Request) -> bool:
    operation = operation_of(request.query, request.operation_name)
    return operation is not None and operation.kind == "subscription"
