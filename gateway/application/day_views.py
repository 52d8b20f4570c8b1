"""What a page, a command or a report reads of days: plain rows, amounts in đồng."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.application.moved_views import MovedRow


class State(StrEnum):
    """How a business date of a partner stands. ``reopened`` is reconciled again after people had agreed on it."""

    NONE = "none"  # nothing was ever reconciled
    OPEN = "open"
    RECONCILED = "reconciled"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REOPENED = "reopened"


DAY_STATE_VI: Mapping[State, str] = {
    State.NONE: "Chưa có dữ liệu",
    State.OPEN: "Chờ đối soát",
    State.RECONCILED: "Đã đối soát",
    State.PROPOSED: "Đã trình duyệt",
    State.APPROVED: "Đã duyệt",
    State.REOPENED: "Mở lại",
}


@dataclass(frozen=True, slots=True)
class DayState:
    """One cell of the calendar. ``works``: whether the partner's calendar works that day (False: nothing is owed).

    ``late``: its inputs should be here and are not. ``due_at``: None where its calendar does not say: then neither
    ``works`` nor ``late`` is known. ``stopped`` is a reason code.
    """

    partner: str
    business_on: date
    state: State
    works: bool
    late: bool
    due_at: datetime | None
    version: int = 0
    stopped: str = ""
    breaks: int = 0
    open_breaks: int = 0
    ours: int = 0
    theirs: int = 0
    proposed_by: str = ""
    changed_at: datetime | None = None

    @property
    def waits_for(self) -> str:
        """Who is next: "partner", "maker", "checker", "" (nobody)."""
        if self.stopped:
            return "partner" if self.stopped.endswith("-missing") else "maker"
        if self.state in (State.NONE, State.OPEN):
            return "partner" if self.works else ""
        if self.state is State.PROPOSED:
            return "checker"
        return "" if self.state is State.APPROVED else "maker"


def shown_as(state: str, *, works: bool, late: bool, stopped: str, open_breaks: int) -> str:
    """Which mark a day gets: its state, told apart by whether somebody has to act."""
    if state == "none":
        return "late" if late else "expected" if works else "none"
    if stopped:
        return "stopped"
    if state == "open":
        return "late" if late else "open"
    if state == "reconciled" and not open_breaks:
        return "ready"
    return state


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """Rows of one outcome or one class: how many, and both sides' đồng."""

    name: str
    count: int
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """From ours to theirs: the first step is all of ours, the last all of theirs, between them what differs."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class DayStep:
    """An act of a person on the day: propose, approve, reject."""

    act: str
    by_user: str
    at: datetime
    version: int
    reason: str
    snapshot_sha256: str
    decisions_sha256: str


@dataclass(frozen=True, slots=True)
class Reopening:
    """Why the day has a version after one that people had agreed on. ``by_user`` is "" where new inputs came."""

    from_version: int
    to_version: int
    was: str
    reason: str
    by_user: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seal:
    version: int
    sealed_at: datetime
    certificate_sha256: str
    snapshot_sha256: str
    decisions_sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    as_of: datetime
    rules: str
    engine: str
    snapshot_sha256: str


@dataclass(frozen=True, slots=True)
class DayView:
    """A partner's business date whole. ``decisions_sha256``: what the current version's last proposal bound, "" before.

    ``moved_here``: rows of other days that people moved to this one, ``moved_away`` those of this day that stand
    elsewhere now; ``moves_waiting``: moves, or undoings, that the day is still to be judged with. The totals hold the
    money of both: ``own`` is what they are without what came from other days. ``released_by`` vouched for the
    very files that are here, "" where nobody has.
    """

    partner: str
    business_on: date
    state: State
    version: int
    stopped: str
    rules: str
    engine: str
    snapshot_sha256: str
    decisions_sha256: str
    as_of: datetime | None
    outcomes: tuple[SummaryLine, ...]
    classes: tuple[SummaryLine, ...]
    bridge: tuple[BridgeStep, ...]
    states: Mapping[str, int]
    open_breaks: int
    steps: tuple[DayStep, ...]
    reopenings: tuple[Reopening, ...]
    versions: tuple[Version, ...]
    seal: Seal | None
    moved_here: tuple[MovedRow, ...]
    moved_away: tuple[MovedRow, ...]
    moves_waiting: int
    released_by: str
    released_reason: str

    @property
    def ours(self) -> int:
        return sum(line.ours for line in self.outcomes)

    @property
    def theirs(self) -> int:
        return sum(line.theirs for line in self.outcomes)

    @property
    def came(self) -> tuple[int, int]:
        """Our and their đồng of the judged rows that came from other days."""
        judged = [row for row in self.moved_here if row.judged]
        return sum(row.our_amount for row in judged), sum(row.their_amount for row in judged)

    @property
    def own(self) -> tuple[int, int]:
        """Both sides' đồng as payments and statement of this very date have them."""
        ours, theirs = self.came
        return self.ours - ours, self.theirs - theirs

    @property
    def proposed_by(self) -> str:
        """Who proposed the current version last, "" where nobody has."""
        return next((s.by_user for s in reversed(self.steps) if s.act == "propose" and s.version == self.version), "")
