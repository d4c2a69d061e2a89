"""Ids: what was deleted is never meant by the id of something new."""

from gql_app.engine import Viewer
from gql_app.testing import Client

EDITOR = Viewer("editor", {"id": 1})


def test_id_of_the_newest_row_is_not_used_again(client: Client) -> None:
    create = "mutation { createTag(input: {name: %s}) { tag { id } } }"
    first = client.field(create % '"one"', EDITOR)["tag"]["id"]
    client.field(f'mutation {{ deleteTag(id: "{first}") {{ deletedId }} }}', EDITOR)

    second = client.field(create % '"two"', EDITOR)["tag"]["id"]

    assert second != first
    assert client.field(f'{{ node(id: "{first}") {{ id }} }}') is None
