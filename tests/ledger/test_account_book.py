"""The account book closes per account and day by class, and per unit with each kind of money apart."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import DoesNotClose
from gateway.ledger import account_book
from gateway.ledger.account_book import AccountDay
from gateway.ledger.proof import prove_money
from gateway.model import Channel, EventType
from tests.ledger.story import MONDAY, Story
from tests.reconciliation.day_story import DayStory

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def day(story: Story) -> DayStory:
    return DayStory(story.conn, story.partners)


@pytest.mark.services
def test_a_day_is_told_by_class_and_closes(day: DayStory) -> None:
    day.balances["1120000000101"] = 1_000_000
    reference = day.owe(200_000)
    day.pay(reference, 200_000)
    day.line(200_000, reference)
    day.line(-1_000_000, text="NOP NSNN KHO BAC")
    day.line(-3_300, text="THU PHI QUAN LY TAI KHOAN")
    day.line(55_000, text="ai do chuyen")
    day.settle_day()
    (found,) = account_book.account_days(day.conn, MONDAY, MONDAY)
    assert (found.opening, found.collected, found.refunded, found.transferred, found.other, found.closing) == (
        1_000_000, 200_000, 0, 1_000_000, 51_700, 251_700,
    )  # fmt: skip
    assert (found.gap, found.carry_gap) == (0, 0)
    assert found.by_class["bank_charge"] == -3_300
    account_book.require_closed([found])


def by_card(day: DayStory, amount: int) -> None:
    """A payer pays by card at the counter's terminal."""
    day.owe(amount, channel="pos")
    paid = {
        "paid_at": "2026-11-23T09:00:00+07:00", "method": "pos", "amount": amount, "fee_ids": ["p1"],
        "cashier": "Lê Thu", "receipt_series": "C1-10", "receipt_number": f"{day.number:07d}",
        "partner_transaction_id": f"POS-{day.number}", "terminal_id": "TID01",
    }  # fmt: skip
    day.tell(EventType.COUNTER_PAYMENT, paid, day.code())


@pytest.mark.services
def test_a_charge_kept_back_from_a_settlement_is_not_collected_less_but_told_as_other(day: DayStory) -> None:
    """Of the intermediary's 1.000.000 the bank books 989.000, and takes 2.200 for itself."""
    day.balances["1120000000101"] = 50_000
    reference = day.owe(1_000_000, channel="platform")
    day.pay(reference, 1_000_000, partner="intermediary", channel=Channel.PLATFORM, account="9704790000001")
    day.line(1_000_000, account="9704790000001", trace=reference, response_code="00")
    day.load("intermediary")
    day.line(989_000, text="THANH TOAN BU TRU INTERMEDIARY 23/11/2026")
    day.line(-2_200, text="THU PHI QUAN LY TAI KHOAN")
    day.load()
    (before,) = account_book.account_days(day.conn, MONDAY, MONDAY, account="1120000000101")
    assert (before.collected, before.other, before.gap) == (0, 986_800, 0), "no day has judged it"
    day.judge()
    (found,) = account_book.account_days(day.conn, MONDAY, MONDAY, account="1120000000101")
    assert (found.opening, found.collected, found.other, found.closing) == (50_000, 1_000_000, -13_200, 1_036_800)
    assert found.by_class == {"deposit": 1_000_000, "bank_charge": -13_200}
    account_book.require_closed([found])


@pytest.mark.services
def test_the_charge_of_card_terminals_is_no_less_collected_either(day: DayStory) -> None:
    for amount in (100_000, 200_000):
        by_card(day, amount)
    accounts = day.partners["bank-b"].accounts
    assert accounts is not None
    day.line(296_700, text="QUYET TOAN POS TID01 23/11/2026", account=accounts.default)
    assert day.settle_day("bank-b") == [("bank_charge", 0, -3_300), ("matched", 300_000, 300_000)]
    (found,) = account_book.account_days(day.conn, MONDAY, MONDAY)
    assert (found.collected, found.other, found.closing, found.gap) == (300_000, -3_300, 296_700, 0)


@pytest.mark.services
def test_what_is_not_judged_yet_moves_the_balance_all_the_same(day: DayStory) -> None:
    day.line(70_000, text="x")
    day.load()
    (found,) = account_book.account_days(day.conn, MONDAY, MONDAY)
    assert (found.by_class, found.gap) == ({account_book.NOT_JUDGED: 70_000}, 0)


@pytest.mark.services
def test_overlapping_files_move_each_entry_once(day: DayStory) -> None:
    day.line(70_000, text="x")
    day.load()
    day.balances["1120000000101"] = 0  # the second file tells the first day once more
    day.line(70_000, text="x")
    day.line(5_000, text="y", on=TUESDAY)
    day.load(on=TUESDAY)
    first, second = account_book.account_days(day.conn, MONDAY, TUESDAY)
    assert (first.closing, second.opening, second.closing, second.gap, second.carry_gap) == (
        70_000,
        70_000,
        75_000,
        0,
        0,
    )
    assert second.repeats
    (alone,) = account_book.account_days(day.conn, TUESDAY, TUESDAY)
    assert alone == second, "a range that begins later tells the same day"


@pytest.mark.services
def test_a_day_told_by_two_files_opens_with_the_first_and_closes_with_the_second(day: DayStory) -> None:
    for on in (MONDAY, TUESDAY):
        day.line(70_000, text=f"sáng {on}", on=on)
        day.load(on=on)
        day.line(5_000, text=f"chiều {on}", on=on)
        day.load(on=on)
    monday, tuesday = account_book.account_days(day.conn, MONDAY, TUESDAY)
    assert (monday.opening, monday.closing, tuesday.opening, tuesday.closing) == (0, 75_000, 75_000, 150_000)
    account_book.require_closed([monday, tuesday])
    for on in (MONDAY, TUESDAY):
        assert [line for line in prove_money(day.conn, on) if not line.closes] == []


