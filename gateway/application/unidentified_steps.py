"""What comes next for money in the queue *Tiền chưa xác định*: never an act that would be refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.application.break_views import after_answer
from gateway.application.desk import Desk

NextStep = Literal[
    "attribute_or_refund", "enquire_or_accept", "link_or_move", "undo_decision", "refund_payment", "given_already",
    "confirm", "await_answer", "conclude", "send_back", "reopen", "propose_day", "approve_day", "send_back_day",
    "reopen_day", "reconcile",
]  # fmt: skip
OF_THE_DAY = frozenset({"send_back", "reopen", "propose_day", "approve_day", "send_back_day", "reopen_day"})
"""Steps that are taken on the page of the day; the others on that of the row."""

Hindrance = Literal["", "no_line", "used", "given"]
"""Why money can neither be attributed nor given back. ``no_line``: a line of a remittance, of which no payment is ever
booked; ``used``: a line of a statement that something of ours uses; ``given``: a payment whose line was given away
before it was told.
"""
Source = Literal["payment", "entry"]

_HINDERED = """
SELECT 'entry', e.entry_pk, 'used' FROM gateway.statement_entry e
 WHERE e.entry_pk = ANY (%(entries)s) AND gateway.entry_use(e.entry_pk) <> ''
UNION ALL
SELECT 'payment', p, 'given' FROM unnest(%(payments)s::bigint[]) p WHERE gateway.line_given(p) IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where money stands. ``judged``: its day was judged with it; ``understood``: a row that may be accepted and
    still be attributed; ``promised``: an attribution waits for the approval.
    """

    row_key: str
    kind: str
    effective: bool
    answered: bool
    day_state: str
    judged: bool
    understood: bool
    promised: bool
    hindrance: Hindrance


def hindrances(desk: Desk, money: Iterable[tuple[str, int, str]]) -> Mapping[tuple[str, int], Hindrance]:
    """(source, number) -> what hinders it, of (source, number, partner); what nothing hinders is left out.

    Asked for the rows of one page only: what uses a line is dear to find out.
    """
    found: dict[tuple[str, int], Hindrance] = {}
    asked: dict[str, list[int]] = {"entry": [], "payment": []}
    for source, pk, partner in money:
        owner = desk.partners.get(partner)
        if source == "entry" and owner is not None and owner.role == "postal":
            found[source, pk] = "no_line"
        else:
            asked[source].append(pk)
    values = {"entries": asked["entry"], "payments": asked["payment"]}
    for kind, number, why in desk.connection.execute(_HINDERED, values):
        found[str(kind), int(str(number))] = "used" if why == "used" else "given"
    return found


def next_step(stand: Stand) -> NextStep:
    """Only a day that nobody proposed or approved takes decisions, and only a row with nothing against it."""
    if stand.hindrance == "given":
        return "given_already"
    if not stand.row_key:  # matched, or of no partner's day: no row to decide about, but a payment to give back
        return "refund_payment" if stand.judged else "reconcile"
    if stand.kind == "enquire":
        return after_answer(stand.day_state) if stand.answered else "await_answer"
    if stand.day_state == "approved":
        return "reopen_day"
    if stand.day_state == "proposed":
        return "approve_day" if stand.promised else "send_back_day"
    if not stand.kind or (stand.kind == "accept" and stand.understood):
        return _undecided(stand.hindrance)
    if not stand.effective:
        return "attribute_or_refund" if stand.kind in ("attribute", "refund") else "confirm"
    return "propose_day" if stand.promised else "undo_decision"


def _undecided(hindrance: Hindrance) -> NextStep:
    if hindrance == "no_line":
        return "enquire_or_accept"
    return "link_or_move" if hindrance == "used" else "attribute_or_refund"
