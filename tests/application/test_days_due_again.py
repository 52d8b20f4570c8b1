"""A judged day is due again when its waiting has ended or our side is told more of it: by itself, and once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.application import ageing, breaks, day_listing, days
from gateway.application.breaks import Decision
from gateway.clock import FixedClock
from gateway.flows.days import due_again
from gateway.flows.wiring import Work
from gateway.model import PaymentState
from gateway.reconciliation.day import verify
from gateway.reconciliation.due import days_due_again, days_to_reconcile
from tests.application.office import Office
from tests.ledger.story import MONDAY
from tests.reconciliation.test_other_partners import deliver

pytestmark = pytest.mark.services
BANK = "bank-a"
MONDAY_NIGHT = datetime(2026, 11, 23, 16, 50, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
BEFORE_THE_DEADLINE = datetime(2026, 11, 26, 1, 59, tzinfo=UTC)
DEADLINE = datetime(
    2026, 11, 26, 2, 0, tzinfo=UTC
)  # Tuesday is a day off: Wednesday's statement, due on Thursday, 9:00


def closed(office: Office) -> None:
    for row in office.rows_of_day(BANK, state="open"):
        breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="đã xem")
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)


def due(office: Office, at: datetime, partner: str = BANK) -> list[date]:
    return days_due_again(office.conn, office.partners[partner], at)


def goes_on(office: Office, at: datetime) -> None:
    office.now = at
    office.later(seconds=int((at - office.desk.clock.now()).total_seconds()))


@pytest.fixture
def near_the_cut_off(office: Office) -> Office:
    """A payment a few minutes before Monday's cut-off, which the bank does not have; the day is approved."""
    office.settled()
    office.pay(office.owe(70_000), 70_000, paid_at=MONDAY_NIGHT)
    office.load()
    office.judge()
    assert ("pending", 70_000, 0) in office.outcomes()
    closed(office)
    return office


def test_what_waits_for_its_deadline_and_what_is_explained_is_no_break_in_the_list_of_days(office: Office) -> None:
    """A command and a page count alike: what a person must decide about, and how much of it is open."""
    office.short()
    office.short()
    office.pay(office.owe(70_000), 70_000, paid_at=MONDAY_NIGHT)
    office.line(-5_500, text="PHI DICH VU SMS")
    office.load()
    office.judge()
    breaks.decide(office.desk, office.an, office.rows_of_day(state="open")[0].target, Decision.ACCEPT, reason="đã xem")
    (cell,) = (one for one in days.calendar(office.desk, office.an, MONDAY) if (one.partner, one.version) == (BANK, 1))
    (told,) = day_listing.list_days(office.desk, office.an)
    assert {name: told[name] for name in ("matched", "pending", "breaks", "open_breaks")} == {
        "matched": 0, "pending": 1, "breaks": 2, "open_breaks": 1,
    }  # fmt: skip
    assert (cell.breaks, cell.open_breaks) == (2, 1)


def test_a_payment_near_the_cut_off_becomes_a_break_by_itself_when_its_deadline_has_passed(
    near_the_cut_off: Office,
) -> None:
    office = near_the_cut_off
    assert due(office, BEFORE_THE_DEADLINE) == []
    assert due(office, DEADLINE) == [MONDAY]
    work = Work(office.conn, FixedClock(DEADLINE), office.partners)
    assert list(due_again(work).keys) == ["bank-a:2026-11-23"]
    goes_on(office, DEADLINE)
    again = office.judge(now=DEADLINE)
    assert (again.changed, again.state, again.version) == (True, "reconciled", 2)
    assert ("missing_at_partner", 70_000, 0) in office.outcomes()
    assert verify(office.conn, office.partners[BANK], MONDAY, 1)
    assert verify(office.conn, office.partners[BANK], MONDAY, 2)
    assert office.one("SELECT was || ': ' || reason FROM gateway.day_reopening") == "approved: hạn chờ kết luận đã qua"
    assert ageing.ageing(office.desk, office.an).total.count == 1
    assert due(office, DEADLINE + timedelta(days=30)) == []


def test_a_proposal_is_void_when_what_waited_in_the_day_waits_no_longer(office: Office) -> None:
    office.pay(office.owe(70_000), 70_000, paid_at=MONDAY_NIGHT)
    office.settled()
    office.load()
    office.judge()
    days.propose(office.desk, office.an, BANK, MONDAY)
    assert due(office, DEADLINE) == [MONDAY]
    assert office.judge(now=DEADLINE).state == "reconciled"
    assert office.one("SELECT was FROM gateway.day_reopening") == "proposed"


def test_a_day_whose_rows_wait_for_something_else_is_judged_once_at_its_deadline_and_not_again(office: Office) -> None:
    """What waits for an answer and not for a date stays as it is: no version, and not due in every run."""
    reference = office.owe(90_000, channel="platform")
    office.pay(reference, 90_000, partner="intermediary", state=PaymentState.PENDING)
    office.line(90_000, account="9704790000001", trace=reference, response_code="68")
    office.load("intermediary")
    office.judge("intermediary")
    assert [outcome for outcome, _, _ in office.outcomes("intermediary")] == ["pending"]
    late = DEADLINE + timedelta(days=5)
    assert due(office, late, "intermediary") == [MONDAY]
    assert not office.judge("intermediary", now=late).changed
    assert due(office, late + timedelta(days=30), "intermediary") == []


