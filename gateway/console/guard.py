"""What stands before every route: security headers on each answer, no unsafe method from a foreign origin.

And nothing that a visitor typed is left for a log: people search for names, and an address is logged as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
TYPED = frozenset({"q", "text"})
"""Parameters of addresses that hold what a visitor typed; the others hold codes, dates and numbers of ours."""


class Headed:
    """ASGI middleware that adds ``HEADERS``; pages hold money and names, so no cache keeps them.

    Airflow's access log reads the query of the same scope after the answer: it finds none, and logs the page alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, send_headed)
        finally:
            scope["query_string"] = b""


def is_foreign(method: str, headers: Headers) -> bool:
    """Whether an unsafe request says that it was made by a page of another origin."""
    if method in SAFE_METHODS:
        return False
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def without_typed(query: str) -> str:
    """A query without what a visitor typed into it."""
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in TYPED])
