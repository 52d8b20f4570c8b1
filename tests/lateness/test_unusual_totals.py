"""Totals that move more than usual: against the partner's own comparable days, at the edge, away from holidays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flows.lateness.limits import Totals, load
from gateway.flows.lateness.totals import Day, Usual, comparable, usual
from gateway.reconciliation import calendar
from gateway.reconciliation.calendar import WorkingDays
from tests.lateness.watched import CONFIG, Province, at

BANKING = calendar.load(CONFIG / "calendars", "vn-banking")
RULES = load(CONFIG).totals
OCTOBER_30 = date(2026, 10, 30)
"""A Friday, far from any holiday."""


def working_days(last: date, days: WorkingDays = BANKING, most: int = 200) -> Iterator[date]:
    """Days of the calendar that are worked, from ``last`` backwards."""
    for back in range(most):
        if days.works(last - timedelta(days=back)):
            yield last - timedelta(days=back)


def told(province: Province, on: date, count: int, amount: int, *, treasury: int = 0) -> None:
    """A judged day with so many fees of so much money; ``treasury``: what left to the treasury that day."""
    classes = {"fee": [count, amount, amount], "treasury": [1, 0, -treasury]}
    province.conn.execute(
        "INSERT INTO gateway.recon_version (partner, business_on, version, rules, engine, inputs, as_of, summary,"
        " classes, snapshot_sha256, snapshot) VALUES ('bank-a', %s, 1, '2026-1', '2', '{}', %s, '{}', %s, %s, '')",
        (on, datetime.combine(on, datetime.min.time(), UTC), json.dumps(classes), "a" * 64),
    )
    province.conn.execute(
        "INSERT INTO gateway.recon_day (partner, business_on, state, version, changed_at)"
        " VALUES ('bank-a', %s, 'reconciled', 1, %s)",
        (on, datetime.combine(on, datetime.min.time(), UTC)),
    )


def usual_days(province: Province, before: date, count: int) -> None:
    """So many ordinary days: about a hundred entries of about a hundred million."""
    days = [on for on in working_days(before - timedelta(days=1)) if on.weekday() != 0]
    for number, on in enumerate(days[:count]):
        told(province, on, 100 + number % 5, 100_000_000 + number % 5 * 1_000_000)


def unusual(province: Province, on: date) -> dict[str, str]:
    return province.standing(at("10:00", on + timedelta(days=1)), "totals-unusual")


@pytest.mark.services
def test_a_day_with_twice_the_money_is_told_with_what_is_usual(province: Province) -> None:
    usual_days(province, OCTOBER_30, 10)
    told(province, OCTOBER_30, 101, 230_000_000)
    assert unusual(province, OCTOBER_30) == {
        f"totals-unusual:bank-a:{OCTOBER_30}": "Ngày 30/10/2026 của Ngân hàng A khác thường: 230.000.000 đ,"
        " thường 102.000.000 đ (từ 100.000.000 đ đến 104.000.000 đ) (so với 10 ngày tương tự gần nhất)."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE code = 'totals-unusual'") == f"/days/bank-a/{OCTOBER_30}"


@pytest.mark.services
def test_a_day_that_lost_most_of_its_entries_is_told_in_count_and_amount(province: Province) -> None:
    usual_days(province, OCTOBER_30, 10)
    told(province, OCTOBER_30, 12, 11_000_000)
    (text,) = unusual(province, OCTOBER_30).values()
    assert "12 giao dịch, thường 102 (từ 100 đến 104); 11.000.000 đ, thường 102.000.000 đ" in text
    assert province.one("SELECT gist FROM gateway.alert WHERE code = 'totals-unusual'") == "count- amount-"


@pytest.mark.services
def test_the_edge_itself_is_usual(province: Province) -> None:
    """Half the median of 102 entries is 51; the spread of a hundred is far less."""
    usual_days(province, OCTOBER_30, 10)
    told(province, OCTOBER_30, 153, 102_000_000)
    assert unusual(province, OCTOBER_30) == {}
    province.conn.execute("ALTER TABLE gateway.recon_version DISABLE TRIGGER recon_version_frozen")
    province.conn.execute(
        "UPDATE gateway.recon_version SET classes = '{\"fee\": [154, 102000000, 102000000]}' WHERE business_on = %s",
        (OCTOBER_30,),
    )
    assert len(unusual(province, OCTOBER_30)) == 1


@pytest.mark.services
def test_nothing_is_said_before_there_are_enough_days_to_compare_with(province: Province) -> None:
    usual_days(province, OCTOBER_30, 7)
    told(province, OCTOBER_30, 900, 900_000_000)
    assert unusual(province, OCTOBER_30) == {}


@pytest.mark.services
def test_a_transfer_to_the_treasury_is_no_unusual_total(province: Province) -> None:
    usual_days(province, OCTOBER_30, 10)
    told(province, OCTOBER_30, 101, 101_000_000, treasury=2_000_000_000)
    assert unusual(province, OCTOBER_30) == {}


@pytest.mark.services
def test_an_unusual_day_is_told_until_people_have_agreed_to_it(province: Province) -> None:
    usual_days(province, OCTOBER_30, 10)
    told(province, OCTOBER_30, 400, 400_000_000)
    assert len(unusual(province, OCTOBER_30)) == 1
    province.conn.execute("SET session_replication_role = replica")  # an approval, without its seal
    province.conn.execute("UPDATE gateway.recon_day SET state = 'approved' WHERE business_on = %s", (OCTOBER_30,))
    assert unusual(province, OCTOBER_30) == {}


def like(on: date, rules: Totals = RULES) -> list[date]:
    known = [Day(day, settled=True, count=1, amount=1) for day in sorted(working_days(on - timedelta(days=1)))]
    return [day.on for day in comparable(BANKING, on, known, rules)]


@pytest.mark.unit
def test_a_monday_is_compared_with_mondays_and_no_day_with_days_near_a_holiday() -> None:
    mondays = like(date(2026, 11, 16))
    assert {day.weekday() for day in mondays} == {0}
    assert len(mondays) >= RULES.at_least
    thursdays_and_others = like(OCTOBER_30)
    assert {day.weekday() for day in thursdays_and_others} == {1, 2, 3, 4}
    assert len(thursdays_and_others) == RULES.days
    assert {date(2026, 9, 3), date(2026, 9, 4)} & set(like(date(2026, 9, 30))) == set()


@pytest.mark.unit
@pytest.mark.parametrize(
    "on",
    [
        date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 28), date(2027, 2, 11),
        date(2027, 2, 12),
    ],
    ids=["a holiday", "the day after it", "the second day after it", "a Saturday", "after Tết", "the second after Tết"],
)  # fmt: skip
def test_days_off_and_the_days_after_a_holiday_are_compared_with_nothing(on: date) -> None:
    assert like(on) == []


@pytest.mark.unit
def test_the_third_day_after_a_holiday_is_a_day_like_any_other() -> None:
    assert len(like(date(2026, 11, 27))) == RULES.days


@pytest.mark.unit
@given(values=st.lists(st.integers(0, 10**12), min_size=1, max_size=30), floor=st.integers(1, 10**9))
def test_the_median_itself_is_always_usual(values: list[int], floor: int) -> None:
    what = usual(values, 6, 50, floor)
    assert not what.is_left_by(what.median)
    assert what.within >= floor
    assert what.is_left_by(what.median + what.within + 1)


@pytest.mark.unit
def test_one_wild_day_in_the_past_hides_no_other() -> None:
    """A mean and a standard deviation would: they follow the wild day."""
    assert usual([100] * 9 + [100_000], 6, 50, 20) == Usual(100, 50)
