"""The page and its files over HTTP: policy, caching, media types, wrong addresses."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.ide.endpoint import Endpoint

SCRIPT = "app-ABCD2345.js"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle by its looks: what the bundler writes, without its weight."""
    bundle = tmp_path / "bundle"
    (bundle / "assets").mkdir(parents=True)
    (bundle / "index.html").write_text(f'<script src="{{ide}}/{SCRIPT}"></script>')
    (bundle / "assets" / SCRIPT).write_text("export const answer = 42;\n" * 50)
    return bundle


@pytest.fixture
def client(bundle: Path) -> TestClient:
    return TestClient(Endpoint(bundle).app())


def test_page_comes_with_a_strict_policy(client: TestClient) -> None:
    response = client.get("/graphql")

    policy = response.headers["content-security-policy"]
    directives = dict(each.split(" ", 1) for each in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "http" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize("path", ["/graphql", "/api/v2/gql", "/a%22b"])
def test_page_finds_its_files_at_any_path(bundle: Path, path: str) -> None:
    client = TestClient(Endpoint(bundle).app(path.replace("%22", '"')))

    html = client.get(path).text

    reference = re.search('src="(.*?)"', html)
    assert reference
    assert client.get(f"{path.rpartition('/')[0]}/{reference[1]}").status_code == 200


def test_hashed_file_is_kept_for_ever(client: TestClient) -> None:
    response = client.get(f"/graphql/ide/{SCRIPT}")

    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_plain_file_is_asked_for_again(client: TestClient) -> None:
    first = client.get("/graphql/ide/plain.js")

    again = client.get(
        "/graphql/ide/plain.js", headers={"If-None-Match": first.headers["etag"]}
    )

    assert first.headers["cache-control"] == "no-cache"
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["missing.js", "", "../index.html", "..%2findex.html", "%00", "a/b.js"]
)
def test_nothing_but_the_files_is_served(client: TestClient, path: str) -> None:
    response = client.get(f"/graphql/ide/{path}")

    assert response.status_code == 404


def test_bundle_is_served_as_soon_as_it_is_there(bundle: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    client = TestClient(Endpoint(later).app())
    plain = client.get("/graphql").text

    bundle.rename(later)

    assert "plain.js" in plain
    assert SCRIPT in client.get("/graphql").text
    assert client.get(f"/graphql/ide/{SCRIPT}").status_code == 200
