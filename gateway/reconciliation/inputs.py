"""Reads both sides of a day into Arrow, inside the caller's transaction: one consistent picture, streamed by COPY."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from psycopg import Connection
from pyarrow import csv

from gateway.model import VIETNAM
from gateway.partners import Partner
from gateway.reconciliation.rules import Rules
from gateway.reconciliation.sides import Known

Rows = Connection[tuple[object, ...]]

OURS = pa.schema(
    [
        ("pk", pa.int64()), ("kind", pa.string()), ("reference", pa.string()), ("transaction", pa.string()),
        ("amount", pa.int64()), ("account", pa.string()), ("requested", pa.int64()), ("prior", pa.int64()),
        ("standing", pa.string()), ("dossier", pa.string()), ("on", pa.int64()), ("late", pa.bool_()),
        ("status", pa.string()), ("postage", pa.int64()),
    ]
)  # fmt: skip
THEIRS = pa.schema(
    [
        ("pk", pa.int64()), ("account", pa.string()), ("amount", pa.int64()), ("tokens", pa.string()),
        ("keys", pa.string()), ("type_code", pa.string()), ("response", pa.string()), ("text", pa.string()),
        ("on", pa.int64()), ("postage", pa.int64()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a day's judgement depends on, besides the rules."""

    ours: pa.Table
    theirs: pa.Table
    near_ours: pa.Table
    near_theirs: pa.Table
    known: dict[str, Known]
    remittances: dict[str, int]
    suggestions: dict[int, tuple[str, ...]]


_EPOCH = "DATE '1970-01-01'"
_PAYMENT = f"""
    p.payment_pk, 'payment', p.reference, p.partner_transaction_id, p.amount, coalesce(r.account, p.account),
    coalesce(r.amount, 0), 0, CASE WHEN p.source = 'counter' THEN 'known' WHEN r.request_pk IS NULL THEN 'unknown'
    WHEN r.state IN ('cancelled', 'refused') AND NOT EXISTS
      (SELECT FROM gateway.payment_allocation a WHERE a.payment_pk = p.payment_pk AND a.amount > 0) THEN 'cancelled'
    ELSE 'known' END, coalesce(p.dossier_code, ''), p.business_on - {_EPOCH}, """
_ENTRY = f"""
    e.entry_pk, e.account, e.amount, e.tokens, e.keys, e.type_code, e.response_code, e.text,
    e.booked_on - {_EPOCH}, 0"""


def read(conn: Rows, partner: Partner, business_on: date, rules: Rules, *, now: datetime) -> Inputs:
    """Both sides of one day of one partner, as known at ``now``, with the other halves that may stand on other days."""
    if partner.role == "postal":
        return _read_postal(conn, partner, business_on, now)
    values = _parameters(partner, business_on, rules, now)
    return Inputs(
        ours=_table(conn, OURS, _OURS_SQL, values),
        theirs=_table(
            conn,
            THEIRS,
            f"SELECT {_ENTRY} FROM gateway.statement_entry e"  # noqa: S608 - constants
            " WHERE e.partner = %(partner)s AND e.booked_on = %(day)s AND e.loaded_at <= %(now)s",
            values,
        ),
        near_ours=_table(conn, OURS, _NEAR_OURS_SQL, values),
        near_theirs=_table(conn, THEIRS, _NEAR_THEIRS_SQL, values),
        known=_known(conn, values),
        remittances=_remittances(conn, values),
        suggestions=_suggestions(conn, values),
    )


def _parameters(partner: Partner, business_on: date, rules: Rules, now: datetime) -> dict[str, object]:
    cutoff = partner.calendar.cutoff if partner.calendar is not None else datetime.max.time()
    closes_at = datetime.combine(business_on, cutoff, VIETNAM)
    return {
        "partner": partner.id,
        "day": business_on,
        "now": now,
        "day_from": datetime.combine(business_on, datetime.min.time(), VIETNAM),
        "day_to": datetime.combine(business_on + timedelta(days=1), datetime.min.time(), VIETNAM),
        "from": business_on - timedelta(days=rules.window.days),
        "to": business_on + timedelta(days=rules.window.days),
        # A late payment is pending only while the partner may still book it: until the second day after its own.
        "late_from": closes_at - timedelta(minutes=rules.window.late_minutes)
        if now < closes_at + timedelta(days=2)
        else closes_at + timedelta(days=1),
    }


