"""One piece of money has one use: what a line of a statement is used for, and where. The schema asks the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.application.break_reading import fetch
from gateway.application.break_views import EntryView, PaymentView
from gateway.application.desk import Desk
from gateway.errors import Conflict
from gateway.reconciliation.break_decisions import Target
from gateway.reconciliation.break_refusals import USED_ACTION

_WORDS: Mapping[str, str] = {
    "linked": "it is linked by hand",
    "matched": "it is matched",
    "explained": "it is explained",
    "given": "it is given to a fee or being refunded",
    "recorded": "it is a payment on record",
}
_WHERE = """
SELECT coalesce((SELECT p.reference FROM gateway.payment p WHERE p.payment_pk = o.pks[1]), '') AS reference,
       coalesce((SELECT l.business_on FROM gateway.link_now l WHERE %(use)s = 'linked' AND l.partner = e.partner
                    AND l.entry_pks @> ARRAY[e.entry_pk] ORDER BY l.business_on = %(day)s, l.decision_pk LIMIT 1),
                (SELECT p.business_on FROM gateway.payment p WHERE p.payment_pk = o.pks[1]),
                (SELECT r.business_on FROM gateway.rows_of_entry(e.entry_pk) r WHERE r.outcome = 'matched' LIMIT 1),
                e.booked_on) AS other,
       coalesce((SELECT r.outcome FROM gateway.rows_of_entry(e.entry_pk) r
                  ORDER BY gateway.is_break(r.outcome) LIMIT 1), '') AS outcome
  FROM gateway.statement_entry e CROSS JOIN LATERAL (
       SELECT CASE %(use)s WHEN 'recorded' THEN gateway.on_record(e.entry_pk, %(payments)s::bigint[])
                           ELSE '{}' END AS pks) o
 WHERE e.entry_pk = %(entry)s"""


def money_is_free(desk: Desk, partner: str, payments: Sequence[PaymentView], entries: Sequence[EntryView]) -> bool:
    """Whether something is left of a payment; without one, whether one credit is there that nothing uses."""
    if payments:
        return any(payment.free > 0 and not _line_given(desk, payment.payment_pk) for payment in payments)
    credits = [entry.entry_pk for entry in entries if entry.amount > 0]
    return desk.partner(partner).role != "postal" and len(credits) == 1 and not _use(desk, credits[0], None)


def require_unused(desk: Desk, target: Target, entry_pk: int) -> None:
    """Raises Conflict ``money-used-already``, which says for what, on which day, and what to do."""
    use = _use(desk, entry_pk, None)
    if use:
        facts = _facts(desk, target, entry_pk, use, [])
        message = (
            f"the money of this line is used already: {_WORDS[use]}, {facts['other']} {facts['reference']}".rstrip()
        )
        raise Conflict(
            message, code="money-used-already", where=target.where, action=USED_ACTION[use], case=use, facts=facts
        )


def require_own_money(desk: Desk, target: Target, payment_pk: int) -> None:
    """Raises Conflict ``money-used-already`` where the payment's line was given away before its notice came."""
    found = _line_given(desk, payment_pk)
    if found:
        raise Conflict(
            f"the line of this payment, {found[0]['other']}, was attributed or given back before it was told",
            code="money-used-already",
            where=target.where,
            action="look at what was decided about that line",
            case="line",
            facts={"other": found[0]["other"]},
        )


def require_linkable(desk: Desk, target: Target, payments: Sequence[int], entries: Sequence[int]) -> None:
    """Raises Conflict ``link-not-possible`` where a line's money is another payment's, is given or explained."""
    for entry_pk in entries:
        use = _use(desk, entry_pk, payments)
        if use:
            facts = _facts(desk, target, entry_pk, use, payments)
            raise Conflict(
                f"an entry of the link is used already: {_WORDS[use]}, {facts['other']} {facts['reference']}".rstrip(),
                code="link-not-possible",
                where=target.where,
                action=USED_ACTION[use],
                case=use,
                facts=facts,
            )


def _line_given(desk: Desk, payment_pk: int) -> list[dict[str, Any]]:
    query = (
        "SELECT e.booked_on AS other FROM gateway.statement_entry e WHERE e.entry_pk = gateway.line_given(%(payment)s)"
    )
    return fetch(desk, query, {"payment": payment_pk})


def _use(desk: Desk, entry_pk: int, linked_to: Sequence[int] | None) -> str:
    pks = None if linked_to is None else list(linked_to)
    found = fetch(desk, "SELECT gateway.entry_use(%(pk)s, %(pks)s::bigint[]) AS use", {"pk": entry_pk, "pks": pks})
    return str(found[0]["use"])


def _facts(desk: Desk, target: Target, entry_pk: int, use: str, payments: Sequence[int]) -> dict[str, Any]:
    values = {
        "entry": entry_pk,
        "use": use,
        "payments": list(payments),
        "day": target.business_on,
    }
    found = fetch(desk, _WHERE, values)
    return dict(found[0]) if found else {"reference": "", "other": "", "outcome": ""}
