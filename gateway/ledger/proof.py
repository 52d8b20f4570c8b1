"""The proof that no đồng vanished, per account and day: opening + entries = closing = next opening; one class each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from gateway.ledger.balances import last_closing, told
from gateway.masking import masked_account


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One sum that must close: what it is, both sides, whether they are equal. ``unit`` is "đ" or "dòng"."""

    name: str
    left: int
    right: int
    unit: str = "đ"

    @property
    def closes(self) -> bool:
        return self.left == self.right


Rows = Connection[tuple[object, ...]]


def prove_money(conn: Rows, business_on: date) -> list[ProofLine]:
    """Every sum of money of one business date, over all partners: accounts, classes, payments, fees, remittances."""
    return [
        *_accounts(conn, business_on),
        *_classes(conn, business_on),
        *_payments(conn, business_on),
        *_remittances(conn, business_on),
    ]


@dataclass(frozen=True, slots=True)
class AccountChain:
    """One account on the day that a statement closed: what it opened with, what moved first that day, what it closed.

    ``before`` is the last closing before it, None where there is none. ``repeats``: the file begins before that
    closing, so that its own opening is an older one.
    """

    partner: str
    account: str
    before: int | None
    opening: int
    closing: int
    moved: int
    repeats: bool

    @property
    def start(self) -> int:
        return self.opening if self.before is None else self.before


def account_chains(conn: Rows, closing_on: date, *, account: str | None = None) -> list[AccountChain]:
    """The chain of closing balances: the last one, and what this day's statements brought first, give this one.

    A day may be told by several files, which arrive in any order (``balances``).
    """
    rows = conn.execute(_ACCOUNTS_SQL.encode(), {"day": closing_on, "account": account}).fetchall()
    return [
        AccountChain(
            str(partner),
            str(own),
            None if before is None else _int(before),
            _int(opening),
            _int(closing),
            _int(moved),
            repeats is True,
        )
        for partner, own, opening, closing, before, moved, repeats in rows
    ]


def _accounts(conn: Rows, business_on: date) -> list[ProofLine]:
    lines = []
    for chain in account_chains(conn, business_on):
        name = f"{chain.partner} {masked_account(chain.account)}"
        lines.append(ProofLine(f"{name}: đầu kỳ + phát sinh = cuối kỳ", chain.start + chain.moved, chain.closing))
        if chain.before is not None and not chain.repeats:
            lines.append(ProofLine(f"{name}: cuối kỳ trước = đầu kỳ", chain.before, chain.opening))
    return lines


_ACCOUNTS_SQL = f"""
WITH told AS ({told("f.closing_on = %(day)s AND (%(account)s::text IS NULL OR f.account = %(account)s)")}),
listed AS (SELECT DISTINCT s.account, n.entry_pk FROM gateway.statement s
             JOIN gateway.statement_entry_seen n USING (statement_pk) WHERE s.ours AND s.closing_on = %(day)s
              AND (%(account)s::text IS NULL OR s.account = %(account)s)),
known AS (SELECT l.account, l.entry_pk FROM listed l WHERE EXISTS (SELECT FROM gateway.statement_entry_seen n
            JOIN gateway.statement s USING (statement_pk) WHERE n.entry_pk = l.entry_pk AND s.closing_on < %(day)s))
SELECT t.partner, t.account, t.opening, t.closing,
       {last_closing("t.account", "%(day)s")},
       (SELECT coalesce(sum(e.amount), 0) FROM listed l JOIN gateway.statement_entry e USING (entry_pk)
         WHERE l.account = t.account AND l.entry_pk NOT IN (SELECT entry_pk FROM known)),
       EXISTS (SELECT FROM known k WHERE k.account = t.account)
  FROM told t ORDER BY 1, 2"""  # noqa: S608 - our own SQL


def _classes(conn: Rows, business_on: date) -> list[ProofLine]:
    """Per reconciled partner: the rows of the current version hold every entry and every payment of the day once."""
    lines = []
    for partner, version_pk in conn.execute(
        "SELECT d.partner, v.version_pk FROM gateway.recon_day d JOIN gateway.recon_version v"
        " USING (partner, business_on, version) WHERE business_on = %s ORDER BY 1",
        (business_on,),
    ).fetchall():
        sums = conn.execute(
            _CLASSES_SQL.encode(),
            {"v": version_pk, "p": partner, "d": business_on},
        ).fetchone()
        if sums is None:
            continue
        listed, theirs, ours, count, amount, moved = (_int(value) for value in sums)
        lines.append(ProofLine(f"{partner}: mỗi dòng của đối tác thuộc đúng một loại", listed, count, "dòng"))
        lines.append(ProofLine(f"{partner}: tổng các loại = tổng đối tác", theirs, amount))
        lines += _our_side(conn, str(partner), business_on, ours - moved)
    return lines


