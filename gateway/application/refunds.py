"""Refunds as people see and decide them: a queue with age, owner and next step, and every act under four eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import dict_row

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.errors import NotFound
from gateway.ledger import refunds
from gateway.ledger.refunds import Document as Document
from gateway.ledger.refunds import Route as Route
from gateway.masking import masked_text
from gateway.messages import outbox

__all__ = [
    "Document", "RefundView", "Route", "approve", "correct_receipt", "not_paid", "pay_by_document", "propose", "queue",
    "receipts_to_correct", "refund", "reject", "request",
]  # fmt: skip

OPEN_STATES = ("requested", "proposed", "approved", "sent", "in_doubt")

_NEXT = {
    "requested": ("finance_maker", "propose"),
    "proposed": ("finance_checker", "approve"),
    "sent": ("partner", "debit"),
    "in_doubt": ("partner", "answer"),
    "debited": ("", ""),
    "returned": ("", ""),
    "rejected": ("", ""),
    "refused": ("", ""),
}
STATES = (*_NEXT, "approved")
_NEXT_OF_APPROVED = {
    Route.BANK: ("partner", "send"),
    Route.TREASURY: ("finance_maker", "treasury_document"),
    Route.HAND: ("finance_maker", "own_document"),
}


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund. ``owner`` is the role (or ``partner``) it waits for, ``next_step`` what they do; both "" at its end.

    ``age_days`` counts from the request to today, or to its end. ``receipt_mark``: cancel, adjust or "".
    """

    refund_id: str
    state: str
    route: Route
    partner: str
    payment_pk: int
    reference: str
    dossier_code: str
    unit_name: str
    amount: int
    paid: int
    reason: str
    age_days: int
    owner: str
    next_step: str
    requested_at: datetime
    requested_by: str
    proposed_by: str
    approved_by: str
    in_doubt_at: datetime | None
    sent_at: datetime | None
    refund_transaction_id: str
    document_number: str
    document_on: date | None
    debited_on: date | None
    returned_on: date | None
    ended_by: str
    ended_at: datetime | None
    ended_reason: str
    receipt_series: str
    receipt_number: str
    receipt_mark: str
    receipt_document: str
    receipt_done: bool


