"""Who may do what: every row, field, mutation and input field of the API."""

from typing import Any

import pytest
from gql_app.engine import ANONYMOUS, Viewer
from gql_app.testing import Client, Permissions, global_id

from bookshop.api import EDITOR

SHELLEY = global_id("Author", 2)  # who has no books
ONE = {"id": {"eq": SHELLEY}}
AUTHOR: dict[str, Any] = {"name": "Anne Brontë"}
BOOK: dict[str, Any] = {
    "title": "Agnes Grey",
    "pages": 253,
    "published": True,
    "authorId": global_id("Author", 1),
}

PERMISSIONS = Permissions(
    viewers={"anonymous": ANONYMOUS, "editor": Viewer(EDITOR)},
    attempts={
        "createAuthor": {"input": AUTHOR},
        "createAuthors": {"inputs": [AUTHOR]},
        "createBook": {"input": BOOK},
        "createBooks": {"inputs": [BOOK]},
        "updateAuthor": {"id": SHELLEY, "input": AUTHOR},
        "updateAuthors": {"where": ONE, "set": AUTHOR, "atMost": 1},
        "updateBook": {"id": global_id("Book", 1), "input": BOOK},
        "updateBooks": {"where": {}, "set": BOOK, "atMost": 2},
        "upsertAuthor": {"input": AUTHOR, "onConflict": "NAME"},
        "deleteAuthor": {"id": SHELLEY},
        "deleteAuthors": {"where": ONE, "atMost": 1},
        "deleteBook": {"id": global_id("Book", 1)},
        "deleteBooks": {"where": {}, "atMost": 2},
    },
)
EVERYBODY = "anonymous editor"
WRITING = """
createAuthor createAuthors upsertAuthor
createBook createBook.pages createBook.published createBooks
updateAuthor.name updateAuthors.name
updateBook.authorId updateBook.pages updateBook.published updateBook.title
updateBooks.authorId updateBooks.pages updateBooks.published updateBooks.title
deleteAuthor deleteAuthors deleteBook deleteBooks
"""
EXPECTED = {
    "Author 1": EVERYBODY,
    "Author 2": EVERYBODY,
    "Author.*": EVERYBODY,
    "Book 1": EVERYBODY,
    "Book 2": "editor",
    "Book.*": EVERYBODY,
    **dict.fromkeys(WRITING.split(), "editor"),
}


@pytest.mark.usefixtures("books")
def test_everybody_may_do_what_is_expected(gql: Client) -> None:
    PERMISSIONS.check(gql, EXPECTED)