_OURS_SQL = f"""
WITH mine AS MATERIALIZED (SELECT * FROM gateway.payment WHERE partner = %(partner)s AND business_on = %(day)s
                               AND recorded_at <= %(now)s),
prior AS (SELECT request_pk, sum(amount)::bigint AS amount FROM gateway.payment
           WHERE business_on < %(day)s AND recorded_at <= %(now)s
             AND request_pk IN (SELECT request_pk FROM mine WHERE request_pk IS NOT NULL)
           GROUP BY request_pk)
SELECT {_PAYMENT.replace("coalesce(r.amount, 0), 0,", "coalesce(r.amount, 0), coalesce(o.amount, 0),")}
       p.paid_at >= %(late_from)s, '', 0
  FROM mine p LEFT JOIN gateway.payment_request r USING (request_pk) LEFT JOIN prior o USING (request_pk)
UNION ALL
SELECT f.refund_pk, 'refund', f.refund_id, f.refund_transaction_id, -f.amount, p.account, 0, 0, 'known',
       coalesce(f.dossier_code, ''), %(day)s - {_EPOCH}, false, '', 0
  FROM gateway.refund f JOIN gateway.payment p USING (payment_pk)
 WHERE f.partner = %(partner)s AND f.sent_at <= %(now)s
   AND (f.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = %(day)s
UNION ALL
SELECT r.request_pk, 'attempt', r.reference, '', 0, r.account, r.amount, 0, 'known', r.dossier_code,
       %(day)s - {_EPOCH}, false, s.latest, 0
  FROM (SELECT request_pk, (array_agg(status ORDER BY step_no DESC))[1] AS latest, min(noted_at) AS first_at
          FROM gateway.payment_request_status WHERE noted_at <= %(now)s AND request_pk IN
            (SELECT request_pk FROM gateway.payment_request_status WHERE partner = %(partner)s AND status <> 'paid'
                AND noted_at >= %(day_from)s AND noted_at < %(day_to)s)
         GROUP BY request_pk) s JOIN gateway.payment_request r USING (request_pk)
 WHERE r.partner = %(partner)s AND s.latest <> 'paid' AND s.first_at >= %(day_from)s
   AND NOT EXISTS (SELECT FROM gateway.payment p WHERE p.request_pk = r.request_pk AND p.recorded_at <= %(now)s)"""  # noqa: S608 - constants

_NEAR_OURS_SQL = f"""
WITH named AS MATERIALIZED (SELECT DISTINCT tokens FROM gateway.statement_entry e WHERE partner = %(partner)s
    AND booked_on = %(day)s AND tokens <> '' AND NOT EXISTS (SELECT FROM gateway.payment p
      WHERE p.partner = %(partner)s AND p.business_on = %(day)s AND p.reference = e.tokens))
SELECT {_PAYMENT} false, '', 0
  FROM gateway.payment p JOIN named ON named.tokens = p.reference LEFT JOIN gateway.payment_request r USING (request_pk)
 WHERE p.partner = %(partner)s AND p.business_on BETWEEN %(from)s AND %(to)s AND p.business_on <> %(day)s
   AND p.recorded_at <= %(now)s
UNION ALL
SELECT f.refund_pk, 'refund', f.refund_id, f.refund_transaction_id, -f.amount, p.account, 0, 0, 'known',
       coalesce(f.dossier_code, ''), (f.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - {_EPOCH}, false, '', 0
  FROM gateway.refund f JOIN gateway.payment p USING (payment_pk)
 WHERE f.partner = %(partner)s AND f.sent_at <= %(now)s
   AND (f.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date BETWEEN %(from)s AND %(to)s
   AND (f.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <> %(day)s"""  # noqa: S608 - constants

_NEAR_THEIRS_SQL = f"""
WITH waiting AS MATERIALIZED (SELECT DISTINCT reference FROM gateway.payment p WHERE partner = %(partner)s
    AND business_on = %(day)s AND reference <> '' AND NOT EXISTS (SELECT FROM gateway.statement_entry e
      WHERE e.partner = %(partner)s AND e.booked_on = %(day)s AND e.tokens = p.reference))
SELECT {_ENTRY} FROM gateway.statement_entry e JOIN waiting w ON w.reference = e.tokens
 WHERE e.partner = %(partner)s AND e.booked_on BETWEEN %(from)s AND %(to)s AND e.booked_on <> %(day)s
   AND e.loaded_at <= %(now)s"""  # noqa: S608 - constants


def _read_postal(conn: Rows, partner: Partner, business_on: date, now: datetime) -> Inputs:
    values: dict[str, object] = {"partner": partner.id, "day": business_on, "now": now}
    return Inputs(
        ours=_table(conn, OURS, _COD_SQL, values),
        theirs=_table(conn, THEIRS, _REMITTANCE_SQL, values),
        near_ours=OURS.empty_table(),
        near_theirs=THEIRS.empty_table(),
        known={},
        remittances={},
        suggestions={},
    )


