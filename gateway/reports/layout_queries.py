"""How the rows of the monthly tables are read. ``%(from)s`` and ``%(to)s`` bound the business date."""

from __future__ import annotations

_GIVEN = """
given AS (
    SELECT p.payment_pk, min(f.dossier_code) AS dossier_code, sum(a.amount) AS whole,
           coalesce(sum(a.amount) FILTER (WHERE f.kind = 'phi'), 0) AS phi,
           coalesce(sum(a.amount) FILTER (WHERE f.kind = 'le_phi'), 0) AS le_phi
      FROM gateway.payment p JOIN gateway.payment_allocation a USING (payment_pk) JOIN gateway.fee f USING (fee_pk)
     WHERE p.business_on >= %(from)s AND p.business_on < %(to)s AND f.kind <> 'cuoc'
     GROUP BY p.payment_pk HAVING sum(a.amount) <> 0)"""

COLLECTED = f"""
WITH {_GIVEN}
SELECT g.dossier_code, d.owner_name, d.address, d.procedure_name, p.channel, p.business_on, g.phi, g.le_phi,
       concat_ws(' ', nullif(p.receipt_series, ''), nullif(p.receipt_number, '')), d.channel, p.cashier
  FROM given g JOIN gateway.payment p USING (payment_pk) JOIN gateway.dossier d ON d.dossier_code = g.dossier_code
 ORDER BY p.business_on, p.payment_pk"""  # noqa: S608 - our own text

BY_UNIT = f"""
WITH {_GIVEN}
SELECT d.unit_name, sum(g.phi), sum(g.le_phi), sum(g.whole), sum(g.whole) FILTER (WHERE p.channel = 'cash'),
       sum(g.whole) FILTER (WHERE p.channel = 'platform'),
       sum(g.whole) FILTER (WHERE p.channel NOT IN ('cash', 'platform')), count(DISTINCT g.dossier_code)
  FROM given g JOIN gateway.payment p USING (payment_pk) JOIN gateway.dossier d ON d.dossier_code = g.dossier_code
 GROUP BY d.unit_code, d.unit_name ORDER BY d.unit_code"""  # noqa: S608 - our own text

QD_766 = f"""
WITH {_GIVEN}, paid AS (
    SELECT g.dossier_code, bool_and(p.channel IN ('internet_banking', 'qr', 'platform')) AS online
      FROM given g JOIN gateway.payment p USING (payment_pk) GROUP BY g.dossier_code)
SELECT d.unit_name, count(*), count(*) FILTER (WHERE NOT online), count(*) FILTER (WHERE online)
  FROM paid JOIN gateway.dossier d USING (dossier_code)
 GROUP BY d.unit_code, d.unit_name ORDER BY d.unit_code"""  # noqa: S608 - our own text

REFUNDED = """
SELECT r.dossier_code, d.owner_name, r.requested_by, d.unit_name, p.channel, r.reason,
       coalesce(r.debited_on, r.document_on), r.amount, p.account, r.partner
  FROM gateway.refund r JOIN gateway.payment p USING (payment_pk)
  LEFT JOIN gateway.dossier d ON d.dossier_code = r.dossier_code
 WHERE r.state = 'debited' AND coalesce(r.debited_on, r.document_on) >= %(from)s
   AND coalesce(r.debited_on, r.document_on) < %(to)s
 ORDER BY 7, r.refund_pk"""

TREASURY = """
SELECT v.voucher_number, v.form_code, v.document_number, v.reference, v.method, v.paid_on, v.payer_name,
       v.payer_tax_code, v.partner, v.account, v.treasury_account, v.treasury_name, v.authority,
       i.document, i.period, i.content, i.kind,
       i.chapter, i.subitem, i.amount
  FROM gateway.treasury_voucher v JOIN gateway.treasury_voucher_item i USING (voucher_pk)
 WHERE v.confirmed_at IS NOT NULL AND v.cancelled_at IS NULL AND v.paid_on >= %(from)s AND v.paid_on < %(to)s
 ORDER BY v.paid_on, v.voucher_pk, i.line_no"""
