"""The partners' own recipes for authentication codes (domain.md 2.1, 2.2, 2.3, 4).

Each takes the fields already in the order, and in the spelling, of the partner's message.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

from gateway.errors import Untrusted
from gateway.security.secret import Secret


def ma_xac_thuc(fields: Sequence[str], secret: Secret) -> str:
    """``MaXacThuc`` of the Payment Platform 1.0.6: lower-hex SHA-256 of the ``|``-joined fields, the secret last.

    It is no HMAC; the recipe is the platform's (domain.md 2.2).
    """
    return hashlib.sha256("|".join(fields).encode() + b"|" + secret.value).hexdigest()


def check_sum(fields: Sequence[str], key: Secret) -> str:
    """``check_sum`` of the KeyPay generation: hex HMAC-SHA256 of the ``|``-joined fields (domain.md 2.1)."""
    return hmac.new(key.value, "|".join(fields).encode(), hashlib.sha256).hexdigest()


def check_sum_sha1(fields: Sequence[str], key: Secret) -> str:
    """``check_sum`` of ViettelPay: hex HMAC-SHA1 of the fields simply put together (domain.md 2.3).

    SHA-1 is the partner's choice; inside HMAC it is not broken, and nothing else here uses it.
    """
    return hmac.new(key.value, "".join(fields).encode(), hashlib.sha1).hexdigest()


def secure_hash(parameters: Mapping[str, str], key: Secret) -> str:
    """Hex HMAC-SHA512 of the form-encoded query, sorted by name, empty values left out (VNPAY family)."""
    query = "&".join(
        f"{quote_plus(name)}={quote_plus(value)}" for name, value in sorted(parameters.items()) if value != ""
    )
    return hmac.new(key.value, query.encode(), hashlib.sha512).hexdigest()


def equal(a: str, b: str) -> bool:
    """Whether two authentication codes are the same, hex in any case, in constant time."""
    return hmac.compare_digest(a.strip().lower().encode(), b.strip().lower().encode())


def require_equal(received: str, expected: str, *, where: str) -> None:
    """Raises Untrusted ``wrong-signature`` where the received code is not the expected one."""
    if not equal(received, expected):
        raise Untrusted(
            "the authentication code does not fit the fields",
            code="wrong-signature",
            where=where,
            action="ask the partner whether the shared secret was changed",
        )
