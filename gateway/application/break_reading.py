"""Reads breaks and what stands behind them; the rights are checked by the callers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from psycopg.rows import dict_row

from gateway.application.break_views import (
    BreakRow,
    BreakState,
    Decided,
    DossierView,
    EnquiryView,
    EntryView,
    FieldPair,
    PaymentView,
    RefundView,
)
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.masking import as_shown, masked_account, masked_text
from gateway.reconciliation.break_decisions import AT_STAKE, WHAT, Decision, Target

Row = Mapping[str, Any]

ROWS = """
  FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r USING (version_pk)
 WHERE d.partner = %(partner)s AND d.business_on = %(day)s AND r.outcome <> 'matched'"""
"""The rows of a day's current version that are not matched."""

# Few rows of a large day are shown, and few have decisions: what is in force is looked up for those alone.
_IN_FORCE = """
  FROM gateway.break_decision_now n
  LEFT JOIN gateway.enquiry_answer a ON a.decision_pk = n.decision_pk
 WHERE n.partner = r.partner AND n.business_on = r.business_on AND n.row_key = r.row_key
 ORDER BY n.kind = 'enquire', n.decision_pk DESC LIMIT 1"""
_OF_DECISION = """CASE WHEN NOT n.effective AND n.kind IN ('attribute', 'refund') THEN 'partly'
     WHEN NOT n.effective THEN 'waiting'
     WHEN n.kind = 'enquire' AND a.answer IS NOT NULL THEN 'answered'
     WHEN n.kind = 'enquire' THEN 'asked' ELSE 'decided' END"""
_UNDECIDED = """ AND NOT EXISTS (SELECT FROM gateway.break_decision_now n WHERE n.partner = d.partner
    AND n.business_on = d.business_on AND n.row_key = r.row_key)"""
_DECIDED = _IN_FORCE.replace("r.partner", "d.partner").replace("r.business_on", "d.business_on")
OF_STATE: Mapping[BreakState, str] = {
    BreakState.OPEN: f"{_UNDECIDED} AND gateway.is_break(r.outcome)",
    BreakState.CARRIED: f"{_UNDECIDED} AND r.outcome = 'pending'",
    BreakState.EXPLAINED: f"{_UNDECIDED} AND r.outcome <> 'pending' AND NOT gateway.is_break(r.outcome)",
    **{
        state: f" AND (SELECT {_OF_DECISION} {_DECIDED}) = '{state}'"
        for state in BreakState
        if state not in (BreakState.OPEN, BreakState.CARRIED, BreakState.EXPLAINED)
    },
}
"""What narrows ``ROWS`` to one state."""

STATES = f"""
SELECT n.state, gateway.is_break(r.outcome) AS is_break, r.outcome = 'pending' AS pending, count(*) AS n
  FROM (SELECT DISTINCT ON (n.row_key) n.partner, n.business_on, n.row_key, {_OF_DECISION} AS state
          FROM gateway.break_decision_now n LEFT JOIN gateway.enquiry_answer a ON a.decision_pk = n.decision_pk
         WHERE n.partner = %(partner)s AND n.business_on = %(day)s
         ORDER BY n.row_key, n.kind = 'enquire', n.decision_pk DESC) n
  JOIN gateway.recon_day d USING (partner, business_on)
  JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.row_key = n.row_key AND r.outcome <> 'matched'
 GROUP BY 1, 2, 3"""  # noqa: S608 - constants of this module
"""How many rows of a day have a decision in force, by the state that it gives them."""


def shown(where: str, tail: str = "") -> str:
    """The query of rows as they are shown; ``where`` begins with ``ROWS``, ``tail`` bounds it."""
    return f"""
SELECT r.*, {AT_STAKE} AS amount,
       coalesce(n.state, CASE WHEN gateway.is_break(r.outcome) THEN 'open' WHEN r.outcome = 'pending' THEN 'carried'
                         ELSE 'explained' END) AS state,
       n.kind AS decision, coalesce(n.by_user, '') AS decided_by, jsonb_array_length(r.suggestions) AS suggestion_count
  FROM (SELECT d.partner, d.business_on, d.version, r.* {where} ORDER BY r.row_no {tail}) r
  LEFT JOIN LATERAL (SELECT n.kind, n.by_user, {_OF_DECISION} AS state {_IN_FORCE}) n ON true
 ORDER BY r.row_no"""  # noqa: S608 - constants of ours; what comes from outside is bound


