"""Pairs booked wrong and cancelled: taken out of the partner's side before anything is matched, and listed.

A pair is two entries of one account with opposite amounts, tied by a reference that one has and the other has or names.
A debit that carries out a refund of ours cancels nothing. Our own side has no such pairs: a payment is a fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from gateway.ledger.references import REFUND
from gateway.reconciliation.outcomes import EntryClass, Outcome
from gateway.reconciliation.rules import CancelledPairs

_WORD = re.compile(r"[A-Z0-9]+")


_CREDITS = "CREATE TEMP TABLE credit AS SELECT * FROM opposite WHERE response IN ('', '00', '68')"
_DEBITS = """
SELECT pk, d.account, d.amount, tokens, keys, text
  FROM debit d SEMI JOIN credit c ON c.account = d.account AND c.amount = -d.amount
 WHERE response IN ('', '00', '68') AND NOT starts_with(tokens, ?) ORDER BY pk"""
# Equal words are one hash join; text is searched only where it is all that there is.
_TIED = """
WITH naming AS (SELECT d.pk, d.word, c.* FROM word d JOIN
    (SELECT DISTINCT account, amount, text FROM credit WHERE tokens = '') c
    ON c.account = d.account AND c.amount = d.amount WHERE d.own AND contains(upper(c.text), d.word)),
tied AS (
    SELECT d.pk AS debit, c.pk AS credit, d.word FROM word d JOIN
        (SELECT pk, account, amount, unnest(list_concat([tokens], string_split(keys, ' '))) AS name FROM credit) c
        ON c.name = d.word AND c.account = d.account AND c.amount = d.amount
    UNION SELECT n.pk, c.pk, n.word FROM naming n JOIN credit c USING (account, amount, text) WHERE c.tokens = '')
SELECT debit, credit, min(word), any_value(c.amount) FROM tied JOIN credit c ON c.pk = credit
 GROUP BY debit, credit ORDER BY count(*) DESC, any_value(c.keys), any_value(c.text), credit, debit"""

_PAIRS = f"""
INSERT INTO judged BY NAME
SELECT '{Outcome.EXPECTED_DIFFERENCE.value}' AS outcome, '{EntryClass.NO_MONEY.value}' AS class, 0 AS our_amount,
       0 AS their_amount, 'Ghi sai rồi hủy: ' || dong(amount) || ' và ' || dong(-amount) AS reason,
       dong(amount) || '; ' || dong(-amount) AS their_value, word AS reference, [credit, debit] AS entry_pks,
       'cancelled_pair' AS rule FROM pair"""  # noqa: S608 - our own words


def take_out(duck: duckdb.DuckDBPyConnection, theirs: pa.Table, rules: CancelledPairs) -> set[int]:
    """Add the pairs among their entries to ``judged``, one row each; the entries they are made of."""
    debits = theirs.filter(pc.less(theirs["amount"], 0))
    amounts = pc.unique(pc.negate(debits["amount"]))
    opposite = theirs.filter(pc.is_in(theirs["amount"], value_set=amounts))
    if not opposite.num_rows:  # as on most days: charges alone
        return set()
    duck.register("debit", debits)
    duck.register("opposite", opposite)
    duck.execute(_CREDITS)
    found = duck.execute(_DEBITS, [REFUND]).fetchall()
    in_text = {text: set(_WORD.findall(text.upper())) for text in {row[5] for row in found}}  # charges say the same
    words = [
        (pk, account, -amount, word, own)
        for pk, account, amount, tokens, keys, text in found
        for word, own in _words({*tokens.split(), *keys.split()}, in_text[text], rules.shortest_word)
    ]
    if not words:
        return set()
    duck.register("word", _as_table(words, ("pk", "account", "amount", "word", "own")))
    pairs = []
    used: set[int] = set()
    for debit, credit, word, amount in duck.execute(_TIED).fetchall():
        if debit not in used and credit not in used:
            used |= {debit, credit}
            pairs.append((credit, debit, word, amount))
    if pairs:
        duck.register("pair", _as_table(pairs, ("credit", "debit", "word", "amount")))
        duck.execute(_PAIRS)
    return used


def _as_table(rows: list[tuple[Any, ...]], names: Sequence[str]) -> pa.Table:
    types = {"word": pa.string(), "account": pa.string(), "own": pa.bool_()}
    return pa.table(
        {
            name: pa.array(column, types.get(name, pa.int64()))
            for name, column in zip(names, zip(*rows, strict=True), strict=True)
        }
    )


def _words(structured: set[str], in_text: set[str], shortest: int) -> list[tuple[str, bool]]:
    """References of an entry: its structured ones, and (not its own) long words with digits in its text."""
    own = {word for word in structured if _is_reference(word, shortest)}
    named = {word for word in in_text - structured if _is_reference(word, shortest)}
    return [*((word, True) for word in sorted(own)), *((word, False) for word in sorted(named))]


def _is_reference(word: str, shortest: int) -> bool:
    return len(word) >= shortest and any(sign.isdigit() for sign in word)
