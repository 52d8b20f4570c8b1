"""Cards are paid on Friday, Saturday and Sunday; the bank credits all of it on Monday, as one sum less its charge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.ledger import account_book
from gateway.model import Channel, EventType
from gateway.reconciliation.day import verify
from gateway.reconciliation.due import days_due_again, days_to_reconcile
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK, ACCOUNT = "bank-b", "0511000022233"
FRIDAY, SATURDAY, SUNDAY = (MONDAY - timedelta(days=days) for days in (3, 2, 1))
WEEKEND = (FRIDAY, SATURDAY, SUNDAY)
WEDNESDAY = MONDAY + timedelta(days=2)
"""The working day after Monday: the 24th is a day off, and Monday's statement is due on Wednesday at 9:30."""
PAID = {(FRIDAY, "T1"): 400_000, (FRIDAY, "T2"): 250_000, (SATURDAY, "T1"): 300_000, (SUNDAY, "T2"): 150_000}
BEFORE, DEADLINE = datetime(2026, 11, 25, 1, 0, tzinfo=UTC), datetime(2026, 11, 25, 2, 31, tzinfo=UTC)


def at(on: date, hour: int) -> datetime:
    return datetime(on.year, on.month, on.day, hour - 7, tzinfo=UTC)


def goes_on(office: Office, now: datetime) -> None:
    office.now = now
    office.later(seconds=int((now - office.desk.clock.now()).total_seconds()))


def card(office: Office, on: date, terminal: str, amount: int, asked: int | None = None) -> str:
    """A card payment at the counter, told by the dossier system."""
    reference = office.owe(asked or amount, channel="pos")
    paid: dict[str, Any] = {
        "fee_ids": ["p1"], "amount": amount, "method": "pos", "partner_transaction_id": f"POS-{office.number}",
        "terminal_id": terminal, "paid_at": f"{on}T09:30:00+07:00", "receipt_series": "AA/26",
        "receipt_number": f"{office.number:07d}", "cashier": "Trần Thu",
    }  # fmt: skip
    office.tell(EventType.COUNTER_PAYMENT, paid, office.code())
    return reference


def judge(office: Office, on: date) -> None:
    assert office.judge(BANK, on, office.now).stopped == ""


def statement(office: Office, on: date, *credits: tuple[int, str]) -> None:
    """The bank's file of a date, which always has a line, is loaded and judged."""
    office.line(-5_500, text="PHI DICH VU SMS", account=ACCOUNT, on=on, bank=f"P{on:%d}")
    for number, (amount, text) in enumerate(credits):
        office.line(amount, text=text, account=ACCOUNT, on=on, bank=f"F{on:%d}{number}")
    office.load(BANK, on)
    judge(office, on)


def due(office: Office) -> list[date]:
    return days_due_again(office.conn, office.partners[BANK], office.now)


def of_cards(office: Office, on: date) -> list[tuple[str, int, int]]:
    return [one for one in office.outcomes(BANK, on) if one != ("bank_charge", 0, -5_500)]


def is_verified(office: Office, on: date) -> bool:
    versions = office.one("SELECT version FROM gateway.recon_day WHERE (partner, business_on) = (%s, %s)", BANK, on)
    return all(verify(office.conn, office.partners[BANK], on, one) for one in range(1, versions + 1))


@pytest.fixture
def weekend(office: Office) -> Office:
    """Two terminals on three dates, whose statements know nothing of it yet."""
    bank = office.partners[BANK]
    matching = bank.matching.model_copy(update={"settles_after": {Channel.POS: 1}})
    office.partners = {**office.partners, BANK: bank.model_copy(update={"matching": matching})}
    for on in WEEKEND:
        goes_on(office, at(on, 12))
        for (paid_on, terminal), amount in PAID.items():
            if paid_on == on:
                card(office, on, terminal, amount)
        goes_on(office, at(on, 20))
        statement(office, on)
        assert {outcome for outcome, *_ in of_cards(office, on)} == {"pending"}
    return office


def test_a_weekend_in_one_credit_leaves_nothing_missing_on_any_of_its_days(weekend: Office) -> None:
    goes_on(weekend, at(MONDAY, 20))
    statement(weekend, MONDAY, (1_089_000, "QUYET TOAN POS TU 20/11 DEN 22/11"))
    assert of_cards(weekend, MONDAY) == [("bank_charge", 0, -11_000), ("deposit", 0, 1_100_000)]
    (whole,) = [row for row in weekend.found(BANK, MONDAY) if row["outcome"] == "deposit"]
    assert whole["reason"] == "Quyết toán gộp: tất cả máy POS các ngày 20, 21, 22/11/2026, 4 giao dịch"
    assert whole["settles"] == [
        "bulk pos:T1 20/11/2026", "bulk pos:T2 20/11/2026", "bulk pos:T1 21/11/2026", "bulk pos:T2 22/11/2026",
    ]  # fmt: skip
    goes_on(weekend, BEFORE)
    assert due(weekend) == []
    goes_on(weekend, DEADLINE)
    assert due(weekend) == [*WEEKEND]
    for on in due(weekend):
        judge(weekend, on)
    assert [of_cards(weekend, on) for on in WEEKEND] == [
        [("expected_difference", amount, 0)] for amount in (650_000, 300_000, 150_000)
    ]
    assert due(weekend) == []
    assert all(is_verified(weekend, on) for on in (*WEEKEND, MONDAY))
    for on in (*WEEKEND, MONDAY):
        assert not weekend.judge(BANK, on, weekend.now).changed
    (of_day,) = account_book.account_days(weekend.conn, MONDAY, MONDAY, account=ACCOUNT)
    assert (dict(of_day.by_class), of_day.gap) == ({"deposit": 1_100_000, "bank_charge": -16_500}, 0)


