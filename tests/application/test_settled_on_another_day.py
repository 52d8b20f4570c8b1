"""What one day's credit settled, that of another day settles no more: it is a duplicate that names the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from gateway.application import days
from gateway.model import Channel
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK, WEDNESDAY, THURSDAY = "bank-a", date(2026, 11, 25), date(2026, 11, 26)
LATER = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
Credit = Callable[[date], None]


def remittance(office: Office) -> Credit:
    office.remit(("VN1", 100_000, 30_000), batch="BK0001")
    return lambda on: office.line(130_000, "BK0001", text="VNPOST CHUYEN TIEN", on=on, bank=f"F{on:%d}")


def cash(office: Office) -> Credit:
    office.conn.execute(
        "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number,"
        " receipt_count, amount, counted_by, counted_at) VALUES ('Lê Minh', %s, 'H49.12', 'QN26Q', '0000001',"
        " '0000009', 9, 450000, 'an', %s)",
        (MONDAY, office.now),
    )
    office.conn.execute("UPDATE gateway.cash_count SET confirmed_by = 'binh', confirmed_at = %s", (office.now,))
    return lambda on: office.line(450_000, text="NOP TIEN MAT LE MINH", on=on, bank=f"F{on:%d}")


def intermediary(office: Office) -> Credit:
    reference, account = office.owe(1_000_000, channel="platform"), "9704790000001"
    office.pay(reference, 1_000_000, partner="intermediary", channel=Channel.PLATFORM, account=account)
    office.line(1_000_000, account=account, trace=reference, response_code="00")
    office.load("intermediary")
    return lambda on: office.line(989_000, text="THANH TOAN BU TRU INTERMEDIARY 23/11/2026", on=on, bank=f"F{on:%d}")


def outcomes(office: Office, on: date) -> list[str]:
    return [row["outcome"] for row in office.found(on=on) if row["rule"] in ("cod", "cash", "bulk")]


@pytest.mark.parametrize(
    ("told", "first", "what"),
    [
        (remittance, ["remittance_credit"], "Bảng kê BK0001 đã được chuyển tiền ngày 23/11/2026"),
        (
            cash, ["deposit"],
            "Tiền mặt thu tại quầy ngày 23/11/2026: Lê Minh: biên lai QN26Q 0000001-0000009 (9 tờ) đã được nộp"
            " ngày 23/11/2026",
        ),
        (
            intermediary, ["deposit", "bank_charge"],
            "Lô intermediary ngày 23/11/2026, 1 giao dịch đã được quyết toán ngày 23/11/2026",
        ),
    ],
)  # fmt: skip
def test_the_second_settlement_of_one_thing_on_another_day_is_a_duplicate_that_names_the_first(
    office: Office, told: Callable[[Office], Credit], first: list[str], what: str
) -> None:
    credit = told(office)
    for on in (MONDAY, WEDNESDAY):
        credit(on)
        office.load(on=on)
        assert office.judge(on=on, now=LATER).stopped == ""
    assert sorted(outcomes(office, MONDAY)) == sorted(first)
    (row,) = office.found(on=WEDNESDAY)
    assert (row["outcome"], row["side"], row["reason"]) == ("duplicate", "ngân hàng thừa", what)
    (before,) = row["candidates"]
    assert (before["on"], before["side"]) == ("2026-11-23", "theirs")
    for on in (MONDAY, WEDNESDAY):
        assert verify(office.conn, office.partners[BANK], on)
        assert not office.judge(on=on, now=LATER).changed, "each day stays as it is"
        assert verify(office.conn, office.partners[BANK], on)


def test_what_a_version_knew_of_other_days_is_kept_with_it(office: Office) -> None:
    """The first day turns out to have no credit: the version that named it still verifies, a new one is free."""
    credit = remittance(office)
    for on in (MONDAY, WEDNESDAY):
        credit(on)
        office.load(on=on)
        office.judge(on=on, now=LATER)
    office.line(-130_000, "BK0001", text="HUY", bank="F99")
    office.load(on=MONDAY)
    assert office.judge(now=LATER).stopped, "its files do not continue each other"
    days.release(office.desk, office.an, BANK, MONDAY, reason="ngân hàng xác nhận")
    assert office.judge(now=LATER).changed
    assert outcomes(office, MONDAY) == []
    assert verify(office.conn, office.partners[BANK], WEDNESDAY)
    assert office.judge(on=WEDNESDAY, now=LATER).changed
    assert outcomes(office, WEDNESDAY) == ["remittance_credit"]
    assert [verify(office.conn, office.partners[BANK], WEDNESDAY, version) for version in (1, 2)] == [True, True]


def test_a_count_that_was_deposited_leaves_the_next_deposit_of_that_amount_to_the_next_count(office: Office) -> None:
    credit = cash(office)
    credit(MONDAY)
    office.load()
    office.judge(now=LATER)
    office.conn.execute(
        "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number,"
        " receipt_count, amount, counted_by, counted_at) VALUES ('Lê Minh', %s, 'H49.12', 'QN26Q', '0000010',"
        " '0000018', 9, 450000, 'an', %s)",
        (WEDNESDAY, office.now),
    )
    office.conn.execute(
        "UPDATE gateway.cash_count SET confirmed_by = 'binh', confirmed_at = %s WHERE confirmed_at IS NULL", (LATER,)
    )
    credit(THURSDAY)
    office.load(on=THURSDAY)
    assert office.judge(on=THURSDAY, now=LATER).stopped == ""
    (row,) = office.found(on=THURSDAY)
    assert (row["outcome"], row["reference"]) == ("deposit", "QN26Q/0000010-0000018")
