"""The words of the demo day: acts of the world outside, planted cases, and what each must be found as. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Reference:
    """Stands in an act for the payment reference that the gateway made for this dossier."""

    dossier: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Stands in an act for a value of an earlier act's answer: ``Kept("card:…", "number")``."""

    key: str
    field: str


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens at ``step``: asked of a simulator's control API, or of our own people (``people``).

    ``wish`` is the JSON of the control API (``simulators/control.py``), in which ``Reference`` and ``Kept`` may stand.
    ``keep`` names the answer for later.
    """

    step: str
    partner: str
    wish: Mapping[str, object]
    misbehave: bool = False
    keep: str = ""


@dataclass(frozen=True, slots=True)
class RowExpected:
    """Exactly ``count`` rows of one reconciled day with this outcome and side, about this dossier or of this amount."""

    partner: str
    business_on: date
    outcome: str
    side: str = ""
    dossier: str = ""
    amount: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class MessageExpected:
    """Exactly ``count`` messages that stand so. Empty fields are not looked at.

    ``was``: a state it went through; ``enquiries``: it was settled by asking at least so often.
    """

    partner: str
    state: str
    reason: str = ""
    transport_id: str = ""
    kind: str = ""
    was: str = ""
    enquiries: int = 0
    attempts: int = 0
    count: int = 1


@dataclass(frozen=True, slots=True)
class FeesExpected:
    """What all fees of a dossier come to: owed, and paid of it, in đồng."""

    dossier: str
    state: str
    paid: int


@dataclass(frozen=True, slots=True)
class ResumeExpected:
    """The partner's server cut the download of this file, and was then asked for the rest of it alone."""

    partner: str
    name: str


@dataclass(frozen=True, slots=True)
class Case:
    """One planted case. ``story`` is told to people, in Vietnamese."""

    name: str
    story: str
    events: tuple[Mapping[str, object], ...] = ()
    acts: tuple[Act, ...] = ()
    rows: tuple[RowExpected, ...] = ()
    messages: tuple[MessageExpected, ...] = ()
    fees: tuple[FeesExpected, ...] = ()
    resumed: tuple[ResumeExpected, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row of the newest version of a reconciled day; ``dossiers`` with those that its references belong to."""

    partner: str
    business_on: date
    outcome: str
    side: str
    dossiers: frozenset[str]
    our_amount: int
    their_amount: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message as it stands at the end, with the states it went through on the way."""

    message_pk: int
    partner: str
    kind: str
    state: str
    reason: str = ""
    transport_id: str = ""
    enquiries: int = 0
    attempts: int = 0
    was: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundFees:
    """The fees of one dossier: ``state`` is the one that they share, ``mixed`` otherwise."""

    dossier: str
    state: str
    paid: int


@dataclass(frozen=True, slots=True)
class FoundAtPartner:
    """What a simulator tells: misbehaviours that nothing has set off, downloads it cut, and those that went on later.

    Downloads are (file name, byte).
    """

    partner: str
    planned: tuple[str, ...] = ()
    cut: tuple[tuple[str, int], ...] = ()
    resumed: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the day left in the database and with the partners."""

    rows: tuple[FoundRow, ...] = ()
    messages: tuple[FoundMessage, ...] = ()
    fees: Mapping[str, FoundFees] = field(default_factory=dict)
    partners: tuple[FoundAtPartner, ...] = ()
