"""The statements behind a dossier's timeline and a break's thread: one per kind of event, each over indexes.

Every one selects at, name, state, amount, partner, reference, detail, key, digest (``timelines.Event``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Of a statement's line only the day is known: it stands at its end, after what was done on it.
_BOOKED = "(e.booked_on + time '23:59:59') AT TIME ZONE 'Asia/Ho_Chi_Minh'"
_WORDS = "string_to_array(e.tokens || ' ' || e.keys, ' ')"
_DAYS = "unnest(%(partners)s::text[], %(days)s::date[]) x(partner, business_on)"
CURRENT = "gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"

# What belongs to a dossier is found once; the statements below are given it as values: each is planned in no time.
# The payments of a dossier: told for it, asked for it, or given to its fees.
PAYMENTS = """SELECT p.payment_pk, p.partner, p.business_on, p.partner_transaction_id
  FROM gateway.payment p WHERE payment_pk IN (
       SELECT payment_pk FROM gateway.payment WHERE dossier_code = %(code)s
        UNION SELECT p.payment_pk FROM gateway.payment_request q JOIN gateway.payment p USING (request_pk)
               WHERE q.dossier_code = %(code)s
        UNION SELECT a.payment_pk FROM gateway.fee f JOIN gateway.payment_allocation a USING (fee_pk)
               WHERE f.dossier_code = %(code)s)"""
# The words by which a partner's entries name it.
WORDS = """SELECT reference FROM gateway.payment_request WHERE dossier_code = %(code)s
 UNION SELECT refund_id FROM gateway.refund WHERE dossier_code = %(code)s"""
ENTRIES = f"""SELECT e.entry_pk, e.partner, e.booked_on FROM gateway.statement_entry e
 WHERE {_WORDS} && %(words)s"""  # noqa: S608 - constants

# One row for each date of a refund's life. Only the day is known of what a statement or a paper proves: it stands at
# its beginning, or where the step before it was on that day.
_DAY = "{day}::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'"
_BEFORE = "CASE WHEN ({at} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = {{day}} THEN {at} END"
_ON_DAY = (
    "CASE WHEN {day} IS NOT NULL THEN greatest("
    + ", ".join([_DAY, *(_BEFORE.format(at=at) for at in ("approved_at", "in_doubt_at", "sent_at"))])
    + ") END"
)
REFUND_STEPS = f"""SELECT s.at, s.by_user, s.state, r.amount, r.partner, r.refund_id, s.detail,
       'refund:' || r.refund_pk, ''
  FROM gateway.refund r CROSS JOIN LATERAL (VALUES
       ('requested', requested_at, requested_by, reason),
       ('proposed', proposed_at, proposed_by, ''),
       (CASE route WHEN 'bank' THEN 'approved' ELSE 'approved_' || route END, approved_at, approved_by, ''),
       ('in_doubt', coalesce(in_doubt_at, CASE state WHEN 'in_doubt' THEN approved_at END), '', ''),
       (CASE WHEN in_doubt_at IS NOT NULL AND sent_at >= {_DAY.format(day="(debited_on + 1)")} THEN 'sent_known'
         ELSE 'sent' END, sent_at, '', refund_transaction_id),
       ('debited', {_ON_DAY.format(day="debited_on")}, '', ''),
       ('given_back', {_ON_DAY.format(day="returned_on")}, '', ''),
       ('paid_' || route, {_ON_DAY.format(day="document_on")}, '', document_number),
       ('paid_recorded', paid_at, paid_by, document_number),
       (state, CASE WHEN state IN ('rejected', 'refused')
         THEN coalesce(ended_at, approved_at, proposed_at, requested_at) END, coalesce(ended_by, ''),
         ended_reason || CASE WHEN ended_at IS NULL THEN ' (không ghi thời điểm)' ELSE '' END),
       (CASE receipt_mark WHEN 'cancel' THEN 'receipt_cancelled' ELSE 'receipt_adjusted' END, receipt_done_at,
         receipt_done_by, receipt_document)) s(state, at, by_user, detail)
 WHERE r.dossier_code = %(code)s AND s.at IS NOT NULL"""  # noqa: S608 - constants

# Other days that people moved the dossier's money to.
MOVED_TO = """SELECT partner, to_on FROM gateway.money_move_now
 WHERE payment_pks && %(payments)s::bigint[] OR entry_pks && %(entries)s::bigint[]"""

# kind -> SELECT at, name, state, amount, partner, reference, detail, key, digest
BUSINESS: Mapping[str, str] = MappingProxyType(
    {
        "dossier": """SELECT s.at, d.procedure_name, s.state, NULL, '', d.dossier_code, d.unit_name,
       'dossier:' || d.dossier_code, ''
  FROM gateway.dossier d CROSS JOIN LATERAL (VALUES ('submitted', submitted_at), ('accepted', accepted_at),
       ('refused', refused_at),
       ('finished', finished_at), ('returned', returned_at)) s(state, at) WHERE d.dossier_code = %(code)s
       AND s.at IS NOT NULL""",
        "fee": """SELECT requested_at, name, state, amount, '', fee_id, kind, 'fee:' || fee_pk, '' FROM gateway.fee
 WHERE dossier_code = %(code)s""",
        "fee_change": """SELECT h.at, f.name, CASE WHEN h.new_amount IS NULL THEN 'cancelled' ELSE 'changed' END,
       coalesce(h.new_amount, h.old_amount), '', f.fee_id, h.reason, 'fee:' || fee_pk, ''
  FROM gateway.fee f JOIN gateway.fee_history h USING (fee_pk) WHERE f.dossier_code = %(code)s""",
        "request": """SELECT created_at, channel, state, amount, partner, reference, partner_request_id,
       'request:' || request_pk, ''
  FROM gateway.payment_request WHERE dossier_code = %(code)s""",
        "request_status": """SELECT s.noted_at, q.channel, s.status, NULL, s.partner, q.reference, '',
       'request:' || request_pk, ''
  FROM gateway.payment_request q JOIN gateway.payment_request_status s USING (request_pk)
       WHERE q.dossier_code = %(code)s""",
        "payment": """SELECT paid_at, channel, CASE WHEN refunding > 0 THEN 'refunding' WHEN allocated = amount
       THEN 'allocated'
       WHEN allocated > 0 THEN 'part' ELSE 'unidentified' END, amount, partner, reference,
       btrim(partner_transaction_id || ' ' || receipt_series || ' ' || receipt_number), 'payment:' || payment_pk, ''
  FROM gateway.payment WHERE payment_pk = ANY(%(payments)s)""",
        "allocation": """SELECT a.at, f.name, a.reason, a.amount, '', f.fee_id, '', 'payment:' || a.payment_pk, ''
  FROM gateway.fee f JOIN gateway.payment_allocation a USING (fee_pk) WHERE f.dossier_code = %(code)s""",
        "refund": REFUND_STEPS,
        "entry": f"""SELECT {_BOOKED}, type_code, '', amount, partner,
       coalesce(nullif(tokens, ''), keys), text,
       'entry:' || entry_pk, encode(digest, 'hex') FROM gateway.statement_entry e WHERE entry_pk = ANY(%(entries)s)""",  # noqa: S608 - constants
        "judged": f"""SELECT v.as_of, r.outcome, r.class, r.their_amount - r.our_amount, d.partner, r.reference,
       r.reason,
       'row:' || d.partner || ':' || d.business_on || ':' || r.row_key, v.snapshot_sha256
  FROM {_DAYS} JOIN {CURRENT} USING (partner, business_on)
  JOIN gateway.recon_row r USING (version_pk)
 WHERE r.outcome <> 'matched' AND r.dossier_codes @> ARRAY[%(code)s]
 UNION ALL
