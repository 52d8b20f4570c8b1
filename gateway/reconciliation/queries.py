"""The queries that read both sides of a day, as known at ``now``. ``lags`` stands for the partner's channels."""

from __future__ import annotations

_EPOCH = "DATE '1970-01-01'"
_VIETNAM = "AT TIME ZONE 'Asia/Ho_Chi_Minh'"
# What people did with the money of a day is no evidence of that day: an attribution gives a payment a dossier and an
# allocation (without a message), and the day is judged from what was told of the payment.
_TOLD = """CASE WHEN p.request_pk IS NOT NULL OR NOT EXISTS
      (SELECT FROM gateway.payment_named n WHERE n.payment_pk = p.payment_pk) THEN p.dossier_code END"""
_PAYMENT = f"""
    p.payment_pk, 'payment', p.reference, p.partner_transaction_id, p.amount, coalesce(r.account, p.account),
    coalesce(r.amount, 0), %PRIOR%, CASE WHEN p.source = 'counter' THEN 'known' WHEN r.request_pk IS NULL THEN 'unknown'
    WHEN r.state IN ('cancelled', 'refused') AND coalesce(r.state_at, r.created_at) <= %(now)s AND NOT EXISTS
      (SELECT FROM gateway.payment_allocation a WHERE a.payment_pk = p.payment_pk AND a.amount > 0 AND a.at <= %(now)s
         AND a.message_pk IS NOT NULL)
    THEN 'cancelled' ELSE 'known' END, coalesce({_TOLD}, ''), p.business_on - {_EPOCH}, """
_PLAIN = _PAYMENT.replace("%PRIOR%", "0")
_BATCH = "CASE p.channel WHEN 'pos' THEN 'pos:' || p.terminal_id ELSE '' END"
_NO_TIMES = "false, false, 0, ''"  # late, early, lag, batch
# Within some minutes of the cut-off: of its own date (the partner may book it later), of the date before (earlier).
_NEAR_TIMES = f"""
    p.paid_at - (p.business_on + %(cutoff)s::time) {_VIETNAM} BETWEEN -%(late)s AND %(early)s,
    p.paid_at - (p.business_on - 1 + %(cutoff)s::time) {_VIETNAM} BETWEEN -%(late)s AND %(early)s, lags, {_BATCH}"""
_ENTRY = f"""
    e.entry_pk, e.account, e.amount, e.tokens, e.keys, e.type_code, e.response_code, e.text,
    e.booked_on - {_EPOCH}, 0"""

_REFUND = f"""
SELECT f.refund_pk, 'refund', f.refund_id, CASE WHEN EXISTS (SELECT FROM gateway.refund_late_answer l
         WHERE l.refund_pk = f.refund_pk) THEN '' ELSE f.refund_transaction_id END, -f.amount, p.account, 0, 0, 'known',
       coalesce(f.dossier_code, ''), (f.sent_at {_VIETNAM})::date - {_EPOCH}, {_NO_TIMES}, '', 0
  FROM gateway.refund f JOIN gateway.payment p USING (payment_pk)
 WHERE f.partner = %(partner)s AND f.sent_at <= %(now)s AND (f.sent_at {_VIETNAM})::date"""  # noqa: S608 - constants

OURS = f"""
WITH mine AS MATERIALIZED (SELECT * FROM gateway.payment WHERE partner = %(partner)s AND business_on = %(day)s
                               AND recorded_at <= %(now)s AND source <> 'statement'),
prior AS (SELECT request_pk, sum(amount)::bigint AS amount FROM gateway.payment
           WHERE business_on < %(day)s AND recorded_at <= %(now)s
             AND request_pk IN (SELECT request_pk FROM mine WHERE request_pk IS NOT NULL)
           GROUP BY request_pk)
SELECT {_PAYMENT.replace("%PRIOR%", "coalesce(o.amount, 0)")}
       p.paid_at - %(closes_at)s BETWEEN -%(late)s AND %(early)s,
       p.paid_at - %(opens_at)s BETWEEN -%(late)s AND %(early)s, lags, {_BATCH}, '', 0
  FROM mine p LEFT JOIN gateway.payment_request r USING (request_pk) LEFT JOIN prior o USING (request_pk)
UNION ALL {_REFUND} = %(day)s
UNION ALL
SELECT r.request_pk, 'attempt', r.reference, '', 0, r.account, r.amount, 0, 'known', r.dossier_code,
       %(day)s - {_EPOCH}, {_NO_TIMES}, s.latest, 0
  FROM (SELECT request_pk, (array_agg(status ORDER BY step_no DESC))[1] AS latest, min(noted_at) AS first_at
          FROM gateway.payment_request_status WHERE noted_at <= %(now)s AND request_pk IN
            (SELECT request_pk FROM gateway.payment_request_status WHERE partner = %(partner)s AND status <> 'paid'
                AND noted_at >= %(day_from)s AND noted_at < %(day_to)s)
         GROUP BY request_pk) s JOIN gateway.payment_request r USING (request_pk)
 WHERE r.partner = %(partner)s AND s.latest <> 'paid' AND s.first_at >= %(day_from)s
   AND NOT EXISTS (SELECT FROM gateway.payment p WHERE p.request_pk = r.request_pk AND p.recorded_at <= %(now)s)"""  # noqa: S608 - constants

