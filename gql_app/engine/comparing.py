"""Comparing: some planned operations are answered field by field as well."""

import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from random import random
from typing import Any, NamedTuple

from gql_app.engine.errors import EngineError
from gql_app.engine.responses import Result

logger = logging.getLogger(__name__)


class Answers(NamedTuple):
    """One operation's two ways to an answer, to be called again."""

    ordinary: Callable[[], Awaitable[Result]]
    planned: Callable[[], Awaitable[Result | None]]


class Comparison:
    """Looks for plans that answer otherwise than the ordinary path.

    `counts` has the operations that were answered twice: with the same response, with
    different ones, or "undecided", where rows changed meanwhile or the database could
    not be asked again.
    """

    def __init__(self, share: float) -> None:
        self.counts: Counter[str] = Counter(same=0, different=0, undecided=0)
        self._share = share

    @property
    def due(self) -> bool:
        """Whether the next operation is to be compared; true for that share of them."""
        return self._share > 0 and random() < self._share

    async def check(
        self, title: str, document: str, first: Result, ways: Answers
    ) -> None:
        """Compare a plan's response; a difference is logged, without the data."""
        try:
            ordinary = await ways.ordinary()
            same = first.body == ordinary.body
            again = first if same else await ways.planned()
        except EngineError:
            again = None
        if again is None or again.body != first.body:
            self.counts["undecided"] += 1
        elif same:
            self.counts["same"] += 1
        else:
            self.counts["different"] += 1
            place = difference(first.body, ordinary.body)
            logger.error(
                "The plan of %s differs from the ordinary path %s:\n%s",
                title,
                place,
                document,
            )


def difference(one: bytes, other: bytes) -> str:
    """Where two responses differ first: "at data.posts.nodes.3.title"."""
    # Not by orjson: it reads back neither large integers nor unpaired surrogates.
    path = _difference(json.loads(one), json.loads(other), ())
    return "in form alone" if path is None else f"at {'.'.join(path) or 'the top'}"


def _difference(one: Any, other: Any, path: tuple[str, ...]) -> tuple[str, ...] | None:
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        one, other = dict(enumerate(one)), dict(enumerate(other))
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return None if one == other else path
    if list(one) != list(other):
        return path
    below = (_difference(one[key], other[key], (*path, str(key))) for key in one)
    return next((found for found in below if found is not None), None)
