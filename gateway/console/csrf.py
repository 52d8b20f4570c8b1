"""Tokens that prove that a form came from a page we gave to this very person; good for half a day.

A token is ``issued.signature``: the signature covers the time of issue and the user, with the secret of the server.
"""

from __future__ import annotations

import hashlib
import hmac
import time

GOOD_FOR_SECONDS = 12 * 3600
FIELD = "csrf"
HEADER = "X-CSRF-Token"


def issue(secret: bytes, user: str, *, now: float | None = None) -> str:
    """A token for ``user``. ``now`` is real time in seconds: a token ages while a demo's clock stands still."""
    issued = f"{int(time.time() if now is None else now):x}"
    return f"{issued}.{_signature(secret, user, issued)}"


def holds(secret: bytes, user: str, token: str, *, now: float | None = None) -> bool:
    """Whether we issued ``token`` to ``user``, and not too long ago."""
    issued, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, user, issued).encode()):
        return False
    age = (time.time() if now is None else now) - int(issued, 16)
    return -60 <= age <= GOOD_FOR_SECONDS


def _signature(secret: bytes, user: str, issued: str) -> str:
    return hmac.new(secret, f"gateway-csrf\0{user}\0{issued}".encode(), hashlib.sha256).hexdigest()