THEIRS = f"""
SELECT {_ENTRY} FROM gateway.statement_entry e
 WHERE e.partner = %(partner)s AND e.booked_on = %(day)s AND e.loaded_at <= %(now)s"""  # noqa: S608 - constants

# Halves on other dates: of references of which one side has more on the day than the other. One that has its other half
# on its own date is no half of ours, nor one that has it before this day; of several payments that are alike each may
# be one. Of such as are alike on one date the first have the halves of that date, as the judges pair them. A line of an
# attempt that failed is no half.
_CREDITED = "e.amount > 0 AND e.response_code IN ('', '00', '68')"
NEAR_OURS = f"""
WITH named AS MATERIALIZED (SELECT DISTINCT tokens FROM gateway.statement_entry e WHERE partner = %(partner)s
    AND booked_on = %(day)s AND tokens <> '' AND loaded_at <= %(now)s AND NOT EXISTS (SELECT FROM gateway.payment p
      WHERE p.partner = %(partner)s AND p.business_on = %(day)s AND p.reference = e.tokens
        AND p.recorded_at <= %(now)s)
  UNION SELECT s.tokens FROM (SELECT tokens, count(*) FILTER (WHERE {_CREDITED}) AS times
      FROM gateway.statement_entry e WHERE partner = %(partner)s AND booked_on = %(day)s AND tokens <> ''
        AND loaded_at <= %(now)s GROUP BY tokens HAVING count(*) > 1) s
    LEFT JOIN gateway.payment p ON p.partner = %(partner)s AND p.business_on = %(day)s AND p.reference = s.tokens
      AND p.recorded_at <= %(now)s GROUP BY s.tokens, s.times HAVING s.times > count(p.payment_pk)),
booked AS MATERIALIZED (SELECT e.booked_on, e.tokens, e.amount, count(*) AS times FROM gateway.statement_entry e
    JOIN named USING (tokens) WHERE e.partner = %(partner)s AND e.booked_on BETWEEN %(from)s AND %(to)s
    AND e.booked_on <> %(day)s AND e.loaded_at <= %(now)s AND {_CREDITED} GROUP BY 1, 2, 3)
SELECT {_PLAIN} {_NEAR_TIMES}, '', 0
  FROM (SELECT p.*, row_number() OVER (PARTITION BY p.business_on, p.reference, p.amount
                                       ORDER BY p.partner_transaction_id COLLATE "C", p.payment_pk) AS place
          FROM gateway.payment p JOIN named ON named.tokens = p.reference
         WHERE p.partner = %(partner)s AND p.business_on BETWEEN %(from)s AND %(to)s AND p.business_on <> %(day)s
           AND p.recorded_at <= %(now)s) p LEFT JOIN gateway.payment_request r USING (request_pk)
 WHERE NOT EXISTS (SELECT FROM booked b WHERE b.tokens = p.reference AND b.amount = p.amount
     AND (b.booked_on = p.business_on AND b.times >= p.place OR b.booked_on < %(day)s AND NOT EXISTS
       (SELECT FROM gateway.payment WHERE payment.partner = %(partner)s AND payment.reference = p.reference
           AND payment.amount = p.amount AND payment.payment_pk <> p.payment_pk AND payment.recorded_at <= %(now)s)))
UNION ALL {_REFUND} BETWEEN %(from)s AND %(to)s
   AND (f.sent_at {_VIETNAM})::date <> %(day)s AND NOT EXISTS (SELECT FROM gateway.statement_entry e
     WHERE e.partner = %(partner)s AND e.tokens = f.refund_id AND e.amount = -f.amount AND e.loaded_at <= %(now)s
       AND e.booked_on <> %(day)s AND (e.booked_on < %(day)s OR e.booked_on = (f.sent_at {_VIETNAM})::date))"""  # noqa: S608 - constants