# COD is reconciled by batch: what was collected up to the last collection day of the batches of this day and was in no
# earlier batch should be in them.
_COD_SQL = f"""
WITH batch AS (SELECT * FROM gateway.remittance WHERE partner = %(partner)s AND business_on = %(day)s
                AND loaded_at <= %(now)s),
upto AS (SELECT max(l.collected_on) AS day FROM gateway.remittance_line l JOIN batch USING (remittance_pk)),
named AS (SELECT DISTINCT l.order_number FROM gateway.remittance_line l JOIN batch USING (remittance_pk))
SELECT {_PAYMENT} false, '', coalesce(o.cod_postage, 0)
  FROM gateway.payment p LEFT JOIN gateway.payment_request r USING (request_pk)
  LEFT JOIN gateway.postal_order o ON o.order_number = p.reference
 WHERE p.partner = %(partner)s AND p.channel = 'cod' AND p.recorded_at <= %(now)s
   AND ((p.paid_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= (SELECT day FROM upto)
        OR p.reference IN (SELECT order_number FROM named))
   AND NOT EXISTS (SELECT FROM gateway.remittance_line l JOIN gateway.remittance b USING (remittance_pk)
                    WHERE b.partner = %(partner)s AND l.order_number = p.reference AND b.business_on < %(day)s)"""  # noqa: S608 - constants

_REMITTANCE_SQL = f"""
SELECT l.line_pk, b.account, l.state_fee, l.order_number, b.batch_id, '', '', l.item_code, l.collected_on - {_EPOCH},
       l.postage
  FROM gateway.remittance_line l JOIN gateway.remittance b USING (remittance_pk)
 WHERE b.partner = %(partner)s AND b.business_on = %(day)s AND b.loaded_at <= %(now)s"""  # noqa: S608 - constants


def _known(conn: Rows, values: dict[str, object]) -> dict[str, Known]:
    """The requests that entries of the day name and no payment of the day does."""
    rows = conn.execute(
        "WITH named AS (SELECT DISTINCT unnest(string_to_array(e.tokens, ' ')) AS reference"
        " FROM gateway.statement_entry e"
        " WHERE e.partner = %(partner)s AND e.booked_on = %(day)s AND e.tokens <> '' AND NOT EXISTS"
        " (SELECT FROM gateway.payment p WHERE p.partner = %(partner)s AND p.business_on = %(day)s"
        "  AND p.reference = e.tokens))"
        " SELECT r.reference, r.dossier_code, r.amount, r.account, r.state, r.last_status"
        " FROM gateway.payment_request r JOIN named USING (reference) ORDER BY 1",
        values,
    )
    return {str(row[0]): Known(*row) for row in rows}  # type: ignore[arg-type]  # the columns above


def _remittances(conn: Rows, values: dict[str, object]) -> dict[str, int]:
    rows = conn.execute(
        "WITH words AS (SELECT DISTINCT unnest(string_to_array(keys, ' ')) AS word FROM gateway.statement_entry"
        " WHERE partner = %(partner)s AND booked_on = %(day)s AND tokens = '' AND keys <> '')"
        " SELECT b.batch_id, b.line_total FROM gateway.remittance b JOIN words ON words.word = b.batch_id ORDER BY 1",
        values,
    )
    return {str(batch): int(str(total)) for batch, total in rows}


def _suggestions(conn: Rows, values: dict[str, object]) -> dict[int, tuple[str, ...]]:
    """Dossiers whose code, without its dots and dashes, stands in the free text of an entry that names no reference."""
    rows = conn.execute(
        "WITH loose AS (SELECT entry_pk, regexp_matches(regexp_replace(upper(text), '[^A-Z0-9]', '', 'g'),"
        " '[A-Z][0-9]{12,27}', 'g') AS found FROM gateway.statement_entry"
        " WHERE partner = %(partner)s AND booked_on = %(day)s AND tokens = '' AND amount > 0)"
        " SELECT DISTINCT l.entry_pk, d.dossier_code FROM loose l JOIN gateway.dossier d ON"
        " regexp_replace(regexp_replace(d.dossier_code, '^[0-9.]+', ''), '[^A-Z0-9]', '', 'g') = l.found[1]"
        " ORDER BY 1, 2",
        values,
    )
    found: dict[int, tuple[str, ...]] = {}
    for entry_pk, code in rows:
        found[int(str(entry_pk))] = (*found.get(int(str(entry_pk)), ()), str(code))
    return found


def _table(conn: Rows, schema: pa.Schema, query: str, values: dict[str, object]) -> pa.Table:
    with tempfile.TemporaryDirectory(prefix="gateway-recon-") as folder:
        file = Path(folder) / "rows.csv"
        with (
            file.open("wb") as out,
            conn.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)".encode(), values) as copy,
        ):
            for block in copy:
                out.write(block)
        if file.stat().st_size == 0:
            return schema.empty_table()
        return csv.read_csv(
            file,
            read_options=csv.ReadOptions(column_names=schema.names),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=schema, strings_can_be_null=False, true_values=["t"], false_values=["f"]
            ),
        )