def fetch(desk: Desk, query: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
    """Rows by name. ``query`` is of our own constants; everything from outside is in ``values``."""
    with desk.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def break_row(row: Row) -> BreakRow:
    return BreakRow(
        target=Target(row["partner"], row["business_on"], row["version"], row["row_key"]),
        row_no=row["row_no"],
        outcome=row["outcome"],
        entry_class=row["class"],
        side=row["side"],
        rule=row["rule"],
        reference=row["reference"],
        dossier_codes=tuple(row["dossier_codes"]),
        our_amount=row["our_amount"],
        their_amount=row["their_amount"],
        amount=row["amount"],
        reason=as_shown(row["reason"]),
        field=row["field"],
        our_value=as_shown(row["our_value"]),
        their_value=as_shown(row["their_value"]),
        role=row["role"],
        verdict=row["verdict"],
        state=BreakState(row["state"]),
        decision=None if row["decision"] is None else Decision(row["decision"]),
        decided_by=row["decided_by"],
        suggestion_count=row["suggestion_count"],
    )


def candidate(stored: Row) -> Row:
    """One of ``recon_row.candidates`` as people read it."""
    differs = [
        {"field": one["field"], "ours": as_shown(one["ours"]), "theirs": as_shown(one["theirs"])}
        for one in stored["differs"]
    ]
    return {**stored, "on": date.fromisoformat(stored["on"]), "differs": differs, "why": as_shown(stored["why"])}


_DECISIONS = f"""
SELECT b.*, n.decision_pk IS NOT NULL AS in_force, coalesce(n.confirmed_by, '') AS confirmed_by, {WHAT} AS what
  FROM gateway.break_decision b LEFT JOIN gateway.break_decision_now n USING (decision_pk)
 WHERE b.partner = %(partner)s AND b.business_on = %(day)s AND b.row_key = %(key)s
 ORDER BY b.decision_pk"""  # noqa: S608 - constants of ours


def decided(desk: Desk, partner: str, business_on: date, row_key: str) -> tuple[Decided, ...]:
    """Every decision about a row of a day, of all its versions, oldest first."""
    rows = fetch(desk, _DECISIONS, {"partner": partner, "day": business_on, "key": row_key})
    return tuple(
        Decided(
            row["decision_pk"], Decision(row["kind"]), masked_text(row["reason"]), row["amount"],
            _shown_params(row["params"]), row["about"],
            row["batch_pk"], row["by_user"], row["at"], row["version"], row["in_force"], row["needs_second"],
            row["confirmed_by"], row["what"],
        )
        for row in rows
    )  # fmt: skip


def _shown_params(params: Row) -> Row:
    asked = params.get("question")
    return {**params, "question": masked_text(str(asked))} if asked else params


def payments(desk: Desk, pks: Sequence[int]) -> tuple[PaymentView, ...]:
    rows = fetch(
        desk,
        "SELECT payment_pk, reference, coalesce(dossier_code, '') AS dossier_code, channel, source,"
        " partner_transaction_id, amount, allocated, refunding, account, paid_at, business_on, message_pk"
        " FROM gateway.payment WHERE payment_pk = ANY (%(pks)s) ORDER BY payment_pk",
        {"pks": list(pks)},
    )
    return tuple(PaymentView(**{**row, "account": masked_account(row["account"])}) for row in rows)


def entries(desk: Desk, partner: str, pks: Sequence[int]) -> tuple[EntryView, ...]:
    """The partner's lines: of remittances where the partner is the postal service, else of statements."""
    postal = desk.partner(partner).role == "postal"
    rows = fetch(desk, _REMITTANCE_LINES if postal else _STATEMENT_LINES, {"pks": list(pks)})
    # The mask keeps the length of the text: positions of suggestions still fit.
    return tuple(
        EntryView(**{**row, "account": masked_account(row["account"]), "text": masked_text(row["text"])})
        for row in rows
    )


_STATEMENT_LINES = """
SELECT e.entry_pk, 'statement' AS kind, e.account, e.booked_on, e.value_on, e.amount, e.tokens, e.keys, e.type_code,
       e.response_code, e.text, s.file_name, s.file_sha256, s.message_pk
  FROM gateway.statement_entry e CROSS JOIN LATERAL (
    SELECT s.file_name, s.file_sha256, s.message_pk FROM gateway.statement_entry_seen n
      JOIN gateway.statement s USING (statement_pk) WHERE n.entry_pk = e.entry_pk ORDER BY s.statement_pk LIMIT 1) s
 WHERE e.entry_pk = ANY (%(pks)s) ORDER BY e.entry_pk"""
_REMITTANCE_LINES = """
SELECT l.line_pk AS entry_pk, 'remittance' AS kind, b.account, b.business_on AS booked_on, l.collected_on AS value_on,
       l.state_fee AS amount, l.order_number AS tokens, b.batch_id AS keys, '' AS type_code, '' AS response_code,
       l.item_code AS text, b.file_name, b.file_sha256, b.message_pk
  FROM gateway.remittance_line l JOIN gateway.remittance b USING (remittance_pk)
 WHERE l.line_pk = ANY (%(pks)s) ORDER BY l.line_pk"""


def refunds(desk: Desk, pks: Sequence[int]) -> tuple[RefundView, ...]:
    rows = fetch(
        desk,
        "SELECT refund_pk, refund_id, coalesce(dossier_code, '') AS dossier_code, amount, state, reason, requested_at,"
        " coalesce(proposed_by, '') AS proposed_by, coalesce(approved_by, '') AS approved_by"
        " FROM gateway.refund WHERE refund_pk = ANY (%(pks)s) ORDER BY refund_pk",
        {"pks": list(pks)},
    )
    return tuple(RefundView(**{**row, "reason": masked_text(row["reason"])}) for row in rows)


def dossiers(desk: Desk, codes: Iterable[str]) -> tuple[DossierView, ...]:
    rows = fetch(
        desk,
        "SELECT d.dossier_code, d.procedure_name, d.unit_name, d.status::int AS status,"
        " coalesce(sum(f.amount) FILTER (WHERE f.state <> 'cancelled'), 0)::bigint AS owed,"
        " coalesce(sum(f.paid), 0)::bigint AS paid FROM gateway.dossier d LEFT JOIN gateway.fee f USING (dossier_code)"
        " WHERE d.dossier_code = ANY (%(codes)s) GROUP BY d.dossier_code ORDER BY d.dossier_code",
        {"codes": sorted(set(codes))},
    )
    return tuple(DossierView(**row) for row in rows)


ENQUIRIES = """
SELECT e.*, e.answer = '' AND NOT e.concluded AND e.answer_due_on < %(today)s AS overdue FROM (
SELECT q.decision_pk, q.enquiry_id, d.partner, d.business_on, d.row_key, d.amount, q.question, d.by_user AS asked_by,
       d.at AS asked_at, q.answer_due_on, q.message_pk, m.state AS delivery, coalesce(a.answer, '') AS answer,
       coalesce(a.reference, '') AS reference, coalesce(a.by_user, '') AS answered_by, a.at AS answered_at,
       a.answered_on, a.message_pk AS answer_message_pk, y.state AS day_state,
       NOT EXISTS (SELECT FROM gateway.recon_version v JOIN gateway.recon_row r USING (version_pk)
            WHERE (v.partner, v.business_on, v.version) = (y.partner, y.business_on, y.version)
              AND r.row_key = d.row_key AND r.outcome <> 'matched')
       OR EXISTS (SELECT FROM gateway.break_decision_now n WHERE n.partner = d.partner
              AND n.business_on = d.business_on AND n.row_key = d.row_key AND n.decision_pk > q.decision_pk
              AND n.effective) AS concluded
  FROM gateway.enquiry q JOIN gateway.break_decision d USING (decision_pk) JOIN gateway.message m USING (message_pk)
  JOIN gateway.recon_day y ON (y.partner, y.business_on) = (d.partner, d.business_on)
  LEFT JOIN gateway.enquiry_answer a USING (decision_pk)) e"""
"""Every enquiry as ``EnquiryView``; ``%(today)s`` is the date in Vietnam."""


def enquiries_of(desk: Desk, partner: str, business_on: date, row_key: str) -> tuple[EnquiryView, ...]:
    rows = fetch(
        desk,
        f"{ENQUIRIES} WHERE e.partner = %(partner)s AND e.business_on = %(day)s AND e.row_key = %(key)s"
        " ORDER BY e.decision_pk",
        {"partner": partner, "day": business_on, "key": row_key, "today": vietnam_date(desk.clock.now())},
    )
    return tuple(enquiry_view(row) for row in rows)


def enquiry_view(row: Row) -> EnquiryView:
    """A row of ``ENQUIRIES`` as people read it: long numbers masked; the reference of a file that was signed stays."""
    written = ("question", "answer") if row["answer_message_pk"] else ("question", "answer", "reference")
    return EnquiryView(**{**row, **{name: masked_text(row[name]) for name in written}})


def field_pairs(
    row: BreakRow, ours: Sequence[PaymentView | RefundView], theirs: Sequence[EntryView]
) -> tuple[FieldPair, ...]:
    """Both sides field by field; a side with several rows shows them joined.

    A row that nobody has money of yet is a request of ours without a final answer: its reference is ours.
    """
    paid = [one for one in ours if isinstance(one, PaymentView)]
    known = _joined(one.reference if isinstance(one, PaymentView) else one.refund_id for one in ours)
    pairs = [
        FieldPair("amount", row.our_amount, row.their_amount),
        FieldPair("reference", known or ("" if theirs else row.reference), _joined(one.tokens for one in theirs)),
        FieldPair("account", _joined(one.account for one in paid), _joined(one.account for one in theirs)),
        FieldPair("business_on", _first(one.business_on for one in paid), _first(one.booked_on for one in theirs)),
        FieldPair(
            "transaction", _joined(one.partner_transaction_id for one in paid), _joined(one.keys for one in theirs)
        ),
    ]
    if row.field and row.field not in {pair.name for pair in pairs}:
        pairs.append(FieldPair(row.field, row.our_value, row.their_value))
    return tuple(pairs)


def _joined(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))


def _first(days: Iterable[date]) -> date | str:
    return min(days, default="")