SELECT v.as_of, r.outcome, r.class, r.their_amount, d.partner, r.reference, r.reason,
       'row:' || d.partner || ':' || d.business_on || ':' || r.row_key, v.snapshot_sha256
  FROM (SELECT entry_pk, partner, booked_on AS business_on FROM gateway.statement_entry
         WHERE entry_pk = ANY(%(entries)s)) x JOIN {CURRENT} USING (partner, business_on)
  JOIN gateway.recon_entry n USING (version_pk, entry_pk) JOIN gateway.recon_row r USING (version_pk, row_no)
 WHERE r.outcome = 'matched'""",  # noqa: S608 - constants
        "decision": f"""SELECT b.at, b.by_user, b.kind, b.amount, b.partner, r.reference, b.reason,
       'row:' || b.partner || ':' || b.business_on || ':' || r.row_key, ''
  FROM {_DAYS} JOIN {CURRENT} USING (partner, business_on)
  JOIN gateway.recon_row r USING (version_pk) JOIN gateway.break_decision b USING (partner, business_on, row_key)
 WHERE r.outcome <> 'matched' AND r.dossier_codes @> ARRAY[%(code)s]""",  # noqa: S608 - constants
        "order": """SELECT o.state_at, o.direction, o.state, nullif(o.cod_state_fee + o.cod_postage, 0),
       o.partner, o.order_number,
       o.item_code, 'order:' || o.order_number, '' FROM gateway.postal_order o WHERE o.dossier_code = %(code)s""",
        "tracking": """SELECT t.occurred_at, t.status_text, coalesce(t.meaning, ''), nullif(t.collected, 0),
       t.partner, t.order_number,
       t.status_code, 'order:' || t.order_number, '' FROM gateway.postal_order o
       JOIN gateway.postal_event t USING (order_number)
 WHERE o.dossier_code = %(code)s""",
    }
)
MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "message": """SELECT created_at, kind, state, NULL, partner, coalesce(message_id, ''), reason,
       direction || ':' || message_pk,
       encode(body_sha256, 'hex') FROM gateway.message WHERE dossier_code = %(code)s""",
        "message_step": """SELECT h.at, m.kind, h.to_state, NULL, m.partner, h.actor, h.reason,
       m.direction || ':' || m.message_pk, ''
  FROM gateway.message m JOIN gateway.message_history h USING (message_pk) WHERE m.dossier_code = %(code)s""",
        "message_aside": """SELECT a.at, m.kind, CASE WHEN n.aside_pk IS NULL THEN 'aside_before' ELSE 'aside' END,
       NULL, m.partner, a.by_user, a.reason, m.direction || ':' || m.message_pk, ''
  FROM gateway.message m JOIN gateway.message_aside a USING (message_pk)
       LEFT JOIN gateway.message_aside_now n USING (aside_pk) WHERE m.dossier_code = %(code)s""",
        "signature": """SELECT created_at, kind, direction, NULL, partner, signer, '', direction || ':' || message_pk,
       encode(body_sha256, 'hex') FROM gateway.message WHERE dossier_code = %(code)s AND signer <> ''""",
        "receipt": """SELECT c.issued_at, m.kind, m.state, NULL, m.partner, coalesce(m.message_id, ''), '',
       'in:' || m.message_pk,
       encode(sha256(c.receipt), 'hex') FROM gateway.message m JOIN gateway.receipt c USING (message_pk)
 WHERE m.dossier_code = %(code)s""",
    }
)
ROW_ENTRIES = f"""SELECT {_BOOKED}, e.type_code, '', e.amount, e.partner,
       coalesce(nullif(e.tokens, ''), e.keys),
       e.text, 'entry:' || e.entry_pk, encode(e.digest, 'hex') FROM gateway.statement_entry e
       WHERE e.entry_pk = ANY(%s)"""  # noqa: S608 - constants
# Some banks name a statement by its account; the file and its digest say which one it is.
ROW_FILES = """SELECT DISTINCT s.loaded_at, s.file_name, m.state, s.entry_sum, s.partner, m.signer,
       CASE WHEN strpos(s.statement_id, s.account) = 0 THEN s.statement_id ELSE '' END,
       'statement:' || s.statement_pk, encode(m.body_sha256, 'hex')
  FROM gateway.statement_entry_seen n JOIN gateway.statement s USING (statement_pk)
       JOIN gateway.message m USING (message_pk)
 WHERE n.entry_pk = ANY(%s)"""
ROW_PAYMENTS = """SELECT paid_at, channel, '', amount, partner, reference, partner_transaction_id,
       'payment:' || payment_pk, ''
  FROM gateway.payment WHERE payment_pk = ANY(%s)"""
