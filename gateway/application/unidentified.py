"""Tiền chưa xác định: the queue of money that pays no fee, with its age, who has it and what comes next.

Two sources: payments that are told but pay nothing (wholly or in part), and lines of statements that nothing of ours
explains, also where people accepted the difference: money leaves by attribution, refund, link or move alone. Of a line
of a remittance no payment can be booked: accepting ends it.
Suggestions are the rules' own; they settle nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from gateway.application.access import Act, Person
from gateway.application.ageing import DECISION_OF_ROW, OPEN_ROWS
from gateway.application.desk import Desk
from gateway.application.unidentified_steps import Hindrance, NextStep, Stand, hindrances, next_step
from gateway.clock import vietnam_date
from gateway.errors import Malformed
from gateway.ledger.allocation import UNIDENTIFIED
from gateway.masking import masked_text
from gateway.reasons import REASONS


@dataclass(frozen=True, slots=True)
class SuggestedDossier:
    """A dossier that the text may mean; ``score`` 0 to 100."""

    dossier_code: str
    score: int
    why: str


@dataclass(frozen=True, slots=True)
class Unidentified:
    """One amount.

    ``owner``: the person who has it in hand, "" where nobody took it yet. ``row_key``: its row in the day's current
    version, "" where the day was not reconciled.
    """

    source: Literal["payment", "entry"]
    pk: int
    partner: str
    on: date
    age_days: int
    amount: int
    reference: str
    dossier_code: str
    text: str
    row_key: str
    owner: str
    next_step: NextStep
    suggestions: tuple[SuggestedDossier, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """The oldest first; ``after`` asks for the next page, "" where there is none. Totals are of the whole queue."""

    items: tuple[Unidentified, ...]
    after: str
    count: int
    amount: int


# The row of a payment, or of the line that it was booked from, on its own day or on the one that people moved it to
# last, and what was decided about it.
_MOVED = """
SELECT DISTINCT ON (pk) pk, to_on FROM (
  SELECT u.pk, h.to_on, h.decision_pk FROM gateway.moved_here h CROSS JOIN LATERAL unnest(h.payment_pks) u(pk)
  UNION ALL SELECT b.payment_pk, h.to_on, h.decision_pk
    FROM gateway.moved_here h JOIN gateway.payment b ON b.entry_pk = ANY (h.entry_pks)) h
 ORDER BY pk, decision_pk DESC"""
_PAYMENTS = f"""
SELECT 'payment', p.payment_pk, p.partner, coalesce(m.to_on, p.business_on), p.amount - p.allocated - p.refunding,
       p.reference, coalesce(p.dossier_code, ''), p.partner_transaction_id, coalesce(r.row_key, ''), r.kind,
       coalesce(r.by_user, ''), r.effective, r.answered, coalesce(y.state, ''), coalesce(r.suggestions, '[]'),
       coalesce(p.partner = '' OR p.recorded_at <= y.as_of, false), coalesce(r.understood, false),
       gateway.promised(p.payment_pk) > 0
  FROM gateway.payment p LEFT JOIN ({_MOVED}) m ON m.pk = p.payment_pk
  LEFT JOIN LATERAL (
    SELECT d.state, v.as_of FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
     WHERE d.partner = p.partner AND d.business_on = coalesce(m.to_on, p.business_on)) y ON true
  LEFT JOIN LATERAL (
    SELECT r.row_key, r.suggestions, n.kind, n.by_user, n.effective, n.answered,
           gateway.is_unidentified_money(d.partner, r.class, r.payment_pks, r.entry_pks) AS understood
      FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
      JOIN gateway.recon_row r USING (version_pk) {DECISION_OF_ROW}
     WHERE d.partner = p.partner AND d.business_on = coalesce(m.to_on, p.business_on) AND r.outcome <> 'matched'
       AND (r.payment_pks @> ARRAY[p.payment_pk] OR r.entry_pks @> ARRAY[p.entry_pk])
     ORDER BY r.row_no LIMIT 1) r ON true
 WHERE p.allocated + p.refunding < p.amount AND (%(partner)s = '' OR p.partner = %(partner)s)
   AND (p.entry_pk IS NULL OR gateway.entry_use(p.entry_pk) NOT IN ('linked', 'matched'))"""  # noqa: S608 - constants
_ENTRY = """
SELECT 'entry', r.entry_pks[1], d.partner, d.business_on, r.their_amount, r.reference, '',
       (SELECT e.text FROM gateway.statement_entry e WHERE e.entry_pk = r.entry_pks[1] AND e.partner = d.partner),
       r.row_key, n.kind, coalesce(n.by_user, ''), n.effective, n.answered, d.state, r.suggestions, true, true, false
