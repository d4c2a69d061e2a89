"""Who asks: found out for each request."""

import secrets

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.engine.errors import UnauthenticatedError
from gql_app.http.executing import FindViewer
from pydantic import SecretStr
from starlette.requests import Request

from bookshop.api import EDITOR


def viewer_by_token(token: SecretStr | None) -> FindViewer:
    """Editors send the token; who sends nothing is anonymous, any other is refused."""
    expected = token and f"Bearer {token.get_secret_value()}".encode()

    async def find_viewer(request: Request) -> Viewer:
        given = request.headers.get("authorization")
        if given is None:
            return ANONYMOUS
        if not expected or not secrets.compare_digest(given.encode(), expected):
            raise UnauthenticatedError("This token is not known.")
        return Viewer(EDITOR)

    return find_viewer
