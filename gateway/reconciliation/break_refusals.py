"""What the schema says of a decision about a break that it does not take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg

from gateway.errors import Conflict, Forbidden, GatewayError, NotFound, Problem

USED_ACTION: Mapping[str, str] = {
    "linked": "look at that link; undo it first where it is wrong",
    "matched": "look at the row that it is matched in",
    "explained": "look at what explains it; accept the row, or have the day judged again",
    "given": "look at that decision; undo it first where it is wrong",
    "recorded": "link both rows by hand, move one to the other's day, or have the day judged again",
    "": "look at the row again",
}
"""What to do where money has a use already, by that use."""

_KINDS: Mapping[str, tuple[type[GatewayError], str, str, str]] = {
    "break_decision_stale": (Conflict, "decision-stale", "", "look at the new version and decide again"),
    "break_decision_row": (NotFound, "break-unknown", "", "look at the day again"),
    "break_decision_already": (
        Conflict, "break-decided-already", "", "look at that decision; undo it first where it is wrong",
    ),
    "break_decision_role": (Forbidden, "act-not-allowed", "", "ask somebody who has the role"),
    "break_decision_two_people": (Forbidden, "same-person", "write-off", "let another person confirm"),
    "break_decision_limit": (Forbidden, "write-off-limit", "", "accept it with a reason, or ask the partner"),
    "break_decision_day_closed": (Conflict, "decision-day-closed", "", "have it rejected or reopened"),
    "break_decision_not_in_force": (Conflict, "decision-not-in-force", "", "look at the history of the break"),
    "break_decision_amount": (Conflict, "amount-does-not-fit", "row", "decide about the amount of the row"),
    "money_used_once": (Conflict, "money-used-already", "", USED_ACTION[""]),
    "money_linked_once": (Conflict, "link-not-possible", "linked", USED_ACTION["linked"]),
    "money_move_open": (Conflict, "move-not-possible", "no-money", "decide it otherwise"),
    "money_move_of_money": (Conflict, "move-not-possible", "no-money", "decide it otherwise"),
    "money_move_elsewhere": (Conflict, "move-not-possible", "elsewhere", "name another day, at most a month away"),
    "money_move_batch": (Conflict, "move-not-possible", "batch", "ask the postal service for a corrected remittance"),
    "money_move_waits": (
        Conflict, "move-not-possible", "waits", "have this day judged again first: `gateway reconcile`",
    ),
    "money_move_forth": (Conflict, "move-not-possible", "forth", "undo that decision instead"),
    "money_move_open_day": (Conflict, "move-not-possible", "not-open", "choose an open day"),
    "money_move_built_on": (Conflict, "undo-not-possible", "built-on", "undo the decision on that day first"),
}  # fmt: skip
"""Constraint -> what is raised, its code and case, what to do."""
_OF_UNDO: Mapping[str, tuple[type[GatewayError], str, str, str]] = {
    "money_move_open_day": (Conflict, "undo-not-possible", "not-open", "have that day rejected or reopened first")
}
"""The same, where it is said of an undo."""
_WHO: Mapping[str, Sequence[str]] = {
    "confirm": ["finance_checker"],
    "write_off": ["finance_maker", "finance_checker"],
}


def refusal(
    error: psycopg.errors.CheckViolation, where: str, facts: Mapping[str, object], standing: Sequence[Problem]
) -> GatewayError:
    """The error to raise; ``facts`` are all that may be told, ``standing`` the decisions that stand already."""
    message = f"{facts['user']}: {error.diag.message_primary or 'not now'}"
    unforeseen = (Conflict, "step-not-allowed", "break", "")
    kinds = {**_KINDS, **_OF_UNDO} if facts["kind"] == "undo" else _KINDS
    kind, code, case, action = kinds.get(error.diag.constraint_name or "", unforeseen)
    told = {**facts, "roles": _WHO.get(str(facts["kind"]), ["finance_maker"])}
    problems = standing if code == "break-decided-already" else ()
    return kind(message, code=code, where=where, action=action, case=case, facts=told, problems=problems)
