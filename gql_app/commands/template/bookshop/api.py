"""The API: which tables it serves, and who may do what with their rows."""

from gql_app.engine import Api, Policy, ViewerTerms, everyone
from sqlalchemy import ColumnElement

from bookshop.models import (
    Author,
    AuthorCreate,
    AuthorRead,
    AuthorUpdate,
    Book,
    BookCreate,
    BookRead,
    BookUpdate,
)

EDITOR = "editor"


def editors(viewer: ViewerTerms, _row: object) -> bool:
    """Any row, for editors alone."""
    return viewer.role == EDITOR


def readable(viewer: ViewerTerms, book: Book) -> ColumnElement[bool] | bool:
    """What is published, and for editors the rest as well."""
    return viewer.role == EDITOR or book.published


api = Api()
api.add(
    Author,
    read=AuthorRead,
    create=AuthorCreate,
    update=AuthorUpdate,
    policy=Policy(read=everyone, create=editors, update=editors, delete=editors),
    order_by=("name",),
)
api.add(
    Book,
    read=BookRead,
    create=BookCreate,
    update=BookUpdate,
    policy=Policy(read=readable, create=editors, update=editors, delete=editors),
    order_by=("title",),
)
