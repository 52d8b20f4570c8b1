"""The schema's last word on who may act: a role that was taken since the page was opened, told as the desk tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gateway.errors import Forbidden


@contextmanager
def by_role(where: str, refusal: str, action: str) -> Iterator[None]:
    """Raises Forbidden ``act-not-allowed`` where the schema refuses by its rule ``refusal``; other errors stay."""
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name != refusal:
            raise
        raise Forbidden(
            error.diag.message_primary or "not allowed",
            code="act-not-allowed",
            where=where,
            action=action,
            case="taken",
        ) from error
