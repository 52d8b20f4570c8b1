"""Whose server certificates are believed."""

from __future__ import annotations

import ssl
from pathlib import Path

from adapters.wire.http import tls_context
from gateway.errors import ConfigurationError


def server_authorities(certs: Path, environment: str) -> ssl.SSLContext | None:
    """Whose server certificates are believed: the development PKI's, or (in production) the system's authorities.

    Raises ConfigurationError (``tls-files-unusable``).
    """
    if environment == "production":
        return None
    context = tls_context(certs / "root.crt")
    try:
        # The development servers show their leaf alone: what signed it must be known here.
        context.load_verify_locations(certs / "intermediate.crt")
    except (OSError, ssl.SSLError) as error:
        message = "the intermediate CA of the development PKI cannot be read"
        raise ConfigurationError(message, code="tls-files-unusable", where=str(certs / "intermediate.crt")) from error
    return context
