"""Where a partner's calendar lacks the year its month tells all that is known and what is missing; no other waits."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.application import days, month_report, months, waiting
from gateway.application.calendar_gaps import CalendarGap
from gateway.application.months import Tally
from gateway.clock import FixedClock
from gateway.errors import ConfigurationError, Conflict
from gateway.flows.days import due_again
from gateway.flows.wiring import Work
from gateway.partners import load_partners
from tests.application.office import Office
from tests.ledger.story import MONDAY, NOW

pytestmark = pytest.mark.services
BANK = "bank-a"
NO_FILE, NO_YEAR = CalendarGap("vn-banking.toml", 0), CalendarGap("vn-banking.toml", 2026)


def without(office: Office, folder: Path, gap: CalendarGap) -> Path:
    """The office's configuration from now on: the calendar of the banks is not there, or lacks the year."""
    config = Path(shutil.copytree(office.desk.settings.config, folder / f"config-{gap.year}"))
    file = config / "calendars" / gap.file
    if gap.year:
        file.write_text(file.read_text("utf-8").split(f"[days_off.{gap.year}]")[0], "utf-8")
    else:
        file.unlink()
    partners = load_partners(config / "partners", {})
    office.partners = partners
    office.desk = replace(office.desk, partners=partners, settings=replace(office.desk.settings, config=config))
    return config


@pytest.fixture
def judged(office: Office) -> Office:
    """Monday of a bank: one payer paid less than was owed."""
    office.short(100_000, 70_000)
    office.load()
    office.judge()
    return office


@pytest.mark.parametrize("gap", [NO_FILE, NO_YEAR], ids=["file", "year"])
def test_the_month_tells_what_is_on_record_and_which_file_is_missing(
    judged: Office, tmp_path: Path, gap: CalendarGap
) -> None:
    (before,) = [one for one in months.all_months(judged.desk, judged.an, MONDAY) if one.partner == BANK]
    assert before.calendar_gap is None
    without(judged, tmp_path, gap)
    found = {one.partner: one for one in months.all_months(judged.desk, judged.an, MONDAY)}
    assert sorted(found) == ["bank-a", "bank-b", "intermediary", "vnpost"]
    month = found[BANK]
    assert month.calendar_gap == gap
    assert [(day.business_on, day.state, day.works) for day in month.days] == [(MONDAY, "reconciled", None)]
    assert (month.new, month.carried_out, month.outcomes) == (Tally(1, 30_000), Tally(1, 30_000), before.outcomes)
    assert found["vnpost"].calendar_gap is None, "it has another calendar"


def test_a_month_whose_calendar_is_missing_is_not_closed_and_its_refusal_names_file_and_year(
    judged: Office, tmp_path: Path
) -> None:
    without(judged, tmp_path, NO_YEAR)
    judged.later(days=14)
    assert months.ready_to_close(judged.desk, judged.binh) == []
    with pytest.raises(ConfigurationError) as refused:
        months.close(judged.desk, judged.binh, BANK, MONDAY)
    assert (refused.value.code, refused.value.case) == ("calendar-unknown", "year")
    assert refused.value.facts == {"file": "vn-banking.toml", "year": "2026"}
    assert judged.rows("SELECT 1 FROM gateway.recon_month") == []


def test_a_closed_month_needs_no_calendar_its_days_are_those_that_it_counted(office: Office, tmp_path: Path) -> None:
    eve = date(2026, 12, 31)
    for on, hour in ((eve, 3), (eve + timedelta(days=1), 3)):
        office.now = NOW.replace(year=on.year, month=on.month, day=on.day, hour=hour)
        office.later(seconds=int((office.now - office.desk.clock.now()).total_seconds()))
        if on == eve:
            reference = office.owe(50_000)
            office.pay(reference, 50_000)
            office.line(50_000, reference, on=eve)
    office.load(BANK, eve)
    office.judge(BANK, eve, office.now)
    days.propose(office.desk, office.an, BANK, eve)
    days.approve(office.desk, office.binh, BANK, eve)
    closed = months.close(office.desk, office.binh, BANK, eve)
    complete = office.desk
    without(office, tmp_path, NO_YEAR)
    shown = months.month(office.desk, office.an, BANK, eve)
    assert (shown.calendar_gap, shown.minutes_sha256) == (None, closed.minutes_sha256)
    assert [(day.business_on, day.works) for day in shown.days] == [(eve, None)]
    assert month_report.prepare_month(office.desk, office.an, BANK, eve).period == "2026-12"
    with pytest.raises(Conflict) as again:
        months.close(office.desk, office.binh, BANK, eve)
    assert again.value.code == "month-closed"
    office.desk = complete
    office.line(9_000, text="ai do chuyen", on=date(2026, 12, 30))
    office.load(BANK, date(2026, 12, 30))
    late = months.month(office.desk, office.an, BANK, eve).days
    assert [(day.business_on, day.works) for day in late] == [(eve, True)], "what is told later is no day of it"


def test_what_waits_for_people_is_listed_without_the_calendar(judged: Office, tmp_path: Path) -> None:
    without(judged, tmp_path, NO_FILE)
    assert [one.kind for one in waiting.waiting(judged.desk, judged.an)] == ["day_reconciled"]
    assert days.calendar(judged.desk, judged.an, MONDAY) != []


def test_days_that_are_due_again_are_announced_for_every_partner_though_one_has_no_calendar(
    office: Office, tmp_path: Path
) -> None:
    """Bank A waits for a deadline that nobody can tell; of bank B a payment was recorded late."""
    almost = datetime(2026, 11, 23, 16, 50, tzinfo=NOW.tzinfo)
    office.settled()
    office.pay(office.owe(70_000), 70_000, paid_at=almost)
    office.load()
    office.judge()
    assert ("pending", 70_000, 0) in office.outcomes()
    office.load("bank-b")
    office.judge("bank-b")
    office.later(days=4)
    office.now = office.desk.clock.now()
    office.pay(office.owe(30_000), 30_000, partner="bank-b", account="1180000000202", business_on=MONDAY)
    work = Work(office.conn, FixedClock(office.now), office.partners)
    assert list(due_again(work).keys) == ["bank-a:2026-11-23", "bank-b:2026-11-23"]
    without(office, tmp_path, NO_FILE)
    work = replace(work, partners=office.partners)
    assert list(due_again(work).keys) == ["bank-b:2026-11-23"]
