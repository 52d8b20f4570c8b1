"""Both sides of a day as plain rows: what the engine judges one by one after the exact pairs are out."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

import duckdb
import pyarrow as pa

KNOWN, CANCELLED, UNKNOWN = "known", "cancelled", "unknown"


@dataclass(frozen=True, slots=True)
class Ours:
    """A payment, a refund (``amount`` negative), or an attempt without money (``amount`` 0, ``status`` pending/failed).

    ``requested`` is what its payment request asked for (0: no request), ``prior`` what was paid on it on earlier days.
    ``standing``: is money on this reference owed (known), was it cancelled, or is the reference unknown.
    ``late`` and ``early``: paid so near the cut-off that the partner may book it on the next or on the previous date;
    ``lag``: working days after which its channel is credited; ``batch``: what it is settled with in bulk, "" for alone.
    """

    pk: int
    kind: str  # payment | refund | attempt
    reference: str
    transaction: str
    amount: int
    account: str
    requested: int
    prior: int
    standing: str
    dossier: str
    on: int  # business date as days since 1970
    late: bool
    early: bool
    lag: int
    batch: str
    status: str
    postage: int


@dataclass(frozen=True, slots=True)
class Theirs:
    """A statement entry or remittance line. ``tokens``: our references it names; ``keys``: all its structured ones."""

    pk: int
    account: str
    amount: int
    tokens: str
    keys: str
    type_code: str
    response: str
    text: str
    on: int
    postage: int

    @property
    def moves(self) -> int:
        """The money it moved: none where the partner says the attempt failed; 68 counts until proven otherwise."""
        return self.amount if self.response in ("", "00", "68") else 0


Side = TypeVar("Side", Ours, Theirs)


def rows_of(kind: type[Side], table: pa.Table) -> list[Side]:
    """The rows of a table that has (at least) the columns of ``kind``."""
    columns = (table[name].to_pylist() for name in kind.__slots__)
    return [kind(*row) for row in zip(*columns, strict=True)]


def rows_from(duck: duckdb.DuckDBPyConnection, kind: type[Side], query: str, values: object = None) -> list[Side]:
    """What a query finds that tells (at least) the columns of ``kind``. By way of a table it would be planned twice."""
    found = duck.execute(query, values)
    names = [column[0] for column in duck.description or ()]
    of_kind = itemgetter(*(names.index(name) for name in kind.__slots__))
    return [kind(*of_kind(row)) for row in found.fetchall()]


@dataclass(frozen=True, slots=True)
class Known:
    """A payment request that an entry names though no payment of the day does.

    ``paid_pk``, ``paid_on``, ``paid_amount``: its newest payment, where a debit names it; 0 where there is none.
    """

    reference: str
    dossier: str
    amount: int
    account: str
    state: str
    status: str
    paid: int = 0
    paid_pk: int = 0
    paid_on: int = 0
    paid_amount: int = 0

    @property
    def is_full(self) -> bool:
        """Whether all that was asked for is already paid."""
        return self.paid >= self.amount


@dataclass(frozen=True, slots=True)
class Paid:
    """What a day's payments bring to one request, in đồng; ``judged``: of those that an earlier step has judged."""

    of_day: int
    judged: int


@dataclass(frozen=True, slots=True)
class Remitted:
    """A remittance as VNPost lists it: state fee and postage are never mixed."""

    state_fee: int
    postage: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Money that may come in one credit: the day of an intermediary, or earlier card payments of a terminal.

    ``key``: ``pos:<terminal>`` or the partner's id; ``on`` its date as days since 1970; ``account`` "" for any.
    """

    key: str
    on: int
    account: str
    total: int
    count: int


@dataclass(frozen=True, slots=True)
class CashCount:
    """What one cashier took on one date in one series of receipts; ``first`` and ``last`` are receipt numbers."""

    cashier: str
    series: str
    on: int
    first: str
    last: str
    count: int
    total: int

    @property
    def missing_receipts(self) -> int:
        """Receipt numbers of the span that are in no payment; 0 where the numbers are not all digits."""
        if not (self.first.isdecimal() and self.last.isdecimal()):
            return 0
        return int(self.last) - int(self.first) + 1 - self.count


@dataclass(frozen=True, slots=True)
class Settled:
    """The credit of another day that settled something: its date as days since 1970, its entry, its amount."""

    on: int
    entry: int
    amount: int
