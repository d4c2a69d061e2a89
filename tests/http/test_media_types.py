"""What is JSON, and which media type a response gets."""

import pytest

from gql_app.http.media_types import MediaType, is_json, negotiate, prefers_html

RESPONSE, JSON = MediaType.GRAPHQL_RESPONSE, MediaType.JSON
BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        (b"*/*", JSON),
        (b"application/*", JSON),
        (b"application/json", JSON),
        (b"application/graphql-response+json", RESPONSE),
        (b"application/json, application/graphql-response+json", RESPONSE),
        (b"application/graphql-response+json, application/json;q=0.9", RESPONSE),
        (b"application/graphql-response+json;q=0.5, application/json", JSON),
        (b"application/graphql-response+json;q=0.9, */*;q=0.1", RESPONSE),
        (b"application/graphql-response+json;q=0.9, */*", JSON),
        (b"application/graphql-response+json, */*", RESPONSE),
        (b"application/json;q=0, */*", RESPONSE),
        (b"application/json;q=0, application/graphql-response+json;q=0", None),
        (b"*/*;q=0", None),
        (b"Application/JSON ; Q=0.3 ; charset=utf-8", JSON),
        (b"application/json; charset=utf-8; q=0.3, text/plain", JSON),
        (b"multipart/mixed, application/json", JSON),
        (BROWSER, JSON),
        (b"text/html", None),
        (b"application/jsonx", None),
        (b"application", None),
        (b"", None),
        (b",;,;q=", None),
        (b"application/json;q=nan", None),
        (b"application/json;q=5", None),
        (b"\xff\xfe/json", None),
    ],
)
def test_negotiate_takes_the_best_that_the_client_accepts(
    accept: bytes | None, media_type: MediaType | None
) -> None:
    assert negotiate(accept) is media_type


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        (b"text/html", True),
        (b"text/html, application/json;q=0.9", True),
        (b"text/html;q=0.9, application/json", False),
        (b"text/html, application/json", False),
        (b"text/html;q=0", False),
        (b"text/*", False),
        (b"*/*", False),
        (None, False),
    ],
)
def test_only_who_names_html_and_likes_it_best_gets_a_page(
    accept: bytes | None, page: bool
) -> None:
    assert prefers_html(accept) is page


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b'Application/JSON;charset="UTF-8"',
        b"application/json ; charset=utf8",
        b"application/json; profile=x",
    ],
)
def test_json_in_utf8_is_json(content_type: bytes) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        b"",
        b"application/jsonx",
        b"application/json+x",
        b"application/x-json",
        b"application/graphql",
        b"application/graphql-response+json",
        b"application/json; charset=utf-16",
        b"application/json; charset=iso-8859-1",
        b"application/json, application/json",
        b"text/plain",
        b"text/plain; application/json",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"\xff",
    ],
)
def test_nothing_else_is_json(content_type: bytes) -> None:
    assert not is_json(content_type)
