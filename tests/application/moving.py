"""Money booked on a wrong day, told at the office of the tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from gateway.application import breaks, days
from gateway.application.breaks import BreakRow, Decision
from gateway.ledger.proof import prove_money
from gateway.reconciliation.day import ReconciledDay, verify
from gateway.reconciliation.due import days_moved
from tests.application.office import Office

BANK = "bank-a"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (23, 24, 25, 26))


def at(office: Office, on: date, hour: int = 3, minute: int = 0) -> None:
    """The business clock stands at that time of UTC."""
    office.now = datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)
    office.later(seconds=int((office.now - office.desk.clock.now()).total_seconds()))


def tick(office: Office) -> None:
    """A second passes."""
    office.now += timedelta(seconds=1)
    office.later(seconds=int((office.now - office.desk.clock.now()).total_seconds()))


def loaded(office: Office, on: date) -> ReconciledDay:
    """The day's file is here and the day is judged."""
    tick(office)
    office.load(BANK, on)
    return judged(office, on)


def told_late(office: Office, on: date) -> ReconciledDay:
    """A second file of a day comes after later ones, whose balances do not follow: a person vouches for it."""
    tick(office)
    office.load(BANK, on)
    for day in (on, on + timedelta(days=1)):
        days.release(office.desk, office.an, BANK, day, reason="ngân hàng xác nhận")
    return judged(office, on)


def judged(office: Office, on: date) -> ReconciledDay:
    tick(office)
    done = office.judge(BANK, on, office.now)
    assert done.stopped == "", done
    return done


def rejudged(office: Office) -> list[date]:
    """What the machine does by itself: every day that waits for moved money is judged again."""
    waiting = days_moved(office.conn, BANK)
    for on in waiting:
        judged(office, on)
    assert days_moved(office.conn, BANK) == []
    return waiting


def move(office: Office, row: BreakRow, to: date, reason: str = "ghi nhầm ngày") -> int:
    tick(office)
    return breaks.decide(office.desk, office.an, row.target, Decision.MOVE_DAY, reason=reason, to=to)


def undo(office: Office, decision_pk: int) -> int:
    tick(office)
    return breaks.undo(office.desk, office.an, decision_pk, reason="chuyển nhầm")


def row(office: Office, on: date, outcome: str) -> BreakRow:
    (found,) = office.rows_of_day(BANK, on, outcome=outcome)
    return found


def bytes_of(office: Office, on: date) -> tuple[int, str]:
    """Version and digest of the day's current snapshot."""
    version, digest = office.one(
        "SELECT v.version, v.snapshot_sha256 FROM gateway.recon_day d JOIN gateway.recon_version v"
        " USING (partner, business_on, version) WHERE partner = %s AND business_on = %s",
        BANK,
        on,
    )
    return int(version), str(digest)


def verified(office: Office, *days: date) -> bool:
    """Every version of the days, the older ones too, is judged again to the same bytes."""
    versions = [(on, version) for on in days for version in range(1, bytes_of(office, on)[0] + 1)]
    return all(verify(office.conn, office.partners[BANK], on, version) for on, version in versions)


def closes(office: Office, *days: date) -> bool:
    """Every entry in one class, both sides' sums; the chain of balances is the files' own."""
    lines = [line for on in days for line in prove_money(office.conn, on) if line.name.startswith(f"{BANK}: ")]
    return len(lines) == 3 * len(days) and all(line.closes for line in lines)


def paid_late(office: Office, amount: int = 100_000, booked: date = TUESDAY) -> str:
    """Paid on Monday, on the bank's statement of a later day; both days have other money that matches."""
    reference = office.owe(amount)
    office.pay(reference, amount)
    office.line(amount, reference, on=booked)
    return reference


def background(office: Office, on: date, amount: int = 40_000) -> None:
    """Money of the day that matches."""
    reference = office.owe(amount)
    office.pay(reference, amount, paid_at=datetime(on.year, on.month, on.day, 2, tzinfo=UTC))
    office.line(amount, reference, on=on)
