"""How the rows of the monthly tables are read. ``%(from)s`` and ``%(to)s`` bound the business date."""

from __future__ import annotations

# A month tells what its fees had been given when it was closed. What changed later stays out of it: money that a fee
# lost leaves by a refund, money that was given to a fee later stands in the first month that was open then, on its day.
_GIVEN = """
shut AS (
    SELECT partner, month, closed_at FROM gateway.recon_month
     UNION ALL SELECT '', month, max(closed_at) FROM gateway.recon_month GROUP BY month),
fee_money AS NOT MATERIALIZED (
    SELECT a.payment_pk, a.at, a.amount, f.kind, f.dossier_code, f.payer_pk, f.fee_pk
      FROM gateway.payment_allocation a JOIN gateway.fee f USING (fee_pk) WHERE f.kind <> 'cuoc'),
later AS (
    SELECT p.payment_pk, before.closed_at AS since, coalesce(this.closed_at, 'infinity') AS until,
           (SELECT coalesce(max(net), 0) FROM shut s CROSS JOIN LATERAL (
                   SELECT sum(amount) AS net FROM fee_money m WHERE m.payment_pk = p.payment_pk AND at <= s.closed_at) t
             WHERE s.partner = p.partner AND s.month >= own.month AND s.month < %(from)s) AS told
      FROM gateway.payment p
      JOIN shut own ON own.partner = p.partner AND own.month = date_trunc('month', p.business_on)::date
      JOIN shut before ON before.partner = p.partner AND before.month = (%(from)s::date - interval '1 month')::date
      LEFT JOIN shut this ON this.partner = p.partner AND this.month = %(from)s
     WHERE p.business_on < %(from)s AND p.payment_pk IN (
           SELECT payment_pk FROM gateway.payment_allocation
            WHERE at > (SELECT min(closed_at) FROM shut WHERE month = (%(from)s::date - interval '1 month')::date))),
given AS (
    SELECT p.payment_pk, min(m.dossier_code) AS dossier_code, sum(m.amount) AS whole,
           coalesce(sum(m.amount) FILTER (WHERE m.kind = 'phi'), 0) AS phi,
           coalesce(sum(m.amount) FILTER (WHERE m.kind = 'le_phi'), 0) AS le_phi,
           (array_agg(m.payer_pk ORDER BY m.fee_pk) FILTER (WHERE m.payer_pk IS NOT NULL))[1] AS payer_pk
      FROM gateway.payment p JOIN fee_money m USING (payment_pk)
      LEFT JOIN shut s ON s.partner = p.partner AND s.month = %(from)s
     WHERE p.business_on >= %(from)s AND p.business_on < %(to)s AND m.at <= coalesce(s.closed_at, 'infinity')
     GROUP BY p.payment_pk HAVING sum(m.amount) <> 0
     UNION ALL
    SELECT payment_pk, dossier_code, whole, greatest(0, least(whole, phi)), whole - greatest(0, least(whole, phi)),
           payer_pk
      FROM (SELECT l.payment_pk, min(m.dossier_code) FILTER (WHERE m.at > l.since AND m.amount > 0) AS dossier_code,
                   sum(m.amount) - l.told AS whole,
                   coalesce(sum(m.amount) FILTER (WHERE m.kind = 'phi' AND m.at > l.since), 0) AS phi,
                   (array_agg(m.payer_pk ORDER BY m.fee_pk) FILTER (WHERE m.payer_pk IS NOT NULL))[1] AS payer_pk
              FROM later l JOIN fee_money m ON m.payment_pk = l.payment_pk AND m.at <= l.until
             GROUP BY l.payment_pk, l.told, l.since) changed
     WHERE whole > 0)"""

