"""The commonest differences, judged at once in SQL: a reference with one payment and its entries, or entries alone.

What a row says stands in ``phrases.PHRASES``, as for the judges. Whatever is not as plain as that (refunds, attempts,
failed entries, other days, lists of references, several payments) is put aside by its reference, whole, and judged one
by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from gateway.ledger.references import REFUND
from gateway.reconciliation.phrases import PHRASES
from gateway.reconciliation.sides import Known

# Entries that may name the partner's own number of a payment. Judges compare it without blanks; here it is without any
# strange sign, which puts aside more, never less.
_NAMED = """
CREATE TEMP TABLE named AS
SELECT k.pk, o.reference
  FROM (SELECT reference, transaction FROM mine UNION SELECT reference, transaction FROM near_mine) o
  JOIN (SELECT pk, unnest(string_split(keys, ' ')) AS key FROM yours WHERE tokens = '' AND keys <> '') k
    ON regexp_replace(k.key, '[^!-~]', '', 'g') = regexp_replace(o.transaction, '[^!-~]', '', 'g')
 WHERE o.transaction <> '' AND o.reference <> ''"""
_ASIDE = f"""
CREATE TEMP TABLE aside AS
SELECT reference FROM mine WHERE kind <> 'payment' OR starts_with(reference, '{REFUND}')
UNION SELECT reference FROM mine WHERE amount <= 0 OR prior < 0 OR requested < 0 OR postage <> 0
UNION SELECT unnest(string_split(tokens, ' ')) FROM yours WHERE tokens <> '' AND (contains(tokens, ' ')
   OR starts_with(tokens, '{REFUND}') OR moves <= 0 OR response = '68' OR postage <> 0)
UNION SELECT reference FROM near_mine
UNION SELECT unnest(string_split(tokens, ' ')) FROM near_yours
UNION SELECT m.reference FROM mine m JOIN yours y ON y.tokens = m.reference AND y.tokens <> ''
 GROUP BY m.reference HAVING count(DISTINCT m.pk) > 1
                          OR count(DISTINCT y.pk) > 1 AND sum(y.moves) = max(m.amount)
UNION SELECT reference FROM named"""  # noqa: S608 - constants
_ALL_ASIDE = """
CREATE TEMP TABLE aside AS
SELECT reference FROM mine UNION SELECT unnest(string_split(tokens, ' ')) FROM yours WHERE tokens <> ''
UNION SELECT reference FROM named"""
_WAITING = "INSERT INTO aside SELECT reference FROM known WHERE status = 'pending'"

# The entry of a payment: of the very amount on its account, of the very amount elsewhere, else the first there is.
_HALVES = """
CREATE TEMP TABLE half AS
WITH judged_here AS (SELECT * FROM yours WHERE tokens <> '' AND NOT contains(tokens, ' ')
                        AND tokens NOT IN (SELECT reference FROM aside)),
several AS (SELECT tokens FROM judged_here GROUP BY tokens HAVING count(*) > 1),
halves AS (SELECT y.pk AS entry, y.moves, y.account AS their_account, y.tokens AS reference, m.pk AS payment,
                  m.amount, m.account, m.requested, m.prior, m.standing, m.dossier, y."on", y.amount AS their_amount,
                  y.keys, y.text
             FROM judged_here y LEFT JOIN mine m ON m.reference = y.tokens)
SELECT *, 1 AS place FROM halves WHERE reference NOT IN (SELECT tokens FROM several)
UNION ALL
SELECT *, row_number() OVER (PARTITION BY reference ORDER BY moves = amount AND their_account = account DESC,
         moves = amount DESC, "on", their_account, their_amount, keys, text, entry) FROM halves
 WHERE reference IN (SELECT tokens FROM several)"""
_HOW_MANY = """
SELECT count(*) FILTER (place = 1 AND payment IS NOT NULL), count(*) FILTER (place > 1 OR payment IS NULL) FROM half"""
_PAIRS = """
INSERT INTO judged BY NAME
WITH pair AS (SELECT *, CASE
    WHEN abs(moves) < abs(amount) THEN 'less'
    WHEN moves <> amount THEN 'more'
    WHEN their_account <> account THEN 'account'
    WHEN standing = 'cancelled' THEN 'cancelled'
    WHEN standing <> 'known' THEN 'unknown'
    WHEN requested > 0 AND prior >= requested AND amount IN (requested, prior) THEN 'paid twice'
    WHEN requested > 0 AND prior >= requested THEN 'paid on'
    WHEN requested > 0 AND prior + amount > requested THEN 'too much'
    WHEN prior + amount < requested THEN 'too little'
    WHEN prior > 0 THEN 'in parts'
    ELSE 'agrees' END AS name FROM half WHERE place = 1 AND payment IS NOT NULL)
