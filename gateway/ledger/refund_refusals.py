"""What the schema says of a step of a refund: not by one person alone, not by this one, or not now."""

from __future__ import annotations

import psycopg

from gateway.errors import Conflict, Forbidden, GatewayError


def refund_refusal(error: psycopg.errors.CheckViolation, refund_id: str, by: str) -> GatewayError:
    """The error to raise; ``by`` is who tried. Each carries the facts of its Vietnamese sentence."""
    if error.diag.constraint_name == "refund_two_people":
        return Forbidden(
            "the person who proposed a refund cannot approve it",
            code="same-person",
            where=refund_id,
            action="let another person approve",
            case="refund",
            facts={"user": by},
        )
    message = error.diag.message_primary or "not now"
    if error.diag.constraint_name == "refund_by_role":
        return Forbidden(
            message,
            code="act-not-allowed",
            where=refund_id,
            action="ask somebody who has the role",
            facts={"user": by, "act": "pay_refund", "roles": ["finance_maker", "finance_checker"]},
        )
    if error.diag.constraint_name == "money_used_once":
        return Conflict(
            message,
            code="money-used-already",
            where=refund_id,
            action="look at where it stands; reject a refund that was asked for",
            case="refund",
        )
    action, facts = "look at it: `gateway refund show`", {"refund_id": refund_id}
    return Conflict(message, code="step-not-allowed", where=refund_id, action=action, case="refund-step", facts=facts)
