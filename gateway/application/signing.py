"""Signing with a personal key in a file: what a token's own tool does, for the demo and the command line."""

from __future__ import annotations

from pathlib import Path

from gateway.reports.personal_signature import sign_as


def sign_file(content: bytes, office: str, key: Path) -> bytes:
    """The minutes signed with ``key``, whose certificate lies beside it as ``.crt``, the CA's two folders above it.

    Raises ConfigurationError ``certificate-unusable``, Malformed ``certificate-unreadable``.
    """
    intermediate = key.parent.parent / "intermediate.crt"
    chain = (intermediate,) if intermediate.exists() else ()
    return sign_as(content, office, key=key, certificate=key.with_suffix(".crt"), chain=chain)
