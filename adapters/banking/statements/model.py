"""What a statement file says, before the gateway judges it.

Amounts are integers in minor units of their own currency (ISO 4217; VND has none), negative for debits and for
reversals of credits. Dates are the bank's own, as written. ``line`` is where in the
file it stands (1 is the first, 0 unknown).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Balance:
    """A booked balance; ``currency`` is the one it is written in."""

    on: date
    amount: int
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is agreed with the intermediary, to compare its file with: that its trailer has a ``total``, the BIN and the
    day of its header ("" and None: not said).
    """

    total: bool = False
    bank_bin: str = ""
    transaction_on: date | None = None


NOTHING_AGREED = Agreed()


@dataclass(frozen=True, slots=True)
class StatementProblem:
    """Something in a statement that does not add up; ``code`` is declared in ``gateway.reasons``."""

    code: str
    message: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """One transaction inside a batch entry; ``amount`` is None where the bank does not say it."""

    amount: int | None
    currency: str
    references: Mapping[str, str]
    text: str


class ParsedEntry(NamedTuple):
    """One line of a statement. A named tuple, because it is made a hundred thousand times a second.

    Where a bank writes only one of the two dates, it stands for both. ``booked`` is False for what the bank only
    announces (pending, expected, failed): such an entry is no money yet and no part of the balances. ``details`` are
    the transactions of a batch entry, empty for a single one. ``type_code`` is the bank's code for the kind of entry
    (MT940 field 61, camt ``BkTxCd``; a reversal says so), ``response`` the intermediary's response (domain.md 4.4).
    """

    booked_on: date | None
    value_on: date | None
    amount: int
    currency: str
    references: Mapping[str, str]
    text: str
    line: int = 0
    booked: bool = True
    details: tuple[EntryDetail, ...] = ()
    type_code: str = ""
    response: str = ""


@dataclass(frozen=True, slots=True)
class ParsedStatement:
    """One account on one period. From ``iter_statement_events`` it follows its entries, and ``entries`` is empty."""

    account: str
    currency: str
    opening: Balance | None
    closing: Balance | None
    entries: Sequence[ParsedEntry] = ()
    problems: tuple[StatementProblem, ...] = ()
    statement_id: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A statement file read whole. ``format`` is ``camt.053.001.08`` or its like, ``mt940``, ``mt942``, ``vnpay``."""

    format: str
    statements: Sequence[ParsedStatement]


StatementEvent = ParsedEntry | ParsedStatement
"""The entries of a statement in order, then the statement itself; then the next one."""


@dataclass(slots=True)
class Tally:
    """Adds up the entries of one statement while they pass, so that none of them need be kept.

    ``booked`` is the net sum of what is booked; ``credits`` and ``debits`` are positive sums of all entries.
    """

    count: int = 0
    debit_count: int = 0
    booked: int = 0
    credits: int = 0
    debits: int = 0
    currencies: set[str] = field(default_factory=set)
    fingerprint: int = 0

    def add(self, entry: ParsedEntry) -> None:
        """Count ``entry``; only a booked one moves the balance."""
        amount = entry.amount
        self.count += 1
        if amount < 0:
            self.debit_count += 1
            self.debits -= amount
        else:
            self.credits += amount
        if entry.booked:
            self.booked += amount
        if entry.currency not in self.currencies:
            self.currencies.add(entry.currency)
        self.fingerprint = hash((self.fingerprint, entry.booked_on, amount, entry.text))


MOST_PROBLEMS = 10_000


def add_problem(problems: list[StatementProblem], problem: StatementProblem) -> None:
    """Adds it, unless there are so many that nobody reads them: the last one then says that there are more."""
    if len(problems) < MOST_PROBLEMS:
        problems.append(problem)
    elif len(problems) == MOST_PROBLEMS:
        problems.append(
            StatementProblem(problem.code, f"{problem.message}; further problems are not told", problem.line)
        )


def balance_problems(
    opening: Balance | None, closing: Balance | None, tally: Tally, *, line: int
) -> Iterable[StatementProblem]:
    """Whether opening + entries = closing, judged only within one currency."""
    if opening is None or closing is None:
        return
    currencies = {opening.currency, closing.currency, *tally.currencies}
    if len(currencies) > 1:
        names = ", ".join(sorted(currencies))
        yield StatementProblem("mixed-currencies", f"balances and entries are in {names}: they cannot be added", line)
        return
    difference = closing.amount - opening.amount - tally.booked
    if difference:
        yield StatementProblem(
            "balance-does-not-add-up",
            f"opening {opening.amount} + entries {tally.booked} = {closing.amount - difference}, but closing is "
            f"{closing.amount} (difference {difference} in minor units of {closing.currency or 'an unnamed currency'})",
            line,
        )
