"""The table of statuses is complete, and says what intermediaries rely on."""

import pytest

from gql_app.engine.errors import ErrorCode
from gql_app.http.media_types import MediaType
from gql_app.http.status import HEADERS, STATUSES, RefusedError, status_of

ACTED_UPON = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMITED": 429,
    "INTERNAL_SERVER_ERROR": 500,
    "UNAVAILABLE": 503,
    "TIMEOUT": 504,
}


def test_every_code_has_a_status() -> None:
    assert STATUSES.keys() == set(ErrorCode)


@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("media_type", MediaType)
@pytest.mark.parametrize(("code", "status"), ACTED_UPON.items())
def test_status_that_intermediaries_act_upon_is_the_same_everywhere(
    code: str, status: int, media_type: MediaType, draft: bool
) -> None:
    assert (
        status_of((code,), executed=False, media_type=media_type, draft=draft) == status
    )


def test_first_error_decides() -> None:
    codes = ("UNAVAILABLE", "BAD_USER_INPUT")

    found = status_of(
        codes, executed=False, media_type=MediaType.GRAPHQL_RESPONSE, draft=False
    )

    assert found == 503


def test_code_of_an_application_is_a_bad_request() -> None:
    found = status_of(
        ("MY_OWN",),
        executed=False,
        media_type=MediaType.GRAPHQL_RESPONSE,
        draft=False,
    )

    assert found == 400


def test_refusals_have_a_code_and_their_headers() -> None:
    statuses = {error.status for error in RefusedError.__subclasses__()}

    assert statuses == {200, 403, 404, 405, 406, 408, 413, 415}
    assert HEADERS.keys() - statuses == {401, 503}
