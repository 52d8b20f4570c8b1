"""What the schema says of something that a person records: known already, not by this person, or not right."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from gateway.errors import Conflict, Forbidden, GatewayError, Malformed


@dataclass(frozen=True, slots=True)
class Words:
    """A reason code, what to do about it, and what is wrong where the schema does not say it itself."""

    code: str
    action: str
    message: str = "it cannot be right"


def refusal(error: psycopg.errors.IntegrityError, where: str, *, known: Words, invalid: Words) -> GatewayError:
    """The error to raise: ``known`` for a second one of the same key, ``act-not-allowed``, else ``invalid``."""
    if isinstance(error, psycopg.errors.UniqueViolation):
        return Conflict(known.message, code=known.code, where=where, action=known.action)
    message = error.diag.message_primary
    if error.diag.constraint_name == "recorded_by_maker":
        return Forbidden(
            message or "not allowed",
            code="act-not-allowed",
            where=where,
            action="ask somebody who is finance_maker",
        )
    return Malformed(message or invalid.message, code=invalid.code, where=where, action=invalid.action)
