"""A charge that a settlement in bulk kept back is a line of its own wherever money is told: on its day, in the account
book of the day that the bank booked the credit, and in the month with its minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.application import account_periods, days, month_report, months
from gateway.ledger import account_book
from gateway.model import Channel
from tests.application.moving import BANK, MONDAY, TUESDAY, at, background, loaded, move, rejudged
from tests.application.office import Office
from tests.reconciliation.day_story import ACCOUNT

pytestmark = pytest.mark.services


def through_the_intermediary(office: Office, on: date, amount: int = 1_000_000) -> None:
    """What payers paid through the intermediary on a day, which its own file lists."""
    paid_at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    reference = office.owe(amount, channel="platform")
    to = "9704790000001"
    office.pay(reference, amount, partner="intermediary", channel=Channel.PLATFORM, account=to, paid_at=paid_at)
    office.line(amount, account=to, on=on, trace=reference, response_code="00")
    office.load("intermediary", on)


def settlement(office: Office, on: date, dated: str = "", number: str = "FT1") -> None:
    """The bank books 989.000 for a batch of 1.000.000."""
    office.line(989_000, text=f"THANH TOAN BU TRU INTERMEDIARY {dated}", on=on, trace=number)


def test_a_charge_that_another_day_knows_is_told_where_the_bank_booked_the_credit(office: Office) -> None:
    """Two settlements came on Monday, one of them for Tuesday's batch: people move it there."""
    through_the_intermediary(office, MONDAY)
    settlement(office, MONDAY, "23/11/2026")
    settlement(office, MONDAY, "24/11/2026", "FT2")
    loaded(office, MONDAY)
    assert office.outcomes(BANK, MONDAY) == [("ambiguous", 0, 989_000)] * 2
    (before,) = account_book.account_days(office.conn, MONDAY, MONDAY, account=ACCOUNT)
    assert dict(before.by_class) == {"unidentified": 1_978_000}
    through_the_intermediary(office, TUESDAY)
    background(office, TUESDAY)
    loaded(office, TUESDAY)
    (early,) = office.rows_of_day(BANK, MONDAY, text="FT2")
    move(office, early, TUESDAY)
    assert rejudged(office) == [TUESDAY]
    assert office.outcomes(BANK, TUESDAY)[:2] == [("bank_charge", 0, -11_000), ("deposit", 0, 1_000_000)]
    monday, tuesday = account_book.account_days(office.conn, MONDAY, TUESDAY, account=ACCOUNT)
    assert (monday.closing, monday.gap, monday.carry_gap) == (1_978_000, 0, 0)
    assert dict(monday.by_class) == {"unidentified": 989_000, "deposit": 1_000_000, "bank_charge": -11_000}
    assert dict(tuesday.by_class) == {"fee": 40_000}
    account_book.require_closed([monday, tuesday])


def test_day_book_and_month_tell_the_same_two_lines_and_the_closed_month_keeps_them(office: Office) -> None:
    eve = date(2026, 12, 31)
    at(office, eve, 16)
    through_the_intermediary(office, eve)
    settlement(office, eve)
    at(office, eve + timedelta(days=1))
    loaded(office, eve)
    lines = {"bank_charge": (1, 0, -11_000), "deposit": (1, 0, 1_000_000)}
    told = days.day(office.desk, office.an, BANK, eve)
    assert {one.name: (one.count, one.ours, one.theirs) for one in told.classes} == lines
    (period,) = account_periods.periods(office.desk, office.an, eve, eve, partner=BANK)
    assert (period.collected, period.other, period.closing) == (1_000_000, -11_000, 989_000)
    assert (period.by_class, period.lines[0].collected) == ({"bank_charge": -11_000, "deposit": 1_000_000}, 1_000_000)
    days.propose(office.desk, office.an, BANK, eve)
    days.approve(office.desk, office.binh, BANK, eve)
    closed = months.close(office.desk, office.binh, BANK, eve)
    assert (closed.outcomes, closed.days[0].summary) == (lines, lines)
    said = month_report.month_minutes(office.desk, office.partners[BANK], closed)
    assert [(one.outcome, one.count, one.ours, one.theirs) for one in said.by_outcome] == [
        ("bank_charge", 1, 0, -11_000), ("deposit", 1, 0, 1_000_000),
    ]  # fmt: skip


def test_what_was_kept_is_told_beside_the_whole_batch_also_where_payments_of_it_are_not_as_asked(
    office: Office,
) -> None:
    """Of 300.000 by card, 60.000 of them for a fee of 100.000, the bank kept 3.300."""
    bank, account = "bank-b", "0511000022233"
    for owed, paid in ((240_000, 240_000), (100_000, 60_000)):
        reference = office.owe(owed, channel="pos")
        office.pay(reference, paid, partner=bank, channel=Channel.POS, account=account)
    office.line(296_700, text="QUYET TOAN POS", account=account, bank="FT1")
    office.load(bank)
    office.judge(bank)
    assert office.outcomes(bank) == [
        ("underpaid", 60_000, 60_000), ("bank_charge", 0, -3_300), ("matched", 240_000, 240_000),
    ]  # fmt: skip
    (day,) = account_book.account_days(office.conn, MONDAY, MONDAY, account=account)
    assert (dict(day.by_class), day.gap) == ({"fee": 300_000, "bank_charge": -3_300}, 0)
