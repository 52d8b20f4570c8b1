"""Tokens that prove that a form came from a page we gave to this very person; good for half a day of real time."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer

GOOD_FOR_SECONDS = 12 * 3600
FIELD = "csrf"
HEADER = "X-CSRF-Token"


def issue(secret: bytes, user: str) -> str:
    """A token for ``user``."""
    return str(_serializer(secret).dumps(user))


def holds(secret: bytes, user: str, token: str) -> bool:
    """Whether we issued ``token`` to ``user``, and not too long ago."""
    try:
        return bool(_serializer(secret).loads(token, max_age=GOOD_FOR_SECONDS) == user)
    except BadData:
        return False


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="gateway-csrf")
