"""Do the statements of a day add up and continue? Money that a file hides would otherwise be closed under two names."""

from __future__ import annotations

from datetime import date

from psycopg import Connection

from gateway.ledger.foreign_money import FOREIGN
from gateway.ledger.proof import AccountChain, account_chains
from gateway.partners import Partner

Rows = Connection[tuple[object, ...]]

DOES_NOT_ADD_UP = "balance-does-not-add-up"
DO_NOT_CONTINUE = "balances-do-not-continue"

UNPROVEN = (
    "bad-entry",
    "bad-amount",
    "bad-balance",
    "balance-missing",
    "mixed-currencies",
    "currency-missing",
    "unknown-currency",
    FOREIGN,
    "account-currency-differs",
    "entry-after-end",
    "bad-total",
    "totals-do-not-add-up",
    "details-do-not-add-up",
    "trailer-count-differs",
    "trailer-total-differs",
    "trailer-total-missing",
)
"""What a reader found that may hide money: something was not read, or what the file itself counts is not in it.

Sums of balances are not among them: they are looked at over all files of the account, in whatever order they came.
"""


def gap_of(conn: Rows, partner: Partner, business_on: date) -> str:
    """The code of the first thing by which the day's statements do not prove their money, "" where they do."""
    chains = [chain for account, closing_on in _closings(conn, partner, business_on)
              for chain in account_chains(conn, closing_on, account=account)]  # fmt: skip
    broken = [code for chain in chains if (code := _break_of(chain))]
    if broken:
        return DOES_NOT_ADD_UP if DOES_NOT_ADD_UP in broken else DO_NOT_CONTINUE
    found = _unproven(conn, partner, business_on)
    return next((code for code in UNPROVEN if code in found), "")


def tells_foreign_money(conn: Rows, partner: Partner, business_on: date) -> bool:
    """Whether a statement of the day has money in another currency: that is no statement of our fees."""
    return FOREIGN in _unproven(conn, partner, business_on)


def _break_of(chain: AccountChain) -> str:
    """Where the file overlaps the one before, its own opening is an older balance: only the sum can be judged."""
    opens_elsewhere = chain.before is not None and not chain.repeats and chain.before != chain.opening
    if not opens_elsewhere:
        return "" if chain.start + chain.moved == chain.closing else DOES_NOT_ADD_UP
    return DO_NOT_CONTINUE if chain.opening + chain.moved == chain.closing else DOES_NOT_ADD_UP


def _closings(conn: Rows, partner: Partner, business_on: date) -> list[tuple[str, date]]:
    """The accounts and days that the day's files closed: a file of Sunday may close Friday."""
    rows = conn.execute(
        "SELECT DISTINCT account, closing_on FROM gateway.statement WHERE partner = %s AND business_on = %s AND ours"
        " AND opening IS NOT NULL AND closing IS NOT NULL ORDER BY 1, 2",
        (partner.id, business_on),
    ).fetchall()
    return [(str(account), day) for account, day in rows if isinstance(day, date)]


def _unproven(conn: Rows, partner: Partner, business_on: date) -> set[str]:
    values = {"partner": partner.id, "day": business_on, "codes": list(UNPROVEN)}
    return {str(code) for (code,) in conn.execute(_UNPROVEN_SQL, values).fetchall()}


# A file that was sent again whole, and is sound now, heals the first one: it lists every entry of it.
_UNPROVEN_SQL = """
WITH told AS (
    SELECT s.statement_pk, s.account, s.entry_count, s.file_sha256,
           ARRAY(SELECT p ->> 0 FROM jsonb_array_elements(s.problems) p WHERE p ->> 0 = ANY(%(codes)s)) AS codes
      FROM gateway.statement s WHERE s.partner = %(partner)s AND s.business_on = %(day)s AND s.ours)
SELECT DISTINCT unnest(t.codes) FROM told t
 WHERE NOT EXISTS (
       SELECT FROM told l WHERE l.account = t.account AND l.statement_pk > t.statement_pk AND l.codes = '{}'
          AND l.file_sha256 <> t.file_sha256
          AND l.entry_count >= greatest(t.entry_count, 1)
          AND NOT EXISTS (SELECT FROM gateway.statement_entry_seen n WHERE n.statement_pk = t.statement_pk
              AND NOT EXISTS (SELECT FROM gateway.statement_entry_seen m
                               WHERE m.statement_pk = l.statement_pk AND m.entry_pk = n.entry_pk)))"""
