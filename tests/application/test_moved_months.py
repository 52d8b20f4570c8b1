"""Months count money that was moved over their end once, and carry it until the other day solves it."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.application import breaks, days, month_report, months
from gateway.application.breaks import Decision
from gateway.application.months import MonthView, Tally
from gateway.errors import Conflict
from tests.application.moving import BANK, at, background, judged, loaded, move, rejudged, row, verified
from tests.application.office import Office

pytestmark = pytest.mark.services
EVE, SATURDAY, MONDAY = date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 4)
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def eve(office: Office) -> Office:
    """Paid on 31/12 at noon, on no statement of that day: a break."""
    at(office, EVE, 5)
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    background(office, EVE)
    at(office, SATURDAY)
    loaded(office, EVE)
    office.line(100_000, reference, on=SATURDAY)
    return office


def approved(office: Office, on: date) -> None:
    days.propose(office.desk, office.an, BANK, on)
    days.approve(office.desk, office.binh, BANK, on)


def seen(office: Office, first: date) -> MonthView:
    return months.month(office.desk, office.an, BANK, first)


def sums(*views: MonthView) -> tuple[int, int]:
    told = [line for one in views for line in one.outcomes.values()]
    return sum(line[1] for line in told), sum(line[2] for line in told)


def test_moved_over_the_year_it_is_carried_solved_there_and_counted_once(eve: Office) -> None:
    move(eve, row(eve, EVE, "missing_at_partner"), SATURDAY)
    approved(eve, EVE)
    december = months.close(eve.desk, eve.binh, BANK, DECEMBER)
    assert (december.new, december.solved, december.carried_out) == (Tally(1, 100_000), Tally(0, 0), Tally(1, 100_000))
    at(eve, date(2027, 1, 3))
    loaded(eve, SATURDAY)
    assert eve.rows_of_day(BANK, SATURDAY) == ()
    january = seen(eve, JANUARY)
    assert (january.brought_in, january.new) == (Tally(1, 100_000), Tally(0, 0))
    assert (january.solved, january.carried_out) == (Tally(1, 100_000), Tally(0, 0))
    assert [(one.item.business_on, one.fate, one.how) for one in january.items] == [(EVE, "solved", "moved")]
    assert sums(december, january) == (140_000, 140_000)
    assert january.outcomes["matched"] == (1, 100_000, 100_000)
    assert [(one.business_on, one.summary) for one in january.moved] == [
        (EVE, {"missing_at_partner": (-1, -100_000, 0)})
    ]
    assert verified(eve, EVE, SATURDAY)
    assert seen(eve, DECEMBER) == december


def test_a_closed_month_takes_no_money(eve: Office) -> None:
    breaks.decide(eve.desk, eve.an, row(eve, EVE, "missing_at_partner").target, Decision.ACCEPT, reason="đã xem")
    approved(eve, EVE)
    months.close(eve.desk, eve.binh, BANK, DECEMBER)
    at(eve, date(2027, 1, 3))
    loaded(eve, SATURDAY)
    half = row(eve, SATURDAY, "wrong_day")
    for to in (EVE, date(2026, 12, 30)):  # approved; never reconciled, in a month that is closed
        with pytest.raises(Conflict) as closed:
            move(eve, half, to)
        assert closed.value.code == "move-not-possible"


def test_still_a_break_on_the_other_day_it_is_one_item_until_a_decision_there_ends_it(eve: Office) -> None:
    eve.accounts = {}
    background(eve, SATURDAY)
    loaded(eve, SATURDAY)
    move(eve, row(eve, EVE, "missing_at_partner"), SATURDAY)
    rejudged(eve)
    approved(eve, EVE)
    december = months.close(eve.desk, eve.binh, BANK, DECEMBER)
    again = row(eve, SATURDAY, "missing_at_partner")
    january = seen(eve, JANUARY)
    assert (january.brought_in, january.new, january.carried_out) == (Tally(1, 100_000), Tally(0, 0), Tally(1, 100_000))
    assert sums(december, january) == (180_000, 80_000)
    breaks.decide(eve.desk, eve.an, again.target, Decision.ACCEPT, reason="đã rõ")
    january = seen(eve, JANUARY)
    assert (january.solved, january.carried_out) == (Tally(1, 100_000), Tally(0, 0))
    assert {(one.fate, one.how) for one in january.items} == {("solved", "accept"), ("half", "moved")}


def test_part_of_another_break_there_it_is_solved_and_the_difference_is_a_new_item(office: Office) -> None:
    at(office, MONDAY, 5)
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    background(office, MONDAY)
    at(office, date(2027, 1, 6))
    loaded(office, MONDAY)
    tuesday = date(2027, 1, 5)
    office.line(80_000, reference, on=tuesday)
    loaded(office, tuesday)
    judged(office, MONDAY)
    move(office, row(office, MONDAY, "missing_at_partner"), tuesday)
    rejudged(office)
    assert [(one.outcome, one.amount) for one in office.rows_of_day(BANK, tuesday)] == [("underpaid", 20_000)]
    january = seen(office, JANUARY)
    assert sums(january) == (140_000, 120_000)
    assert january.carried_out == Tally(1, 20_000)
    assert january.new.amount - january.solved.amount == 20_000
    assert ("solved", "moved") in {(one.fate, one.how) for one in january.items}


def test_the_minutes_of_a_month_say_which_days_money_left(eve: Office) -> None:
    loaded(eve, SATURDAY)
    move(eve, row(eve, EVE, "wrong_day" if eve.rows_of_day(BANK, EVE, outcome="wrong_day") else "missing_at_partner"),
         SATURDAY)  # fmt: skip
    rejudged(eve)
    approved(eve, EVE)
    approved(eve, SATURDAY)
    months.close(eve.desk, eve.binh, BANK, DECEMBER)
    at(eve, date(2027, 2, 1))
    view = seen(eve, JANUARY)
    assert view.moved[0].business_on == EVE
    closing = month_report._day(view.moved[0])
    assert closing == ("Đã chuyển khỏi ngày 31/12/2026", -1, -100_000, 0)
