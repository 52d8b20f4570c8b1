"""What the database adds to the rules: free text against dossiers, cash counts, batches, and what was known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.model import Channel, EventType
from gateway.reconciliation.day import verify
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services
WEDNESDAY = date(2026, 11, 25)
LATER = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def row_of(day: DayStory, outcome: str) -> dict[str, object]:
    (row,) = [row for row in day.found() if row["outcome"] == outcome]
    return dict(row)


def test_a_cut_code_and_the_payer_s_name_are_suggested_and_settle_nothing(day: DayStory) -> None:
    day.owe(100_000)
    day.owe(200_000, owner_name="Đặng Văn Quỳnh")
    day.line(100_000, text="NOP PHI " + "X" * 8 + " H49.12-20261123-00")
    day.line(200_000, text="dang van quynh chuyen tien")
    day.settle_day()
    cut, named = sorted((row["suggestions"][0] for row in day.found()), key=lambda one: str(one["dossier_code"]))
    assert (cut["dossier_code"], cut["found"]) == ("H49.12-20261123-0000001", "H49.12-20261123-00")
    assert (named["dossier_code"], named["from"], named["to"]) == ("H49.12-20261123-0000002", 0, 14)
    assert {row["outcome"] for row in day.found()} == {"unidentified"}
    assert verify(day.conn, day.partners["bank-a"], MONDAY)


def test_a_payer_who_is_not_the_owner_is_suggested_for_the_amount_of_the_own_request(day: DayStory) -> None:
    day.owe(200_000, owner_name="Đặng Thị Hạnh", payer_name="Trần Văn Bình")
    day.owe(200_000, owner_name="Lê Minh Tuấn")
    day.line(200_000, text="tran van binh chuyen tien")
    day.settle_day()
    (row,) = day.found()
    assert [(one["dossier_code"], one["why"]) for one in row["suggestions"]] == [
        ("H49.12-20261123-0000001", "Nội dung có tên người nộp; đúng số tiền còn phải nộp")
    ]
    assert row["outcome"] == "unidentified"
    assert verify(day.conn, day.partners["bank-a"], MONDAY)


def test_a_payer_who_was_named_after_the_day_was_judged_does_not_change_it(day: DayStory) -> None:
    day.owe(200_000, owner_name="Đặng Thị Hạnh", payer_name="Lê Minh Tuấn")
    day.line(200_000, text="tran van binh chuyen tien")
    day.settle_day()
    before = day.found()[0]["suggestions"]
    day.now = LATER
    day.tell(
        EventType.FEE_REQUESTED,
        {
            "channel": "internet_banking", "payer_name": "Trần Văn Bình",
            "lines": [{"fee_id": "p2", "kind": "phi", "name": "Phí", "amount": 200_000}],
        },
        day.code(),
    )  # fmt: skip
    assert before == []
    assert verify(day.conn, day.partners["bank-a"], MONDAY)
    day.judge(now=LATER)
    assert [one["why"][:25] for one in day.found()[0]["suggestions"]] == ["Nội dung có tên người nộp"]


def test_cash_at_the_counter_explains_the_deposit(day: DayStory) -> None:
    for number, amount in enumerate((300_000, 500_000), start=1):
        day.owe(amount, channel="cash")
        day.tell(
            EventType.COUNTER_PAYMENT,
            {
                "paid_at": "2026-11-23T09:00:00+07:00", "method": "cash", "amount": amount, "fee_ids": ["p1"],
                "cashier": "Trần Thị Hạnh", "receipt_series": "QN26P", "receipt_number": f"000000{number}",
                "payer_name": "A",
            },
            day.code(),
        )  # fmt: skip
    day.line(800_000, text="Nộp tiền mặt thu tại quầy")
    day.settle_day()
    row = row_of(day, "deposit")
    assert (row["rule"], row["reference"]) == ("cash", "QN26P/0000001-0000002")
    assert "Trần Thị Hạnh" in str(row["reason"])


def test_what_the_cashier_counted_goes_before_what_the_receipts_say(day: DayStory) -> None:
    day.conn.execute(
        "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number,"
        " receipt_count, amount, counted_by, counted_at) VALUES ('Lê Minh', %s, 'H49.12', 'QN26Q', '0000001',"
        " '0000009', 9, 450000, 'an', %s)",
        (MONDAY, day.now),
    )
    day.conn.execute("UPDATE gateway.cash_count SET confirmed_by = 'binh', confirmed_at = %s", (day.now,))
    day.line(440_000, text="NOP TIEN MAT LE MINH")
    day.settle_day()
    row = row_of(day, "underpaid")
    assert (row["our_value"], row["their_value"], row["class"]) == ("450.000 đ", "440.000 đ", "deposit")


def test_the_intermediary_s_day_is_settled_in_one_credit_at_the_bank(day: DayStory) -> None:
    reference = day.owe(1_000_000, channel="platform")
    day.pay(reference, 1_000_000, partner="intermediary", channel=Channel.PLATFORM, account="9704790000001")
    day.line(1_000_000, account="9704790000001", trace=reference, response_code="00")
    day.line(70_000, account="9704790000001", trace="X", response_code="51")
    day.load("intermediary")
    day.line(989_000, text="THANH TOAN BU TRU INTERMEDIARY 23/11/2026")
    assert day.settle_day() == [("bank_charge", 0, -11_000), ("deposit", 0, 1_000_000)]
    assert {row["rule"] for row in day.found()} == {"bulk"}


def test_an_entry_on_another_day_of_a_payment_that_was_matched_is_a_duplicate(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    day.line(100_000, reference, on=WEDNESDAY)
    day.load()
    day.judge()
    day.judge(on=WEDNESDAY, now=LATER)
    assert day.outcomes() == [("matched", 100_000, 100_000)]
    assert day.outcomes(on=WEDNESDAY) == [("duplicate", 0, 100_000)]


def test_a_day_is_verified_by_what_was_known_of_its_requests_then(day: DayStory) -> None:
    reference, paid = day.owe(100_000), day.owe(50_000)
    day.pay(paid, 50_000)
    day.line(100_000, reference)
    day.line(50_000, paid)
    assert ("missing_with_us", 0, 100_000) in day.settle_day()
    day.now = LATER
    day.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "nhầm"}, "H49.12-20261123-0000001")
    assert verify(day.conn, day.partners["bank-a"], MONDAY)
    day.judge(now=LATER + timedelta(minutes=1))
    assert ("unidentified", 0, 100_000) in day.outcomes()


def test_waiting_ends_with_the_working_day_on_which_the_next_statement_is_due(day: DayStory) -> None:
    """24/11/2026 is a day off: the statement of Wednesday 25/11 is due on Thursday at 09:00."""
    other = day.owe(50_000)
    day.pay(other, 50_000)
    day.line(50_000, other)
    day.pay(day.owe(100_000), 100_000, paid_at=datetime(2026, 11, 23, 16, 50, tzinfo=UTC))
    day.settle_day()
    assert ("pending", 100_000, 0) in day.outcomes()
    assert not day.judge(now=datetime(2026, 11, 26, 1, 59, tzinfo=UTC)).changed
    assert day.judge(now=datetime(2026, 11, 26, 2, 0, tzinfo=UTC)).changed
    assert ("missing_at_partner", 100_000, 0) in day.outcomes()


@pytest.mark.parametrize("cut", [2, 3, 5])
def test_a_file_split_in_two_changes_nothing(day: DayStory, cut: int) -> None:
    """Lines that are alike to the letter stand in one file: in two they would be one entry told twice."""

    def told(split: int | None) -> list[tuple[object, ...]]:
        day.conn.rollback()
        day.accounts, day.balances, day.number = {}, {}, 0
        references = [day.owe(amount) for amount in (100_000, 60_000, 41_000, 57_000)]
        for reference, amount in zip(references, (100_000, 60_000, 41_000, 57_000), strict=True):
            day.pay(reference, amount)
        lines = [
            (100_000, references[0], ""), (100_000, references[0], ""), (59_000, references[1], ""),
            (98_000, "", "NOP HO"), (-11_000, "", "PHI DICH VU"), (77_000, "", "H49.12-20261123-0000001"),
        ]  # fmt: skip
        for number, (amount, reference, text) in enumerate(lines):
            if number == split:
                day.load()
            day.line(amount, *([reference] if reference else []), text=text)
        day.settle_day()
        names = ("row_no", "outcome", "rule", "class", "side", "field", "reason", "our_amount", "their_amount")
        return [tuple(row[name] for name in names) for row in day.found()]

    assert told(cut) == told(None)
