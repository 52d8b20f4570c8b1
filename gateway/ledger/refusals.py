"""What the schema says of something that a person records: known already, not by this person, or not right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from gateway.errors import Conflict, Forbidden, GatewayError, Malformed


@dataclass(frozen=True, slots=True)
class Words:
    """A reason code, what to do about it, and what is wrong where the schema does not say it itself."""

    code: str
    action: str
    message: str = "it cannot be right"


def refusal(
    error: psycopg.errors.IntegrityError,
    where: str,
    by: str,
    facts: Mapping[str, object],
    *,
    known: Words,
    invalid: Words,
) -> GatewayError:
    """The error to raise: ``known`` for a second one of the same key, ``act-not-allowed``, else ``invalid``.

    The case of an ``invalid`` is the schema's name of what it refuses; ``facts`` are the fields that were recorded.
    """
    if isinstance(error, psycopg.errors.UniqueViolation):
        return Conflict(known.message, code=known.code, where=where, action=known.action, facts=facts)
    name, message = error.diag.constraint_name or "", error.diag.message_primary or invalid.message
    if name == "recorded_by_maker":
        return Forbidden(
            message,
            code="act-not-allowed",
            where=where,
            action="ask somebody who is finance_maker",
            facts={"user": by, "act": "record", "roles": ["finance_maker"]},
        )
    return Malformed(message, code=invalid.code, where=where, action=invalid.action, case=name, facts=facts)