COLLECTED = f"""
WITH {_GIVEN}
SELECT g.dossier_code, d.owner_name, d.address, d.procedure_name, coalesce(y.name, ''), coalesce(y.address, ''),
       p.channel, p.business_on, g.phi, g.le_phi,
       concat_ws(' ', nullif(p.receipt_series, ''), nullif(p.receipt_number, '')), d.accepted_by, d.channel, p.cashier
  FROM given g JOIN gateway.payment p USING (payment_pk) JOIN gateway.dossier d ON d.dossier_code = g.dossier_code
  LEFT JOIN gateway.payment_request q ON q.request_pk = p.request_pk
  LEFT JOIN gateway.payer y ON y.payer_pk = coalesce(q.payer_pk, g.payer_pk)
 ORDER BY p.business_on, p.payment_pk"""  # noqa: S608 - our own text

# Two tables are about units: what each took, and how many of its dossiers paid online (QĐ 766).
BY_UNIT = f"""
WITH {_GIVEN}, paid AS (
    SELECT g.dossier_code, sum(g.phi) AS phi, sum(g.le_phi) AS le_phi, sum(g.whole) AS whole,
           sum(g.whole) FILTER (WHERE p.channel = 'cash') AS cash,
           sum(g.whole) FILTER (WHERE p.channel = 'platform') AS platform,
           sum(g.whole) FILTER (WHERE p.channel NOT IN ('cash', 'platform')) AS transferred,
           bool_and(p.channel IN ('internet_banking', 'qr', 'platform')) AS online
      FROM given g JOIN gateway.payment p USING (payment_pk) GROUP BY g.dossier_code)
SELECT d.unit_name, sum(phi), sum(le_phi), sum(whole), sum(cash), sum(platform), sum(transferred), count(*),
       count(*) FILTER (WHERE NOT online), count(*) FILTER (WHERE online)
  FROM paid JOIN gateway.dossier d USING (dossier_code)
 GROUP BY d.unit_code, d.unit_name ORDER BY d.unit_code"""  # noqa: S608 - our own text

# A refund stands in the month in which it was paid, whatever became of it, and again, negative, where it came back.
REFUNDED = """
WITH moved AS (
    SELECT refund_pk, coalesce(debited_on, document_on) AS moved_on, amount, NULL::date AS paid_on FROM gateway.refund
     WHERE coalesce(debited_on, document_on) >= %(from)s AND coalesce(debited_on, document_on) < %(to)s
     UNION ALL
    SELECT refund_pk, returned_on, -amount, debited_on FROM gateway.refund
     WHERE debited_on IS NOT NULL AND returned_on >= %(from)s AND returned_on < %(to)s)
SELECT r.dossier_code, d.owner_name, r.requested_by, d.unit_name, p.channel, y.name, r.reason, m.moved_on, m.amount,
       r.route, p.account, r.partner, m.paid_on
  FROM moved m JOIN gateway.refund r USING (refund_pk) JOIN gateway.payment p USING (payment_pk)
  LEFT JOIN gateway.dossier d ON d.dossier_code = r.dossier_code
  LEFT JOIN gateway.payment_request q ON q.request_pk = p.request_pk
  LEFT JOIN gateway.payer y ON y.payer_pk = coalesce(q.payer_pk, (
       SELECT f.payer_pk FROM gateway.payment_allocation a JOIN gateway.fee f USING (fee_pk)
        WHERE a.payment_pk = p.payment_pk AND f.payer_pk IS NOT NULL ORDER BY a.allocation_pk DESC LIMIT 1))
 ORDER BY m.moved_on, r.refund_pk, m.amount DESC"""

TREASURY = """
SELECT v.voucher_number, v.form_code, v.document_number, v.reference, v.method, v.paid_on, v.payer_name,
       v.payer_tax_code, v.payer_address, v.partner, v.account, v.collects_as, v.treasury_account, v.treasury_name,
       v.authority,
       i.document, i.period, i.content, i.kind,
       i.chapter, i.subitem, i.amount
  FROM gateway.treasury_voucher v JOIN gateway.treasury_voucher_item i USING (voucher_pk)
 WHERE v.confirmed_at IS NOT NULL AND v.cancelled_at IS NULL AND v.paid_on >= %(from)s AND v.paid_on < %(to)s
 ORDER BY v.paid_on, v.voucher_pk, i.line_no"""
