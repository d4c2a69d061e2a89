"""The page that answers browsers at the GraphQL endpoint, and that page's files."""

from pathlib import Path
from urllib.parse import quote

from anyio import to_thread
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

BUNDLE = Path(__file__).parents[1] / "_ide"  # made by ide/build.py
PLAIN = Path(__file__).parent / "plain"  # serves as long as there is no bundle

# Monaco writes its colour theme into style elements: hence 'unsafe-inline' there,
# and for styles alone. Everything else comes from this server, as files.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
# Not left to the machine's own table, which may call JavaScript text/plain.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
HASHED = "public, max-age=31536000, immutable"


def page(bundle: Path = BUNDLE, *, examples: bool = False) -> ASGIApp:
    """GraphiQL, or our plain page while there is no bundle, at any path.

    The page sends its operations to the path it was served from, and expects
    `assets` to be mounted at `ide` below that path. With `examples`, a first visit opens
    operations on the publishing community.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        html = await to_thread.run_sync(_html, bundle)
        # Relative to the page, so that a proxy may serve us below any prefix.
        endpoint = quote(scope["path"].rpartition("/")[2], safe="")
        files = f"./{endpoint}/ide" if endpoint else "./ide"
        html = html.replace("{ide}", files)
        html = html.replace("{examples}", "shown" if examples else "")
        response = HTMLResponse(html, headers=PAGE_HEADERS)
        await response(scope, receive, send)

    return app


def _html(bundle: Path) -> str:
    try:
        return (bundle / "index.html").read_text("utf-8")
    except FileNotFoundError:
        return (PLAIN / "index.html").read_text("utf-8")


def assets(bundle: Path = BUNDLE) -> ASGIApp:
    """The files of both pages; the bundle may appear or change while we run."""
    return GZipMiddleware(_Assets(bundle), compresslevel=6)


class _Assets(StaticFiles):
    def __init__(self, bundle: Path) -> None:
        super().__init__(directory=PLAIN / "assets")
        self.all_directories = [bundle / "assets", PLAIN / "assets"]

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        file = Path(path)
        # Only the bundler's names carry a hash of their content: app-KC6PVSW2.js
        is_plain = (PLAIN / "assets" / file.name).is_file()
        response.headers["Cache-Control"] = "no-cache" if is_plain else HASHED
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.status_code == 200 and file.suffix in MEDIA_TYPES:
            response.headers["Content-Type"] = MEDIA_TYPES[file.suffix]
        return response