def arrives(day: DayStory, opening: int, *amounts: int, on: date = MONDAY) -> list[str]:
    """A file of the account with its own opening balance; the codes of its problems."""
    day.balances["1120000000101"] = opening
    for amount in amounts:
        day.line(amount, text=f"dòng {opening} {amount}", on=on)
    return [code for code, _ in day.load(on=on).problems]


@pytest.mark.services
def test_files_of_a_day_that_arrive_in_another_order_are_put_in_theirs_by_their_balances(day: DayStory) -> None:
    assert arrives(day, 1_000, 20, on=MONDAY) == []
    arrives(day, 1_320, 5, on=TUESDAY)  # the last of three comes first: what lies before it is not here yet
    assert arrives(day, 1_020, 100, on=TUESDAY) == []
    assert arrives(day, 1_120, 200, on=TUESDAY) == []
    monday, tuesday = account_book.account_days(day.conn, MONDAY, TUESDAY)
    assert (monday.closing, tuesday.told_opening, tuesday.opening, tuesday.closing) == (1_020, 1_020, 1_020, 1_325)
    account_book.require_closed([monday, tuesday])
    assert [line for line in prove_money(day.conn, TUESDAY) if not line.closes] == []
    (alone,) = account_book.account_days(day.conn, TUESDAY, TUESDAY)
    assert alone == tuesday


@pytest.mark.services
def test_a_day_after_one_whose_files_came_in_another_order_begins_with_its_last_balance(day: DayStory) -> None:
    arrives(day, 1_100, 50, on=MONDAY)
    arrives(day, 1_000, 100, on=MONDAY)
    assert arrives(day, 1_150, 7, on=TUESDAY) == []
    (tuesday,) = account_book.account_days(day.conn, TUESDAY, TUESDAY)
    assert (tuesday.opening, tuesday.closing, tuesday.gap, tuesday.carry_gap) == (1_150, 1_157, 0, 0)
    assert [line for line in prove_money(day.conn, TUESDAY) if not line.closes] == []


@pytest.mark.services
def test_of_files_that_tell_a_day_from_its_beginning_the_fullest_counts_whenever_it_came(day: DayStory) -> None:
    for lines in ((70_000, 5_000), (70_000,)):
        day.balances["1120000000101"] = 0
        for amount in lines:
            day.line(amount, text=f"dòng {amount}")
        day.load()
    (monday,) = account_book.account_days(day.conn, MONDAY, MONDAY)
    assert (monday.opening, monday.closing, monday.gap) == (0, 75_000, 0)


@pytest.mark.services
def test_a_lost_statement_is_told_with_account_day_and_amount(day: DayStory) -> None:
    day.line(70_000, text="x")
    day.load()
    day.balances["1120000000101"] += 9_000  # a statement in between never came
    day.line(1_000, text="y", on=TUESDAY)
    day.load(on=TUESDAY)
    days = account_book.account_days(day.conn, MONDAY, TUESDAY)
    with pytest.raises(DoesNotClose) as off:
        account_book.require_closed(days)
    assert off.value.code == "account-does-not-close"
    assert "•••0101 2026-11-24: closing differs by 9000" in off.value.message
    assert "opening differs from the last closing by 9000" in off.value.message


@pytest.mark.services
def test_units_are_told_apart_and_so_are_the_kinds_of_money(day: DayStory) -> None:
    for number, (unit, kind, fee, paid) in enumerate(
        [("H49.12", "phi", 100_000, 130_000), ("H49.12", "le_phi", 50_000, 50_000), ("H49.30", "cuoc", 30_000, 10_000)],
        start=1,
    ):
        code = f"H49.12-20261123-{number:07d}"
        day.submit(code, unit_code=unit, unit_name=f"Đơn vị {unit}")
        day.pay(day.ask(("p1", kind, fee), code=code), paid, f"T{number}")
    day.pay("QN261123000ZZZZ", 7_000, "T9")
    book = account_book.units(day.conn, MONDAY, MONDAY)
    assert [(u.unit_code, u.phi, u.le_phi, u.cuoc, u.given_back, u.unidentified) for u in book.units] == [
        ("", 0, 0, 0, 0, 7_000),
        ("H49.12", 100_000, 50_000, 0, 0, 30_000),
        ("H49.30", 0, 0, 10_000, 0, 0),
    ]
    assert (book.received, book.gap) == (197_000, 0)


_classes = st.sampled_from(
    ["fee", "deposit", "refund", "treasury", "bank_charge", "interest", "returned", "", "unidentified"]
)


@pytest.mark.property
@given(st.integers(-(10**12), 10**12), st.dictionaries(_classes, st.integers(-(10**12), 10**12)), st.integers(-5, 5))
def test_every_dong_of_a_day_is_in_one_column_and_a_gap_is_told_to_the_dong(
    opening: int, moved: dict[str, int], lost: int
) -> None:
    closing = opening + sum(moved.values()) + lost
    day = AccountDay("bank-a", "112", MONDAY, opening, closing, opening, False, moved)
    assert day.opening + day.collected - day.refunded - day.transferred + day.other + day.gap == day.closing
    assert day.gap == lost
    assert len(account_book.broken([day])) == (lost != 0)
