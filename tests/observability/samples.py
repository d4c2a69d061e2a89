"""Observations as an executor would have them told."""

from gql_app.engine.reading import Execution
from gql_app.engine.responses import Result
from gql_app.observability.observing import Described, Observation, outcome_of

STARTED = 1000.0
STATEMENT = Execution(
    "SELECT id FROM post", 0.125, 20, {"secret": 1}, "posts", started=STARTED + 0.05
)


def observation(
    name: str = "Feed", *codes: str, seconds: float = 0.2, executed: bool = True
) -> Observation:
    result = Result(b"{}", executed, codes, (STATEMENT,))
    described = Described("query", name, "0" * 64)
    return Observation(
        described, outcome_of(result), STARTED, seconds, 20, 0.125, result, "request-1"
    )