def test_a_stopped_day_is_not_judged_in_every_run_because_its_deadline_has_passed(near_the_cut_off: Office) -> None:
    office = near_the_cut_off
    office.conn.execute("UPDATE gateway.recon_day SET stopped = 'statement-missing'")
    assert due(office, DEADLINE) == []


def test_a_late_payment_notice_makes_its_approved_day_due_once(office: Office) -> None:
    reference = office.owe(100_000)
    office.line(100_000, reference)
    office.load()
    office.judge()
    assert office.outcomes() == [("missing_with_us", 0, 100_000)]
    closed(office)
    goes_on(office, datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    assert due(office, office.now) == []
    office.pay(reference, 100_000, paid_at=MONDAY_NOON)
    assert due(office, office.now) == [MONDAY]
    assert days_to_reconcile(office.conn, office.partners[BANK], office.now) == [MONDAY]
    goes_on(office, office.now + timedelta(minutes=15))
    again = office.judge(now=office.now)
    assert (again.changed, again.state) == (True, "reconciled")
    assert office.outcomes() == [("matched", 100_000, 100_000)]
    assert due(office, office.now) == []
    assert days_to_reconcile(office.conn, office.partners[BANK], office.now) == []


def test_a_notice_that_was_being_recorded_while_the_day_was_judged_makes_it_due_once_more(office: Office) -> None:
    """Within some minutes before the judgement nobody knows: judged again without a change, the day is at rest."""
    office.settled()
    office.load()
    office.judge(now=office.now + timedelta(minutes=1))
    assert due(office, office.now + timedelta(minutes=2)) == [MONDAY]
    assert not office.judge(now=office.now + timedelta(minutes=20)).changed
    assert due(office, office.now + timedelta(minutes=21)) == []
    assert days_to_reconcile(office.conn, office.partners[BANK], office.now) == []


def test_a_payment_that_a_person_books_from_a_line_makes_no_day_due(office: Office) -> None:
    office.settled()
    office.line(80_000, text="khong ro")
    office.load()
    office.judge()
    office.owe(80_000)
    code = office.code()
    office.later(hours=2)
    breaks.decide(
        office.desk, office.an, office.only_row().target, Decision.ATTRIBUTE, reason="theo đơn", dossier_code=code
    )
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert office.one("SELECT count(*) FROM gateway.payment WHERE source = 'statement'") == 1
    assert due(office, office.desk.clock.now()) == []


def test_money_that_vnpost_listed_before_its_tracking_told_of_it_makes_the_remittance_due(office: Office) -> None:
    order = f"H49.12-20261123-{office.number + 1:07d}"
    office.remit((order, 100_000, 30_000))
    office.judge("vnpost")
    assert office.outcomes("vnpost") == [("unidentified", 0, 100_000)]
    goes_on(office, datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    assert due(office, office.now, "vnpost") == []
    with office.conn.transaction():
        assert deliver(office, 100_000, 30_000) == order
    assert due(office, office.now, "vnpost") == [MONDAY]
    goes_on(office, office.now + timedelta(minutes=15))
    assert office.judge("vnpost", now=office.now).changed
    assert office.outcomes("vnpost") == [("matched", 100_000, 100_000)]
    assert due(office, office.now, "vnpost") == []


# Files that were loaded by a run that then failed: nobody announced their days.


def keys_due(office: Office, at: datetime) -> list[str]:
    return list(due_again(Work(office.conn, FixedClock(at), office.partners)).keys)


def test_a_day_whose_file_was_loaded_by_a_run_that_failed_is_announced_after_a_while(office: Office) -> None:
    """Today's file stays away, and the run waits for it: yesterday's, which came late, is reconciled all the same."""
    office.settled()
    office.load()
    loaded_at = office.one("SELECT loaded_at FROM gateway.statement")
    assert keys_due(office, loaded_at + timedelta(minutes=20)) == []  # the run itself announces it
    assert keys_due(office, loaded_at + timedelta(minutes=21)) == ["bank-a:2026-11-23"]
    office.judge(now=loaded_at + timedelta(minutes=22))
    assert keys_due(office, loaded_at + timedelta(minutes=40)) == []


def test_a_further_file_of_a_judged_day_is_announced_too(office: Office) -> None:
    office.settled()
    office.load()
    office.judge(now=office.now + timedelta(minutes=15))
    goes_on(office, office.now + timedelta(hours=1))
    office.line(50_000, "")
    office.load()
    assert keys_due(office, office.now + timedelta(minutes=21)) == ["bank-a:2026-11-23"]
    office.judge(now=office.now + timedelta(minutes=22))
    assert keys_due(office, office.now + timedelta(minutes=40)) == []


def test_a_day_that_was_looked_at_and_is_stopped_is_not_announced_in_every_run(office: Office) -> None:
    office.settled()
    office.load()
    office.conn.execute(
        "INSERT INTO gateway.recon_day (partner, business_on, changed_at, stopped)"
        " VALUES ('bank-a', '2026-11-23', %s, 'statement-tiny')",
        (office.now,),
    )
    assert keys_due(office, office.now + timedelta(hours=1)) == []


def test_what_nobody_could_judge_for_three_hours_is_announced_no_more(office: Office) -> None:
    office.settled()
    office.load()
    loaded_at = office.one("SELECT loaded_at FROM gateway.statement")
    assert keys_due(office, loaded_at + timedelta(hours=3)) == ["bank-a:2026-11-23"]
    assert keys_due(office, loaded_at + timedelta(hours=3, minutes=1)) == []