def test_a_statement_that_comes_late_has_all_of_the_weekend_s_days_judged_again(weekend: Office) -> None:
    goes_on(weekend, DEADLINE)
    for on in due(weekend):
        judge(weekend, on)
    assert {outcome for on in WEEKEND for outcome, *_ in of_cards(weekend, on)} == {"missing_at_partner"}
    goes_on(weekend, DEADLINE + timedelta(hours=1))
    statement(weekend, MONDAY, (700_000, "QUYET TOAN POS T1"), (396_000, "QUYET TOAN POS T2"))
    assert due(weekend) == [*WEEKEND]
    goes_on(weekend, DEADLINE + timedelta(hours=2))
    for on in WEEKEND:
        judge(weekend, on)
    assert {outcome for on in WEEKEND for outcome, *_ in of_cards(weekend, on)} == {"expected_difference"}
    assert [row["reason"] for row in weekend.found(BANK, SUNDAY) if row["rule"] == "bulk"] == [
        "Đối tác quyết toán gộp ngày 23/11/2026: máy POS T2 các ngày 20, 22/11/2026, 2 giao dịch"
    ]
    assert due(weekend) == []
    assert all(is_verified(weekend, on) for on in WEEKEND)


def test_a_second_credit_for_the_weekend_is_a_duplicate_that_names_the_first(weekend: Office) -> None:
    goes_on(weekend, at(MONDAY, 20))
    statement(weekend, MONDAY, (1_089_000, "QUYET TOAN POS"))
    goes_on(weekend, at(WEDNESDAY, 20))
    statement(weekend, WEDNESDAY, (1_089_000, "QUYET TOAN POS"), (690_000, "QUYET TOAN POS T1"))
    twice = [row for row in weekend.found(BANK, WEDNESDAY) if row["outcome"] == "duplicate"]
    assert sorted((row["their_amount"], row["reason"]) for row in twice) == [
        (690_000, "Lô máy POS T1 các ngày 20, 21/11/2026, 2 giao dịch đã được quyết toán ngày 23/11/2026"),
        (1_089_000, "Lô tất cả máy POS các ngày 20, 21, 22/11/2026, 4 giao dịch đã được quyết toán ngày 23/11/2026"),
    ]
    assert is_verified(weekend, WEDNESDAY)
    for on in WEEKEND:
        judge(weekend, on)
        assert {outcome for outcome, *_ in of_cards(weekend, on)} == {"expected_difference"}


def test_a_payment_of_the_weekend_that_is_told_late_has_its_other_days_judged_again(weekend: Office) -> None:
    """Saturday's second payment was in the bank's sum; the dossier system tells of it on Wednesday afternoon."""
    goes_on(weekend, at(MONDAY, 20))
    statement(weekend, MONDAY, (1_500_000, "QUYET TOAN POS"))
    goes_on(weekend, DEADLINE)
    for on in due(weekend):
        judge(weekend, on)
    assert {outcome for on in WEEKEND for outcome, *_ in of_cards(weekend, on)} == {"missing_at_partner"}
    goes_on(weekend, DEADLINE + timedelta(hours=4))
    assert due(weekend) == []
    card(weekend, FRIDAY - timedelta(days=1), "T1", 70_000)
    assert due(weekend) == [MONDAY], "it may be in the credit; it falls due with none of the others"
    reference = card(weekend, SATURDAY, "T1", 400_000, asked=500_000)
    assert due(weekend) == [*WEEKEND, MONDAY]
    assert due(weekend) == days_to_reconcile(weekend.conn, weekend.partners[BANK], weekend.now)
    goes_on(weekend, DEADLINE + timedelta(hours=5))
    for on in (*WEEKEND, MONDAY):
        judge(weekend, on)
    assert [of_cards(weekend, on) for on in (*WEEKEND, MONDAY)] == [
        [("expected_difference", 650_000, 0)],
        [("underpaid", 0, 0), ("expected_difference", 700_000, 0)],
        [("expected_difference", 150_000, 0)],
        [("deposit", 0, 1_500_000)],
    ]
    (short,) = [row for row in weekend.found(BANK, SATURDAY) if row["outcome"] == "underpaid"]
    assert (short["reference"], short["our_value"], short["their_value"]) == (reference, "500.000 đ", "400.000 đ")
    assert due(weekend) == []
    assert all(is_verified(weekend, on) for on in (*WEEKEND, MONDAY))