SELECT p.outcome, p.class, p.side, p.field, amount AS our_amount, moves AS their_amount,
       CASE WHEN name IN ('less', 'more') THEN dong(amount) WHEN name = 'account' THEN masked(account)
            WHEN name IN ('cancelled', 'unknown') THEN '(không có khoản phải thu)'
            WHEN field = '' THEN '' ELSE dong(requested) END AS our_value,
       CASE WHEN name IN ('less', 'more', 'cancelled', 'unknown') THEN dong(moves)
            WHEN name = 'account' THEN masked(their_account)
            WHEN field = '' THEN '' ELSE dong(prior + amount) END AS their_value,
       CASE WHEN contains(p.reason, '{}') THEN replace(p.reason, '{}', dong(CASE WHEN name IN ('less', 'more')
            THEN moves - amount ELSE abs(prior + amount - requested) END)) ELSE p.reason END AS reason,
       reference, CASE dossier WHEN '' THEN [] ELSE [dossier] END AS dossier_codes, [payment] AS payment_pks,
       [entry] AS entry_pks
  FROM pair JOIN phrase p USING (name)"""
# What is known of the request: as read for this day, else as its payment tells.
_ALONE = """
INSERT INTO judged BY NAME
WITH alone AS (
    SELECT h.entry, h.moves, h.reference, k.status, h.amount = h.moves AS twin, h.dossier AS twins_dossier,
           coalesce(k.dossier, CASE WHEN h.standing <> 'unknown' THEN h.dossier END) AS dossier,
           coalesce(k.state, CASE h.standing WHEN 'cancelled' THEN 'cancelled' WHEN 'known' THEN 'open' END) AS state,
           coalesce(k.paid, h.prior + h.amount) AS paid, coalesce(k.amount, h.requested) AS asked
      FROM half h LEFT JOIN known k USING (reference) WHERE h.place > 1 OR h.payment IS NULL),
named AS (SELECT * REPLACE (CASE WHEN twin THEN twins_dossier ELSE coalesce(dossier, '') END AS dossier), CASE
    WHEN twin THEN 'booked twice'
    WHEN state IS NULL THEN 'no such reference'
    WHEN paid <> 0 AND paid >= asked THEN 'booked on'
    WHEN state IN ('cancelled', 'refused') THEN 'fee cancelled'
    ELSE 'missing with us' END AS name FROM alone)
SELECT p.outcome, p.class, p.side, p.field, 0 AS our_amount, moves AS their_amount,
       CASE WHEN p.outcome = 'duplicate' THEN '1' ELSE '(không có)' END AS our_value,
       CASE WHEN p.outcome = 'duplicate' THEN '2' ELSE dong(moves) END AS their_value, p.reason, reference,
       CASE dossier WHEN '' THEN [] ELSE [dossier] END AS dossier_codes, [entry] AS entry_pks,
       CASE WHEN p.outcome = 'duplicate' THEN '' ELSE coalesce(s.word, f.word) END AS verdict
  FROM named JOIN phrase p USING (name) LEFT JOIN said s ON s.status = named.status
       CROSS JOIN (SELECT word FROM said WHERE status = '') f"""


def put_aside(duck: duckdb.DuckDBPyConnection, role: str, known: Mapping[str, Known]) -> None:
    """Make ``aside`` of references that are judged one by one, and ``named`` of entries that may belong there."""
    duck.register("known", _known(known.values()))
    duck.execute(_NAMED)
    duck.execute(_ALL_ASIDE if role == "postal" else _ASIDE)
    if role == "intermediary":
        duck.execute(_WAITING)


def judge_singles(duck: duckdb.DuckDBPyConnection, role: str) -> None:
    """Add the rows of all other references that stand with the partner to ``judged``."""
    duck.execute(_HALVES)
    [(pairs, alone)] = duck.execute(_HOW_MANY).fetchall()
    duck.register("phrase", _phrases(role))
    if pairs:
        duck.execute(_PAIRS)
    if alone:
        duck.execute(_ALONE)


def _phrases(role: str) -> pa.Table:
    rows = [
        {
            "name": name, "outcome": phrase.outcome.value, "class": phrase.entry_class.value,
            "side": phrase.side_of(role), "field": phrase.field, "reason": phrase.reason,
        }
        for name, phrase in PHRASES.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _known(known: Iterable[Known]) -> pa.Table:
    names = ("reference", "dossier", "amount", "state", "status", "paid")
    types = (pa.string(), pa.string(), pa.int64(), pa.string(), pa.string(), pa.int64())
    rows = list(known)
    return pa.table(
        {name: pa.array([getattr(one, name) for one in rows], kind) for name, kind in zip(names, types, strict=True)}
    )