NEAR_THEIRS = f"""
WITH waiting AS MATERIALIZED (SELECT DISTINCT reference FROM gateway.payment p WHERE partner = %(partner)s
    AND business_on = %(day)s AND reference <> '' AND recorded_at <= %(now)s
    AND NOT EXISTS (SELECT FROM gateway.statement_entry e WHERE e.partner = %(partner)s AND e.booked_on = %(day)s
      AND e.tokens = p.reference AND e.loaded_at <= %(now)s AND {_CREDITED})
  UNION SELECT s.reference FROM (SELECT reference, count(*) AS times FROM gateway.payment p
      WHERE partner = %(partner)s AND business_on = %(day)s AND reference <> '' AND recorded_at <= %(now)s
      GROUP BY reference HAVING count(*) > 1) s
    LEFT JOIN gateway.statement_entry e ON e.partner = %(partner)s AND e.booked_on = %(day)s
      AND e.tokens = s.reference AND e.loaded_at <= %(now)s AND {_CREDITED}
    GROUP BY s.reference, s.times HAVING s.times > count(e.entry_pk)
  UNION SELECT f.refund_id FROM gateway.refund f WHERE f.partner = %(partner)s AND f.sent_at <= %(now)s
    AND (f.sent_at {_VIETNAM})::date = %(day)s
    AND NOT EXISTS (SELECT FROM gateway.statement_entry e WHERE e.partner = %(partner)s AND e.booked_on = %(day)s
      AND e.tokens = f.refund_id AND e.loaded_at <= %(now)s)),
paid AS MATERIALIZED (SELECT p.business_on, p.reference, p.amount, count(*) AS times FROM gateway.payment p
    JOIN waiting USING (reference) WHERE p.partner = %(partner)s AND p.business_on <> %(day)s
    AND p.recorded_at <= %(now)s GROUP BY 1, 2, 3)
SELECT {_ENTRY}
  FROM (SELECT e.*, row_number() OVER (PARTITION BY e.booked_on, e.tokens, e.amount ORDER BY NOT ({_CREDITED}),
            e.account COLLATE "C", e.keys COLLATE "C", e.text COLLATE "C", e.entry_pk) AS place
          FROM gateway.statement_entry e JOIN waiting w ON w.reference = e.tokens
         WHERE e.partner = %(partner)s AND e.booked_on BETWEEN %(from)s AND %(to)s AND e.booked_on <> %(day)s
           AND e.loaded_at <= %(now)s) e
 WHERE NOT EXISTS (SELECT FROM paid b WHERE b.business_on = e.booked_on AND b.reference = e.tokens
     AND b.amount = e.amount AND b.times >= e.place)"""  # noqa: S608 - constants

LATER = f"""
SELECT {_ENTRY} FROM gateway.statement_entry e WHERE e.partner = %(partner)s AND e.booked_on > %(day)s
   AND e.booked_on <= %(to)s AND e.tokens = '' AND e.amount > 0 AND e.loaded_at <= %(now)s"""  # noqa: S608 - constants

# COD is reconciled by batch: what was collected up to the last collection day of the batches of this day and was in no
# earlier batch should be in them.
COD = f"""
WITH batch AS (SELECT * FROM gateway.remittance WHERE partner = %(partner)s AND business_on = %(day)s
                AND loaded_at <= %(now)s),
upto AS (SELECT max(l.collected_on) AS day FROM gateway.remittance_line l JOIN batch USING (remittance_pk)),
named AS (SELECT DISTINCT l.order_number FROM gateway.remittance_line l JOIN batch USING (remittance_pk))
SELECT {_PLAIN} {_NO_TIMES}, '', coalesce(o.cod_postage, 0)
  FROM gateway.payment p LEFT JOIN gateway.payment_request r USING (request_pk)
  LEFT JOIN gateway.postal_order o ON o.order_number = p.reference AND o.dossier_code = {_TOLD}
 WHERE p.partner = %(partner)s AND p.channel = 'cod' AND p.recorded_at <= %(now)s
   AND ((p.paid_at {_VIETNAM})::date <= (SELECT day FROM upto)
        OR p.reference IN (SELECT order_number FROM named))
   AND NOT EXISTS (SELECT FROM gateway.remittance_line l JOIN gateway.remittance b USING (remittance_pk)
                    WHERE b.partner = %(partner)s AND l.order_number = p.reference AND b.business_on < %(day)s
                      AND b.loaded_at <= %(now)s)"""  # noqa: S608 - constants

REMITTED = f"""
SELECT l.line_pk, b.account, l.state_fee, l.order_number, b.batch_id, '', '', l.item_code, l.collected_on - {_EPOCH},
       l.postage
  FROM gateway.remittance_line l JOIN gateway.remittance b USING (remittance_pk)
 WHERE b.partner = %(partner)s AND b.business_on = %(day)s AND b.loaded_at <= %(now)s"""  # noqa: S608 - constants
