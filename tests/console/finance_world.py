"""Counts, deposits, vouchers and a closed month, committed beside the Monday of ``world``, for the pages of finance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

import psycopg

from gateway.application import breaks, days, months
from gateway.application.access import Person, Role
from gateway.application.breaks import Decision
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.ledger import cash_count, treasury
from gateway.ledger.cash_count import Count
from gateway.ledger.treasury import Item, Voucher
from gateway.model import EventType
from gateway.partners import Partner
from gateway.settings import Settings
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT, TUESDAY_MORNING, DayStory

AN, BINH = Person("an", frozenset({Role.MAKER})), Person("binh", frozenset({Role.CHECKER}))
THU = Count("Trần Thị Thu", MONDAY, "H49.12", "AA/26P", "0000101", "0000103", 3, 150_000)
MINH = Count("Lê Minh", MONDAY, "H49.12", "CC/26P", "0000301", "0000302", 2, 100_000)
VOUCHER = Voucher(
    voucher_number="GNT-0012", partner="bank-a", account=ACCOUNT, paid_on=MONDAY, covers_from=date(2026, 11, 16),
    covers_to=date(2026, 11, 20), payer_name="Trung tâm Phục vụ hành chính công tỉnh Quảng Ninh",
    payer_tax_code="5701234567", treasury_name="KBNN Quảng Ninh", authority="Sở Xây dựng",
    items=(
        Item("phi", "Phí thẩm định thiết kế cơ sở", 3_000_000, "426", "2716", "", "Tuần 16–20/11/2026"),
        Item("le_phi", "Lệ phí cấp giấy phép xây dựng", 2_000_000, "426", "2852", "", "Tuần 16–20/11/2026"),
    ),
)  # fmt: skip
LAST_OF_OCTOBER = date(2026, 10, 30)


@dataclass(frozen=True, slots=True)
class Finance:
    """Rows of the pages by their keys."""

    count_pk: int
    waiting_count_pk: int
    voucher_pk: int
    waiting_voucher_pk: int


def finance_of_a_week(url: str, partners: Mapping[str, Partner], settings: Settings) -> Finance:
    """What one maker and one checker recorded; everybody has their roles already."""
    with psycopg.connect(url) as conn:
        day = DayStory(conn, partners)
        day.count, day.number, day.files = 5000, 800, 50
        found = Finance(*_counts(day), *_vouchers(day))
        day.balances[ACCOUNT] = int(
            day.one(
                "SELECT closing FROM gateway.statement WHERE account = %s ORDER BY statement_pk DESC LIMIT 1", ACCOUNT
            )
        )
        day.line(150_000, text="NOP TIEN MAT TRAN THI THU AA/26P")
        day.line(90_000, text="NOP TIEN MAT LE MINH CC/26P")
        day.line(70_000, text="NOP TIEN MAT QUAY SO 3")
        day.line(-5_000_000, text="NOP NSNN TK 7111 KHO BAC NHA NUOC QUANG NINH GNT-0012")
        day.line(-1_000_000, text="NOP NSNN TK 7111 KHO BAC NHA NUOC QUANG NINH")
        day.load()
        assert day.judge().stopped == ""
        _october(day)
        conn.commit()
    with _desk(url, partners, settings) as desk:
        _close_october(desk)
    return found


def _counts(day: DayStory) -> tuple[int, int]:
    for number in (101, 102, 103):
        _pay_at_the_counter(day, THU.cashier, THU.receipt_series, number)
    for number in (201, 202, 204):
        _pay_at_the_counter(day, THU.cashier, "BB/26L", number, 60_000)
    for number in (301, 302):
        _pay_at_the_counter(day, MINH.cashier, MINH.receipt_series, number)
    _pay_at_the_counter(day, "Phạm Hà", "DD/26P", 401)
    now = day.now
    wrong = cash_count.record(day.conn, replace(THU, amount=140_000), "an", now)
    thu = cash_count.record(
        day.conn, THU, "an", now, corrects=wrong, reason="Đếm lại cùng thủ quỹ, sót một tờ 10.000 đ"
    )
    minh = cash_count.record(day.conn, MINH, "an", now)
    for pk in (thu, minh):
        cash_count.confirm(day.conn, pk, "binh", now)
    more = replace(
        THU, receipt_series="BB/26L", first_number="0000201", last_number="0000204", receipt_count=4, amount=240_000
    )
    return thu, cash_count.record(day.conn, more, "an", now)


def _pay_at_the_counter(day: DayStory, cashier: str, series: str, number: int, amount: int = 50_000) -> None:
    day.number += 1
    day.submit(day.code())
    day.ask(("p1", "le_phi", amount), channel="cash", code=day.code())
    paid = {
        "fee_ids": ["p1"], "amount": amount, "method": "cash", "cashier": cashier,
        "paid_at": "2026-11-23T09:30:00+07:00", "receipt_series": series, "receipt_number": f"{number:07d}",
    }  # fmt: skip
    assert day.tell(EventType.COUNTER_PAYMENT, paid, day.code()).disposition == "applied"


def _vouchers(day: DayStory) -> tuple[int, int]:
    conn, now = day.conn, day.now
    whole = treasury.record(conn, VOUCHER, "an", now)
    item = VOUCHER.items[:1]
    late = treasury.record(
        conn, replace(VOUCHER, voucher_number="GNT-0013", items=(replace(item[0], amount=2_400_000),)), "an", now
    )
    alone = treasury.record(
        conn, replace(VOUCHER, voucher_number="GNT-0011", paid_on=date(2026, 11, 20), items=item), "an", now
    )
    wrong = treasury.record(conn, replace(VOUCHER, voucher_number="GNT-0010", items=item), "an", now)
    for pk in (whole, alone):
        treasury.confirm(conn, pk, "binh", now)
    treasury.cancel(conn, wrong, "an", "Nhập nhầm tiểu mục", now)
    return whole, late


def _october(day: DayStory) -> None:
    """A bank's only day of October: one payment that matches, one that the bank does not have."""
    there = day.now
    day.now = there - timedelta(days=24)
    account = day.partners["bank-b"].accounts
    assert account is not None
    told = {"partner": "bank-b", "account": account.default, "business_on": LAST_OF_OCTOBER}
    for amount in (120_000, 80_000):
        reference = day.owe(amount, channel="pos")
        day.pay(reference, amount, **told)
        if amount == 120_000:
            day.line(amount, reference, on=LAST_OF_OCTOBER, account=account.default)
    day.load("bank-b", LAST_OF_OCTOBER)
    assert day.judge("bank-b", LAST_OF_OCTOBER).stopped == ""
    day.now = there


def _close_october(desk: Desk) -> None:
    for row in breaks.breaks_of(desk, AN, "bank-b", LAST_OF_OCTOBER).rows:
        if row.state == "open":
            breaks.decide(desk, AN, row.target, Decision.ENQUIRE, reason="Ngân hàng chưa có khoản này")
    days.propose(desk, AN, "bank-b", LAST_OF_OCTOBER)
    days.approve(desk, BINH, "bank-b", LAST_OF_OCTOBER)
    months.close(desk, BINH, "bank-b", LAST_OF_OCTOBER)


@contextmanager
def _desk(url: str, partners: Mapping[str, Partner], settings: Settings) -> Iterator[Desk]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET ROLE gateway_console")
        yield Desk(connection, FixedClock(TUESDAY_MORNING), partners, settings)
