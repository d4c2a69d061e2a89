"""The clients of docs/http.md against the live server: what they read is all there is."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from gql_app.cli import app
from tests.clients.tools import (
    LOCK,
    RELAY,
    TYPESCRIPT,
    NoNodeError,
    ToolError,
    Tools,
    tools,
)

SHOWN = "http://127.0.0.1:8000/graphql"
EVERYTHING = """
query {
  posts(first: 100, orderBy: { createdAt: DESC }) {
    nodes { id comments(first: 100) { nodes { id } } }
  }
}
"""


def everything(address: str) -> list[list[Any]]:
    """The id of each post with those of its comments, on a page each."""
    answer = httpx2.post(address, json={"query": EVERYTHING}).json()
    return [
        [post["id"], [comment["id"] for comment in post["comments"]["nodes"]]]
        for post in answer["data"]["posts"]["nodes"]
    ]


def walk(tools: Tools, project: Path, client: str, address: str) -> Any:
    """What the client's program prints, with the address in place of the one shown."""
    program = (project / client / "src" / "walk.js").read_text()
    assert SHOWN in program
    script = project / f"{client}.mjs"
    script.write_text(program.replace(SHOWN, address))
    return json.loads(tools.run(script, cwd=project))


def check_types(tools: Tools, project: Path) -> None:
    tools.run(TYPESCRIPT, cwd=project)


def test_generated_types_pass_the_strict_compiler(
    installed: Tools, project: Path
) -> None:
    check_types(installed, project)


def test_compiler_refuses_a_field_that_was_not_selected(
    installed: Tools, project: Path
) -> None:
    wrong = project / "typed" / "src" / "wrong.ts"
    wrong.write_text(
        "import type { FeedQuery } from './gql/graphql'\n"
        "export const page = (feed: FeedQuery) => feed.posts.totalCount\n"
    )

    with pytest.raises(ToolError, match="'totalCount' does not exist") as refused:
        check_types(installed, project)

    wrong.unlink()
    assert str(refused.value).count("error TS") == 1


def test_apollo_and_urql_walk_everything_and_write(
    installed: Tools, project: Path, address: str
) -> None:
    expected = everything(address)

    seen = walk(installed, project, "typed", address)

    assert len(expected) > 3 * 7  # pages
    assert seen["apollo"] == expected
    assert seen["urql"] == [post for post, _ in expected]
    assert seen["written"]["bookmarksAdded"] == 1
    assert seen["written"]["errors"] == [
        {
            "__typename": "ValidationError",
            "code": "BAD_USER_INPUT",
            "message": "A password has 10 to 128 characters.",
            "path": ["input", "password"],
        }
    ]


def test_relay_walks_everything(installed: Tools, project: Path, address: str) -> None:
    expected = everything(address)

    seen = walk(installed, project, "relay", address)

    assert any(len(comments) > 2 for _, comments in expected)  # more than a page
    assert seen == expected


def test_manifests_of_both_compilers_are_trusted(
    installed: Tools, project: Path, tmp_path: Path
) -> None:
    relay = tmp_path / "relay"
    shutil.copytree(project / "relay", relay)
    config = json.loads((relay / "relay.config.json").read_text())
    config["persistConfig"] = {"file": "persisted.json", "algorithm": "SHA256"}
    (relay / "persisting.json").write_text(json.dumps(config))
    (relay / "persisted.json").write_text("{}")  # the compiler wants it to be there
    installed.run(RELAY, "persisting.json", cwd=relay)

    of_codegen = trust(project / "typed" / "src" / "gql" / "persisted-documents.json")
    of_relay = trust(relay / "persisted.json")

    assert of_codegen == ["Bookmark", "Bookmarks", "Comments", "Feed", "Register"]
    assert of_relay == ["FeedPostsQuery", "FeedQuery", "PostCommentsQuery"]


def trust(manifest: Path) -> list[str]:
    """Trust the operations of a manifest; their names."""
    folder = str(manifest.with_name("trusted"))
    ran = CliRunner().invoke(app, ["documents", "add", str(manifest), "--to", folder])
    assert ran.exit_code == 0, ran.output
    return list(json.loads(ran.stdout).values())


def test_missing_node_is_told_with_what_to_do(
    installed: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE", str(installed.modules / "nowhere" / "node"))

    with pytest.raises(NoNodeError, match=r"NODE=/path/to/node \(.*No such file"):
        tools()


def test_lock_names_versions_and_checksums_but_no_host() -> None:
    lock = json.loads(LOCK.read_text("utf-8"))

    packages = [entry for path, entry in lock["packages"].items() if path]

    assert all(each["integrity"].startswith("sha512-") for each in packages)
    assert not any("resolved" in each for each in packages)