# What people moved to the day from others: entries, their money, and ours.
_MOVED_HERE = """
WITH moved AS (SELECT * FROM gateway.money_move WHERE decision_pk IN
    (SELECT decision_pk FROM gateway.recon_moved WHERE version_pk = %(v)s AND NOT kept))
SELECT (SELECT count(*) FROM moved CROSS JOIN unnest(entry_pks)) AS n,
       (SELECT coalesce(sum(e.amount) FILTER (WHERE e.response_code IN ('', '00', '68')), 0)::bigint
          FROM moved CROSS JOIN unnest(entry_pks) u(pk) JOIN gateway.statement_entry e ON e.entry_pk = u.pk) AS amount,
       (SELECT coalesce(sum(p.amount), 0)::bigint
          FROM moved CROSS JOIN unnest(payment_pks) u(pk) JOIN gateway.payment p ON p.payment_pk = u.pk) AS paid"""


_CLASSES_SQL = f"""
SELECT (SELECT count(*) FROM gateway.recon_entry WHERE version_pk = %(v)s),
 (SELECT coalesce(sum(their_amount), 0) FROM gateway.recon_row WHERE version_pk = %(v)s),
 (SELECT coalesce(sum(our_amount), 0) FROM gateway.recon_row WHERE version_pk = %(v)s
   AND refund_pks = '{{}}'), e.n + l.n + m.n, e.amount + l.amount + m.amount, m.paid
 FROM (SELECT count(*) AS n, coalesce(sum(amount) FILTER
   (WHERE response_code IN ('', '00', '68')), 0)::bigint AS amount FROM gateway.statement_entry
   WHERE partner = %(p)s AND booked_on = %(d)s) e,
  (SELECT count(*) AS n, coalesce(sum(state_fee), 0)::bigint AS amount FROM gateway.remittance_line
   JOIN gateway.remittance b USING (remittance_pk) WHERE b.partner = %(p)s AND b.business_on = %(d)s) l,
  ({_MOVED_HERE}) m"""  # noqa: S608 - constants


def _our_side(conn: Rows, partner: str, business_on: date, listed: int) -> list[ProofLine]:
    """COD is reconciled by batch, not by the day of collection; every other payment is in the rows of its day.

    A payment booked from a statement's own entry is on their side already.
    """
    row = conn.execute(
        "SELECT coalesce(sum(amount), 0) FROM gateway.payment"
        " WHERE partner = %s AND business_on = %s AND channel <> 'cod' AND source <> 'statement'",
        (partner, business_on),
    ).fetchone()
    cod = conn.execute(
        "SELECT 1 FROM gateway.payment WHERE partner = %s AND channel = 'cod' LIMIT 1", (partner,)
    ).fetchone()
    if row is None or cod is not None:
        return []
    return [ProofLine(f"{partner}: tổng các dòng = tổng hệ thống", listed, _int(row[0]))]


def _payments(conn: Rows, business_on: date) -> list[ProofLine]:
    """What was paid that day is on a fee, promised back, or unidentified; and fees hold what payments gave them."""
    row = conn.execute(
        "WITH mine AS MATERIALIZED (SELECT payment_pk, amount, amount - allocated - refunding AS free"
        "  FROM gateway.payment WHERE business_on = %s)"
        " SELECT (SELECT coalesce(sum(amount), 0) FROM mine),"
        " (SELECT coalesce(sum(a.amount), 0) FROM gateway.payment_allocation a JOIN mine USING (payment_pk))"
        " + (SELECT coalesce(sum(r.amount), 0) FROM gateway.refund r JOIN mine USING (payment_pk)"
        "     WHERE r.state NOT IN ('returned', 'rejected', 'refused'))"
        " + (SELECT coalesce(sum(free), 0) FROM mine)",
        (business_on,),
    ).fetchone()
    paid, placed = (_int(value) for value in row) if row is not None else (0, 0)
    return [ProofLine("Đã nộp = vào khoản thu + hoàn + chưa xác định", paid, placed)]


def _remittances(conn: Rows, business_on: date) -> list[ProofLine]:
    return [
        ProofLine(f"{partner} bảng kê {batch}: tổng khai = tổng các dòng", _int(declared), _int(total))
        for partner, batch, declared, total in conn.execute(
            "SELECT partner, batch_id, declared_total, line_total FROM gateway.remittance WHERE business_on = %s"
            " ORDER BY 1, 2",
            (business_on,),
        ).fetchall()
    ]


def _int(value: object) -> int:
    return int(str(value))
