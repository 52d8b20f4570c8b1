"""Messages whose bytes are kept beyond their term, because their money is not reconciled yet."""

from __future__ import annotations

from gateway.messages.store import Connection

# Statements and remittances, also for entries that they book on other dates; payments that are not of an approved day
# or pay nothing yet, with their receipts; money that was moved to a day that is not approved; answers of partners about
# open days; refunds under way, with their orders.
_UNRECONCILED = """
WITH approved AS MATERIALIZED (SELECT partner, business_on FROM gateway.recon_day WHERE state = 'approved'),
loose AS MATERIALIZED (
    SELECT p.payment_pk, p.message_pk FROM gateway.payment p LEFT JOIN approved a USING (partner, business_on)
     WHERE a.partner IS NULL OR p.allocated + p.refunding < p.amount),
going_back AS (
    SELECT dossier_code, message_pk FROM gateway.refund
     WHERE state NOT IN ('debited', 'returned', 'rejected', 'refused'))
SELECT s.message_pk FROM gateway.statement s LEFT JOIN approved a USING (partner, business_on) WHERE a.partner IS NULL
UNION SELECT s.message_pk FROM gateway.statement s JOIN gateway.statement_entry_seen n USING (statement_pk)
       JOIN gateway.statement_entry e USING (entry_pk)
       LEFT JOIN approved a ON (a.partner, a.business_on) = (e.partner, e.booked_on) WHERE a.partner IS NULL
UNION SELECT r.message_pk FROM gateway.remittance r LEFT JOIN approved a USING (partner, business_on)
       WHERE a.partner IS NULL
UNION SELECT message_pk FROM loose
UNION SELECT b.message_pk FROM gateway.payment_bill b JOIN loose USING (payment_pk)
UNION SELECT w.message_pk FROM gateway.enquiry_answer w JOIN gateway.break_decision d USING (decision_pk)
       LEFT JOIN approved a USING (partner, business_on) WHERE a.partner IS NULL
UNION SELECT p.message_pk FROM gateway.money_move_now m
       JOIN gateway.payment p ON p.payment_pk = ANY (m.payment_pks)
       LEFT JOIN approved a ON (a.partner, a.business_on) = (m.partner, m.to_on) WHERE a.partner IS NULL
UNION SELECT s.message_pk FROM gateway.money_move_now m
       JOIN gateway.statement_entry_seen n ON n.entry_pk = ANY (m.entry_pks)
       JOIN gateway.statement s USING (statement_pk)
       LEFT JOIN approved a ON (a.partner, a.business_on) = (m.partner, m.to_on) WHERE a.partner IS NULL
UNION SELECT message_pk FROM going_back
UNION SELECT m.message_pk FROM gateway.message m JOIN going_back g USING (dossier_code)
       WHERE m.direction = 'out' AND m.kind = 'refund'"""


def unreconciled_messages(connection: Connection) -> frozenset[int]:
    """Messages whose money belongs to a day that is not approved, pays nothing yet, or is on its way back.

    Counter cash has no day of its own: its messages are always among them.
    """
    rows = connection.execute(_UNRECONCILED).fetchall()
    return frozenset(int(str(row[0])) for row in rows if row[0] is not None)