"""
_OF_NOBODY = """
   AND r.class = 'unidentified' AND r.their_amount > 0 AND r.payment_pks = '{}' AND r.entry_pks <> '{}'
   AND NOT EXISTS (SELECT FROM gateway.payment p WHERE p.entry_pk = ANY (r.entry_pks) AND p.partner = d.partner)
   AND (%(partner)s = '' OR d.partner = %(partner)s)"""
_ENTRIES = f"{_ENTRY}{OPEN_ROWS}{_OF_NOBODY}"
# That people understand where it comes from takes no money out of the queue: from the few such decisions to their rows.
_ACCEPTED = f"""{_ENTRY}
  FROM gateway.break_decision_now b JOIN gateway.recon_day d USING (partner, business_on)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.row_key = b.row_key AND r.outcome <> 'matched'
  {DECISION_OF_ROW}
 WHERE b.kind = 'accept' {_OF_NOBODY}
   AND gateway.is_unidentified_money(d.partner, r.class, r.payment_pks, r.entry_pks)
   AND NOT EXISTS (SELECT FROM gateway.link_now l WHERE l.partner = d.partner AND l.entry_pks && r.entry_pks)"""
_COLUMNS = (
    "source, pk, partner, business_on, amount, reference, dossier_code, text, row_key, kind, by_user, effective,"
    " answered, state, suggestions, judged, understood, promised"
)
_BOTH = f"SELECT * FROM ({_PAYMENTS} UNION ALL {_ENTRIES} UNION ALL {_ACCEPTED}) q({_COLUMNS})"  # noqa: S608 - constants


def queue(desk: Desk, person: Person, *, partner: str = "", after: str = "", limit: int = 50) -> Queue:
    """A page of the queue, of all partners or one.

    Raises Forbidden ``act-not-allowed``; Malformed ``page-cursor-invalid``.
    """
    person.require(Act.SEE)
    limit = max(1, min(limit, 200))
    place = _position(after)
    values: Mapping[str, object] = {"partner": partner, "limit": limit + 1, **place}
    behind = " WHERE (business_on, source, pk) > (%(on)s, %(source)s, %(pk)s)" if place else ""
    with desk.connection.transaction():
        rows = desk.connection.execute(
            f"{_BOTH}{behind} ORDER BY business_on, source, pk LIMIT %(limit)s".encode(), values
        ).fetchall()
        total = desk.connection.execute(
            f"SELECT count(*), coalesce(sum(amount), 0)::bigint FROM ({_BOTH}) t".encode(),  # noqa: S608 - constants
            values,
        ).fetchone()
        hindered = hindrances(desk, [(str(row[0]), int(str(row[1])), str(row[2])) for row in rows[:limit]])
    today = vietnam_date(desk.clock.now())
    items = _with_slips(desk, [_item(row, today, hindered) for row in rows[:limit]])
    assert total is not None
    next_page = f"{items[-1].on}|{items[-1].source}|{items[-1].pk}" if len(rows) > limit else ""
    return Queue(items, next_page, int(str(total[0])), int(str(total[1])))


_SLIPS = """
SELECT p.payment_pk, 'biên lai ' || btrim(p.receipt_series || ' ' || p.receipt_number), m.reason
  FROM gateway.payment p JOIN gateway.message m USING (message_pk)
 WHERE p.source = 'counter' AND p.payment_pk = ANY (%s)"""


def _with_slips(desk: Desk, items: Sequence[Unidentified]) -> tuple[Unidentified, ...]:
    """Counter money is told by its receipt and by why it pays nothing, where its event said so."""
    pks = [item.pk for item in items if item.source == "payment"]
    with desk.connection.transaction():
        rows = desk.connection.execute(_SLIPS, (pks,)).fetchall()
    slips = {int(str(pk)): _slip(str(slip), str(reason)) for pk, slip, reason in rows}
    return tuple(
        replace(item, text=" · ".join(filter(None, (item.text, slips[item.pk]))))
        if item.source == "payment" and item.pk in slips
        else item
        for item in items
    )


def _slip(slip: str, reason: str) -> str:
    return slip if reason in ("", UNIDENTIFIED) else f"{slip}: {REASONS[reason].vi}"


def _item(row: Sequence[object], today: date, hindered: Mapping[tuple[str, int], Hindrance]) -> Unidentified:
    source, pk, partner, on, amount, reference, code, text, row_key, kind, by_user, effective, answered, *rest = row
    state, told, judged, understood, promised = rest
    assert isinstance(on, date)
    suggestions = tuple(
        SuggestedDossier(str(one["dossier_code"]), int(one["score"]), str(one["why"]))
        for one in (told if isinstance(told, list) else [])
    )
    return Unidentified(
        "payment" if source == "payment" else "entry",
        int(str(pk)),
        str(partner),
        on,
        (today - on).days,
        int(str(amount)),
        str(reference),
        str(code),
        # A payment is told by the partner's own number, which is no personal number however long it is.
        str(text) if source == "payment" else masked_text(str(text or "")),
        str(row_key),
        str(by_user),
        next_step(
            Stand(
                str(row_key),
                str(kind or ""),
                bool(effective),
                bool(answered),
                str(state),
                bool(judged),
                bool(understood),
                bool(promised),
                hindered.get((str(source), int(str(pk))), ""),
            )
        ),
        suggestions,
    )


def _position(after: str) -> Mapping[str, object]:
    if not after:
        return {}
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\|(payment|entry)\|(\d{1,18})", after)
    if found is None:
        raise Malformed(
            "the place to go on from is none of ours",
            code="page-cursor-invalid",
            where="after",
            action="begin again from the first page",
        )
    return {"on": date.fromisoformat(found[1]), "source": found[2], "pk": int(found[3])}
