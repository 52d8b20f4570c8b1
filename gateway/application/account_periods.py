"""The account book of a period: each account's first balance, what moved it, its last one; day by day and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from gateway.application.access import Act, Person
from gateway.application.accounts import Line, line_of
from gateway.application.desk import Desk
from gateway.ledger import account_book
from gateway.ledger.account_book import AccountDay
from gateway.masking import masked_account


@dataclass(frozen=True, slots=True)
class AccountPeriod(Line):
    """All days of one account as one line; ``on`` is the last of them, ``carry_gap`` the sum of theirs.

    ``by_class``: what moved, signed, by class of the entry ("" where no day judged it yet). ``account`` is masked.
    """

    partner: str
    account: str
    first_on: date
    by_class: Mapping[str, int]
    lines: tuple[Line, ...]

    @property
    def closes(self) -> bool:
        """Whether every day closes and continues the one before."""
        return not any(line.gap or line.carry_gap for line in self.lines)


def periods(desk: Desk, person: Person, first: date, last: date, *, partner: str = "") -> list[AccountPeriod]:
    """Every account that a statement with balances tells of on these days, by partner and account.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    with desk.connection.transaction():
        days = account_book.account_days(desk.connection, first, last)
    mine = sorted((day for day in days if partner in ("", day.partner)), key=_account)
    return [_period(those) for _, those in groupby(mine, _account)]


def _account(day: AccountDay) -> tuple[str, str]:
    return day.partner, day.account


def _period(days: Iterable[AccountDay]) -> AccountPeriod:
    told = list(days)
    lines = tuple(map(line_of, told))
    moved: Counter[str] = Counter()
    for day in told:
        moved.update(day.by_class)
    sums = {
        name: sum(getattr(line, name) for line in lines)
        for name in ("collected", "refunded", "transferred", "other", "gap", "carry_gap")
    }
    return AccountPeriod(
        on=lines[-1].on,
        opening=lines[0].opening,
        closing=lines[-1].closing,
        partner=told[0].partner,
        account=masked_account(told[0].account),
        first_on=lines[0].on,
        by_class=dict(sorted(moved.items())),
        lines=lines,
        **sums,
    )
