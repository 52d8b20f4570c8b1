"""Pairs booked wrong and cancelled: taken out of the partner's side before anything is matched, and listed.

A pair is two entries of one account with opposite amounts, tied by a reference that one has and the other has or names.
A debit that carries out a refund of ours cancels nothing. Our own side has no such pairs: a payment is a fact.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from gateway.ledger.references import REFUND
from gateway.reconciliation.outcomes import EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import CancelledPairs
from gateway.reconciliation.verdicts import role_of

_WORD = re.compile(r"[A-Z0-9]+")


_DEBITS = """
SELECT pk, account, amount, tokens, keys, text FROM debit
 WHERE response IN ('', '00', '68') AND NOT starts_with(tokens, ?) ORDER BY pk"""
_CREDITS = "CREATE TEMP TABLE credit AS SELECT * FROM opposite WHERE response IN ('', '00', '68')"
# Equal words are one hash join each; text is searched only where it is all that there is.
_TIED = """
WITH naming AS (SELECT d.pk, d.word, c.* FROM word d JOIN
    (SELECT DISTINCT account, amount, text FROM credit WHERE tokens = '') c
    ON c.account = d.account AND c.amount = d.amount WHERE d.own AND contains(upper(c.text), d.word)),
tied AS (
    SELECT d.pk AS debit, c.pk AS credit, d.word FROM word d JOIN credit c
        ON c.tokens = d.word AND c.account = d.account AND c.amount = d.amount
    UNION SELECT d.pk, c.pk, d.word FROM word d JOIN credit c
        ON c.keys = d.word AND c.account = d.account AND c.amount = d.amount
    UNION SELECT d.pk, c.pk, d.word FROM word d JOIN
        (SELECT pk, account, amount, unnest(string_split(keys, ' ')) AS key FROM credit WHERE contains(keys, ' ')) c
        ON c.key = d.word AND c.account = d.account AND c.amount = d.amount
    UNION SELECT n.pk, c.pk, n.word FROM naming n JOIN credit c USING (account, amount, text) WHERE c.tokens = '')
SELECT debit, credit, min(word), any_value(c.amount) FROM tied JOIN credit c ON c.pk = credit
 GROUP BY debit, credit ORDER BY count(*) DESC, any_value(c.keys), any_value(c.text), credit, debit"""


def take_out(duck: duckdb.DuckDBPyConnection, theirs: pa.Table, rules: CancelledPairs) -> list[Row]:
    """The pairs among their entries, one row each."""
    duck.register("debit", theirs.filter(pc.less(theirs["amount"], 0)))
    words = [
        (pk, account, -amount, word, own)
        for pk, account, amount, tokens, keys, text in duck.execute(_DEBITS, [REFUND]).fetchall()
        for word, own in _words(tokens, keys, text, rules.shortest_word)
    ]
    if not words:
        return []
    duck.register("word", _table(words))
    opposite = pa.array({amount for _, _, amount, _, _ in words}, pa.int64())
    duck.register("opposite", theirs.filter(pc.is_in(theirs["amount"], value_set=opposite)))
    duck.execute(_CREDITS)
    rows: list[Row] = []
    used: set[int] = set()
    for debit, credit, word, amount in duck.execute(_TIED).fetchall():
        if debit not in used and credit not in used:
            used |= {debit, credit}
            rows.append(_pair(credit, debit, word, amount))
    return rows


def _table(words: list[tuple[int, str, int, str, bool]]) -> pa.Table:
    names = ("pk", "account", "amount", "word", "own")
    return pa.table(dict(zip(names, (list(column) for column in zip(*words, strict=True)), strict=True)))


def _words(tokens: str, keys: str, text: str, shortest: int) -> list[tuple[str, bool]]:
    """References of an entry: its structured ones, and (not its own) long words with digits in its text."""
    own = {word for word in f"{tokens} {keys}".split() if _is_reference(word, shortest)}
    named = {word for word in _WORD.findall(text.upper()) if _is_reference(word, shortest)} - own
    return [*((word, True) for word in sorted(own)), *((word, False) for word in sorted(named))]


def _is_reference(word: str, shortest: int) -> bool:
    return len(word) >= shortest and any(sign.isdigit() for sign in word)


def _pair(credit: int, debit: int, word: str, amount: int) -> Row:
    return Row(
        Outcome.EXPECTED_DIFFERENCE, EntryClass.NO_MONEY, 0, 0, f"Ghi sai rồi hủy: {dong(amount)} và {dong(-amount)}",
        their_value=f"{dong(amount)}; {dong(-amount)}", reference=word, entries=(credit, debit), role=role_of(amount),
        rule="cancelled_pair",
    )  # fmt: skip
