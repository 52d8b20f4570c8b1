"""Both sides of a day as plain rows: what the engine judges one by one after the exact pairs are out."""

from __future__ import annotations

from dataclasses import dataclass

KNOWN, CANCELLED, UNKNOWN = "known", "cancelled", "unknown"


@dataclass(frozen=True, slots=True)
class Ours:
    """A payment, a refund (``amount`` negative), or an attempt without money (``amount`` 0, ``status`` pending/failed).

    ``requested`` is what its payment request asked for (0: no request), ``prior`` what was paid on it on earlier days.
    ``standing``: is money on this reference owed (known), was it cancelled, or is the reference unknown.
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


@dataclass(frozen=True, slots=True)
class Known:
    """A payment request that an entry names though no payment of the day does."""

    reference: str
    dossier: str
    amount: int
    account: str
    state: str
    status: str
