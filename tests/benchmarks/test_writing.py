import json
from typing import Any

import pytest

from benchmarks.writing import Post


def answer(**changed: Any) -> bytes:
    post = {
        "id": "UG9zdDox",
        "slug": "post-17-by-user-18-about-t155-t18-t89",
        "title": "Post 17 by User 18 about t155, t18, t89",
        "createdAt": "2026-11-22T18:13:25.109187Z",
        "author": {"displayName": "User 18"},
        "tags": {"nodes": [{"name": name} for name in ("t155", "t18", "t89")]},
    }
    return json.dumps({"data": {"createPost": {"post": {**post, **changed}}}}).encode()


def test_post_read_back_as_written_is_an_answer() -> None:
    assert Post(17).is_answer(answer())


def test_post_with_the_tags_behind_their_links_is_an_answer() -> None:
    links = [{"tag": {"name": name}} for name in ("t155", "t18", "t89")]

    assert Post(17).is_answer(answer(tags={"nodes": links}))


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Post 18"},
        {"createdAt": None},
        {"author": {"displayName": "User 17"}},
        {"tags": {"nodes": [{"name": "t155"}, {"name": "t18"}]}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_post_read_back_otherwise_is_no_answer(changed: dict[str, Any]) -> None:
    assert not Post(17).is_answer(answer(**changed))


def test_post_that_failed_is_no_answer() -> None:
    assert not Post(17).is_answer(b'{"data":{"createPost":{"post":null}}}')
