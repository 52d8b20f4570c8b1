"""Fees are owed in đồng: what a statement says in another currency is told, and is never reconciled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.masking import masked_account
from gateway.model import Statement

DONG = "VND"
FOREIGN = "statement-currency-foreign"


def in_dong(statement: Statement) -> tuple[Statement, Sequence[tuple[str, str]]]:
    """The statement with nothing in it but đồng, and the problem that says what was left out.

    Its amounts in another currency (or in none) are minor units of that currency, so neither entries nor balances may
    stand beside đồng. The file keeps them, and the problem stops its day.
    """
    foreign = [entry for entry in statement.entries if entry.currency != DONG]
    if statement.currency == DONG and not foreign:
        return statement, ()
    currencies = {entry.currency for entry in foreign} | ({statement.currency} - {DONG})
    named = ", ".join(sorted(currency or "an unnamed currency" for currency in currencies))
    kept = replace(statement, entries=[entry for entry in statement.entries if entry.currency == DONG])
    if statement.currency != DONG:
        kept = replace(kept, opening=None, closing=None)
    text = (
        f"the statement of {masked_account(statement.account)} tells money in {named}:"
        f" {len(foreign)} of its {len(statement.entries)} entries are kept out of the reconciliation"
    )
    return kept, [(FOREIGN, text)]