def queue(
    desk: Desk,
    person: Person,
    *,
    partner: str | None = None,
    state: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[RefundView]:
    """Refunds, oldest first, those after the id ``after``; unfinished ones where no ``state`` is named.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    states = list(OPEN_STATES) if state is None else [state]
    return _views(
        desk,
        "WHERE r.state = ANY(%(states)s) AND (%(partner)s::text IS NULL OR r.partner = %(partner)s)"
        " AND r.refund_pk > coalesce((SELECT refund_pk FROM gateway.refund WHERE refund_id = %(after)s), 0)"
        " ORDER BY r.refund_pk LIMIT %(limit)s",
        {"states": states, "partner": partner, "limit": limit, "after": after},
    )


def receipts_to_correct(desk: Desk, person: Person) -> list[RefundView]:
    """Refunds whose receipt is marked and not cancelled or adjusted yet, oldest first. Raises Forbidden."""
    person.require(Act.SEE)
    return _views(desk, "WHERE r.receipt_mark <> '' AND r.receipt_done_at IS NULL ORDER BY r.refund_pk", {})


def refund(desk: Desk, person: Person, refund_id: str) -> RefundView:
    """One refund. Raises Forbidden, NotFound ``refund-unknown``."""
    person.require(Act.SEE)
    found = _views(desk, "WHERE r.refund_id = %(id)s", {"id": refund_id})
    if not found:
        raise NotFound(
            "there is no such refund",
            code="refund-unknown",
            where=f"refund {refund_id}",
            action="check its number with `gateway refund list`",
            facts={"refund_id": refund_id},
        )
    return found[0]


def request(desk: Desk, person: Person, payment_pk: int, amount: int, reason: str) -> str:
    """Ask for a refund of money that is free; its id. Raises Forbidden, NotFound ``payment-unknown``, Conflict."""
    person.require(Act.PROPOSE_REFUND)
    with desk.connection.transaction():
        return refunds.request(desk.connection, payment_pk, amount, reason, desk.clock.now(), by=person.user)


def propose(desk: Desk, person: Person, refund_id: str) -> None:
    """The first of two people. Raises Forbidden ``act-not-allowed``, NotFound, Conflict ``step-not-allowed``."""
    person.require(Act.PROPOSE_REFUND)
    with desk.connection.transaction():
        refunds.propose(desk.connection, refund_id, person.user, desk.clock.now())


def approve(desk: Desk, person: Person, refund_id: str) -> None:
    """The second of two people: the order to the bank leaves through the outbox, in the same transaction.

    Raises Forbidden ``act-not-allowed`` and ``same-person``, NotFound, Conflict ``step-not-allowed``.
    """
    person.require(Act.APPROVE_REFUND)
    with desk.connection.transaction():
        now = desk.clock.now()
        rows = refunds.approve(desk.connection, refund_id, person.user, now)
        outbox.enqueue(desk.connection, rows, now=now)


def reject(desk: Desk, person: Person, refund_id: str, reason: str) -> None:
    """Not to be made; its money is free again. What a maker proposed only a checker rejects.

    Raises Forbidden ``act-not-allowed``, NotFound, Conflict ``step-not-allowed``.
    """
    found = refund(desk, person, refund_id)
    if found.state == "requested" and person.may(Act.PROPOSE_REFUND):
        allowed: tuple[str, ...] = ("requested",)
    else:
        person.require(Act.APPROVE_REFUND)
        allowed = ("requested", "proposed")
    with desk.connection.transaction():
        refunds.reject(desk.connection, refund_id, desk.clock.now(), person.user, reason, allowed=allowed)


def pay_by_document(desk: Desk, person: Person, refund_id: str, document: Document) -> None:
    """Record the document that an approved refund was paid on, where no bank was sent an order.

    Raises Forbidden, NotFound, Conflict ``step-not-allowed`` and ``refund-paid-by-the-bank``.
    """
    person.require(Act.PROPOSE_REFUND)
    with desk.connection.transaction():
        refunds.pay_by_document(desk.connection, refund_id, document, person.user, desk.clock.now())


def not_paid(desk: Desk, person: Person, refund_id: str, reason: str) -> None:
    """An approved refund that no bank was sent is not paid after all, says a checker. Raises as ``pay_by_document``."""
    person.require(Act.APPROVE_REFUND)
    with desk.connection.transaction():
        refunds.not_paid(desk.connection, refund_id, person.user, reason, desk.clock.now())


def correct_receipt(desk: Desk, person: Person, refund_id: str, document: str) -> None:
    """The marked receipt was cancelled or adjusted by ``document``. Raises Forbidden, NotFound, Conflict."""
    person.require(Act.PROPOSE_REFUND)
    with desk.connection.transaction():
        refunds.correct_receipt(desk.connection, refund_id, document, person.user, desk.clock.now())


_SELECT = """
SELECT r.refund_id, r.state, r.route, r.partner, r.payment_pk, p.reference,
       coalesce(r.dossier_code, '') AS dossier_code, coalesce(d.unit_name, '') AS unit_name, r.amount,
       p.amount AS paid, r.reason, r.requested_at, r.requested_by,
       coalesce(r.proposed_by, '') AS proposed_by, coalesce(r.approved_by, '') AS approved_by, r.in_doubt_at, r.sent_at,
       r.refund_transaction_id, r.document_number, r.document_on, r.debited_on, r.returned_on,
       coalesce(r.ended_by, '') AS ended_by, r.ended_at, r.ended_reason, p.receipt_series, p.receipt_number,
       r.receipt_mark, r.receipt_document, r.receipt_done_at IS NOT NULL AS receipt_done
  FROM gateway.refund r JOIN gateway.payment p USING (payment_pk)
  LEFT JOIN gateway.dossier d ON d.dossier_code = r.dossier_code
"""


def _views(desk: Desk, where: str, values: dict[str, object]) -> list[RefundView]:
    today = vietnam_date(desk.clock.now())
    with desk.connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute((_SELECT + where).encode(), values).fetchall()
    return [_view(row, today) for row in rows]


def _view(row: dict[str, object], today: date) -> RefundView:
    route = Route(str(row.pop("route")))
    state, requested_at = str(row["state"]), row["requested_at"]
    assert isinstance(requested_at, datetime)  # NOT NULL in the schema
    owner, next_step = _NEXT_OF_APPROVED[route] if state == "approved" else _NEXT[state]
    ended = [day for day in (row["returned_on"], row["debited_on"], row["document_on"]) if isinstance(day, date)]
    if isinstance(row["ended_at"], datetime):
        ended.append(vietnam_date(row["ended_at"]))
    until = ended[0] if ended and not next_step else today
    row |= {name: masked_text(str(row[name])) for name in ("reason", "ended_reason")}
    age = max(0, (until - vietnam_date(requested_at)).days)
    return RefundView(route=route, age_days=age, owner=owner, next_step=next_step, **row)  # type: ignore[arg-type]  # columns of _SELECT
