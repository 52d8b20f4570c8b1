"""What cashiers count by receipt book, and what does not fit the counter payments is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from gateway.application import cash
from gateway.application.access import Person, Role
from gateway.application.cash import Count
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.errors import Conflict, Forbidden, Malformed, NotFound
from gateway.ledger import cash_count
from gateway.ledger.cash_count import CounterReceipt, Span
from gateway.model import EventType
from tests.application.money_story import AN, BINH, GUEST, STRANGER, MoneyStory, at_a_desk
from tests.ledger.story import MONDAY

COUNT = Count("Trần Thu", MONDAY, "H49.12", "AA/26", "0000101", "0000103", 3, 150_000)


@pytest.fixture
def told(database_url: str) -> Iterator[tuple[MoneyStory, Desk]]:
    with at_a_desk(database_url) as pair:
        yield pair


def receipts(*numbers: int, amount: int = 50_000, cashier: str = "Trần Thu") -> list[CounterReceipt]:
    return [CounterReceipt(cashier, MONDAY, "H49.12", "AA/26", f"{number:07d}", amount) for number in numbers]


def codes(counts: list[Count], told: list[CounterReceipt]) -> list[tuple[str, str]]:
    """Each problem with what the payments say of it."""
    return [(one.code, str(one.taken or ", ".join(map(str, one.numbers)))) for one in cash_count.problems(counts, told)]


@pytest.mark.unit
def test_a_count_that_fits_its_receipts_has_no_problem() -> None:
    assert codes([COUNT], receipts(101, 102, 103)) == []


@pytest.mark.unit
def test_gaps_strangers_and_other_sums_are_told() -> None:
    assert codes([COUNT], receipts(101, 103)) == [("cash-differs", "2 / 100000"), ("cash-receipt-gap", "102")]
    assert codes([COUNT], receipts(101, 102, 103, 109)) == [
        ("cash-differs", "4 / 200000"),
        ("cash-receipt-outside", "109"),
    ]
    assert codes([], receipts(101)) == [("cash-not-counted", "1 / 50000")]


@pytest.mark.unit
def test_a_spoilt_receipt_is_still_told_as_a_gap() -> None:
    spoilt = replace(COUNT, receipt_count=2, amount=100_000)
    assert codes([spoilt], receipts(101, 103)) == [("cash-receipt-gap", "102")]


@pytest.mark.unit
def test_two_counts_of_the_same_numbers_are_told_also_where_a_third_lies_between() -> None:
    later = MONDAY + timedelta(days=1)
    wide = replace(COUNT, first_number="1", last_number="100", receipt_count=1, amount=1)
    inside = replace(wide, business_on=later, first_number="2", last_number="3")
    end = replace(wide, business_on=later, cashier="Lê Hà", first_number="50", last_number="60")
    found = [one for one in cash_count.problems([wide, inside, end], []) if one.code == "cash-receipt-overlap"]
    assert [(one.cashier, one.claimed, one.other) for one in found] == [
        ("Lê Hà", Span("1", "100"), (MONDAY, "Trần Thu")),
        ("Trần Thu", Span("1", "100"), (MONDAY, "Trần Thu")),
    ]
    assert [one.numbers for one in found] == [(Span("50", "60"),), (Span("2", "3"),)]


def pay_at_the_counter(story: MoneyStory, number: int, amount: int) -> None:
    story.number += 1
    code = story.code()
    story.submit(code)
    story.ask(("p1", "phi", amount), channel="cash", code=code)
    paid = {
        "fee_ids": ["p1"], "amount": amount, "method": "cash", "cashier": "Trần Thu",
        "paid_at": "2026-11-23T09:30:00+07:00", "receipt_series": "AA/26", "receipt_number": f"{number:07d}",
    }  # fmt: skip
    assert story.tell(EventType.COUNTER_PAYMENT, paid, code).disposition == "applied"


@pytest.mark.services
def test_a_day_is_counted_once_and_corrected_with_a_reason(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    for number in (101, 102, 103):
        pay_at_the_counter(story, number, 50_000)
    story.conn.commit()
    assert [one.code for one in cash.book(desk, GUEST, MONDAY, MONDAY).problems] == ["cash-not-counted"]
    first = cash.record(desk, AN, replace(COUNT, amount=140_000))
    with pytest.raises(Conflict) as twice:
        cash.record(desk, AN, COUNT)
    assert twice.value.code == "cash-count-known"
    assert [one.code for one in cash.book(desk, GUEST, MONDAY, MONDAY).problems] == ["cash-differs"]
    second = cash.correct(desk, AN, first, COUNT, "đếm lại cùng thủ quỹ")
    found = cash.book(desk, GUEST, MONDAY, MONDAY)
    assert (found.total, found.confirmed, found.problems) == (150_000, 0, ())
    assert [one.count_pk for one in found.counts] == [second]
    assert [one.amount for one in cash.history(desk, GUEST, second)] == [150_000, 140_000]
    for act in (lambda: cash.correct(desk, AN, first, COUNT, "lần nữa"), lambda: cash.confirm(desk, BINH, first)):
        with pytest.raises(NotFound) as gone:
            act()
        assert gone.value.code == "cash-count-unknown"


def deposit(story: MoneyStory, desk: Desk, amount: int, on: date = MONDAY) -> Desk:
    """The cash comes to the bank and the day is judged; people go on an hour later."""
    story.line(amount, text="NOP TIEN MAT TRAN THU AA/26", on=on)
    story.load(on=on)
    story.judge(on=on, now=story.now)
    story.conn.commit()
    story.now += timedelta(hours=1)
    return replace(desk, clock=FixedClock(story.now))


def judged(story: MoneyStory, on: date = MONDAY) -> tuple[str, str, str]:
    ((rule, outcome, ours),) = [(row["rule"], row["outcome"], row["our_value"]) for row in story.found(on=on)]
    return rule, outcome, ours


@pytest.mark.services
def test_a_count_that_nobody_confirmed_does_not_count_at_the_bank(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    first = cash.record(desk, AN, COUNT)
    desk = deposit(story, desk, 150_000)
    assert judged(story)[0] == "wording", "no count explains it"
    cash.confirm(desk, BINH, first)
    story.judge(now=story.now)
    story.conn.commit()
    assert judged(story) == ("cash", "deposit", "150.000 đ")
    found = cash.book(desk, GUEST, MONDAY, MONDAY)
    (brought,) = found.deposits
    assert (found.confirmed, brought.amount, brought.books) == (150_000, 150_000, "AA/26/0000101-0000103")
    assert found.deposited == {first: brought}


@pytest.mark.services
def test_a_confirmed_count_counts_until_its_correction_is_confirmed(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    first = cash.record(desk, AN, replace(COUNT, amount=140_000))
    cash.confirm(desk, BINH, first)
    second = cash.correct(desk, AN, first, COUNT, "đếm lại")
    desk = deposit(story, desk, 150_000)
    assert judged(story) == ("cash", "overpaid", "140.000 đ")
    cash.confirm(desk, BINH, second)
    story.judge(now=story.now)
    assert judged(story) == ("cash", "deposit", "150.000 đ")
    story.judge(now=story.now - timedelta(hours=1))
    assert judged(story) == ("cash", "overpaid", "140.000 đ"), "judged again as of then, it says what it said then"


@pytest.mark.services
def test_two_people_count_and_nobody_confirms_twice(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    story.employ(chi="finance_maker")
    story.employ(chi="finance_checker")
    story.conn.commit()
    both = Person("Chi", frozenset({Role.MAKER, Role.CHECKER}))
    pk = cash.record(desk, both, COUNT)
    with pytest.raises(Forbidden) as alone:
        cash.confirm(desk, replace(both, user="chi"), pk)
    assert alone.value.code == "same-person"
    cash.confirm(desk, BINH, pk)
    with pytest.raises(Conflict) as twice:
        cash.confirm(desk, BINH, pk)
    assert twice.value.code == "confirmed-already"


@pytest.mark.services
@pytest.mark.parametrize(
    "wrong",
    [
        {"receipt_count": 4}, {"first_number": "12a"}, {"amount": 0}, {"first_number": "200", "last_number": "100"},
        {"cashier": ""},
    ],
)  # fmt: skip
def test_a_count_that_cannot_be_right_is_refused(told: tuple[MoneyStory, Desk], wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed) as refused:
        cash.record(told[1], AN, replace(COUNT, **wrong))  # type: ignore[arg-type]  # the point of the test
    assert refused.value.code == "cash-count-invalid"


@pytest.mark.services
def test_a_correction_does_not_move_to_another_day(told: tuple[MoneyStory, Desk]) -> None:
    first = cash.record(told[1], AN, COUNT)
    with pytest.raises(Malformed) as moved:
        cash.correct(told[1], AN, first, replace(COUNT, business_on=date(2026, 11, 24)), "x")
    assert moved.value.code == "cash-count-invalid"


@pytest.mark.services
def test_only_a_maker_records_and_nobody_edits(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    for person in (BINH, GUEST):
        with pytest.raises(Forbidden) as refused:
            cash.record(desk, person, COUNT)
        assert refused.value.code == "act-not-allowed"
    with pytest.raises(Forbidden):
        cash.book(desk, STRANGER, MONDAY, MONDAY)
    cash.record(desk, AN, COUNT)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.connection.execute("UPDATE gateway.cash_count SET amount = 1")
    with pytest.raises(psycopg.errors.CheckViolation, match="never edited"):
        story.conn.execute("DELETE FROM gateway.cash_count")
