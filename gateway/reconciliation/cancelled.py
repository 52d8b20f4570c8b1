"""Pairs booked wrong and cancelled: taken out of the partner's side before anything is matched, and listed.

A pair is two entries of one account with opposite amounts, tied by a reference that one has and the other has or names.
A debit that carries out a refund of ours cancels nothing. Our own side has no such pairs: a payment is a fact.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from gateway.ledger.references import REFUND
from gateway.reconciliation.outcomes import EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import CancelledPairs

_WORD = re.compile(r"[A-Z0-9]+")


def take_out(duck: duckdb.DuckDBPyConnection, rules: CancelledPairs) -> list[Row]:
    """The pairs of the table ``theirs``; their entries are then in the table ``cancelled``, which is always made."""
    duck.execute("CREATE TEMP TABLE cancelled (pk BIGINT)")
    debits = duck.execute(
        "SELECT pk, account, amount, tokens, keys, text FROM theirs WHERE amount < 0 AND response IN ('', '00', '68')"
        " AND NOT starts_with(tokens, ?) ORDER BY pk",
        [REFUND],
    ).fetchall()
    words = [
        (pk, account, -amount, word, own)
        for pk, account, amount, tokens, keys, text in debits
        for word, own in _words(tokens, keys, text, rules.shortest_word)
    ]
    if not words:
        return []
    names = ("pk", "account", "amount", "word", "own")
    duck.register(
        "word", pa.table(dict(zip(names, (list(column) for column in zip(*words, strict=True)), strict=True)))
    )
    tied = duck.execute(
        "SELECT d.pk, c.pk, min(d.word), count(*) AS shared, any_value(c.amount) FROM word d JOIN theirs c"
        " ON c.account = d.account AND c.amount = d.amount"
        " WHERE c.response IN ('', '00', '68')"
        " AND (contains(' ' || c.tokens || ' ' || c.keys || ' ', ' ' || d.word || ' ')"
        "   OR (d.own AND contains(upper(c.text), d.word)))"
        " GROUP BY d.pk, c.pk ORDER BY shared DESC, any_value(c.keys), any_value(c.text), c.pk, d.pk"
    ).fetchall()
    rows: list[Row] = []
    used: set[int] = set()
    for debit, credit, word, _, amount in tied:
        if debit in used or credit in used:
            continue
        used |= {debit, credit}
        rows.append(_pair(credit, debit, word, amount))
    duck.register("used", pa.table({"pk": pa.array(sorted(used), pa.int64())}))
    duck.execute("INSERT INTO cancelled SELECT pk FROM used")
    return rows


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
        their_value=f"{dong(amount)}; {dong(-amount)}", reference=word, entries=(credit, debit), rule="cancelled_pair",
    )  # fmt: skip
