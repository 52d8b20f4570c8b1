"""Every outcome of a bank's day, each planted and found as exactly itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.ledger import refunds, sends
from gateway.model import EventType, OutboundMessage
from gateway.reconciliation.day import verify
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services

SUNDAY = date(2026, 11, 22)


def test_a_payment_on_both_sides_is_matched(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    assert day.settle_day() == [("matched", 100_000, 100_000)]
    (row,) = day.found()
    assert row["dossier_codes"] == [day.code()]
    assert (len(row["payment_pks"]), len(row["entry_pks"]), row["class"]) == (1, 1, "fee")


def test_an_underpaid_fee_waits_for_its_top_up(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 60_000)
    day.line(60_000, reference)
    assert day.settle_day() == [("underpaid", 60_000, 60_000)]
    (row,) = day.found()
    assert (row["field"], row["our_value"], row["their_value"]) == ("số tiền", "100.000 đ", "60.000 đ")
    assert row["side"] == "người nộp thiếu"
    assert "còn thiếu 40.000 đ" in row["reason"]


def test_a_top_up_on_the_same_day_closes_the_fee(day: DayStory) -> None:
    reference = day.owe(100_000)
    for part in (60_000, 40_000):
        day.pay(reference, part)
        day.line(part, reference)
    assert day.settle_day() == [("matched", 40_000, 40_000), ("matched", 60_000, 60_000)]


def test_a_top_up_on_the_next_day_closes_the_fee_that_day(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 60_000, business_on=SUNDAY)
    day.pay(reference, 40_000)
    day.line(40_000, reference)
    assert day.settle_day() == [("matched", 40_000, 40_000)]


def test_an_overpaid_fee_is_a_break(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 130_000)
    day.line(130_000, reference)
    assert day.settle_day() == [("overpaid", 130_000, 130_000)]
    assert "thừa 30.000 đ" in day.found()[0]["reason"]


def test_a_fee_paid_twice_is_matched_once_and_duplicate_once(day: DayStory) -> None:
    reference = day.owe(100_000)
    for _ in range(2):
        day.pay(reference, 100_000)
        day.line(100_000, reference)
    assert day.settle_day() == [("duplicate", 100_000, 100_000), ("matched", 100_000, 100_000)]


def test_a_bank_that_books_one_payment_twice_has_a_duplicate(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    day.line(100_000, reference)
    assert day.settle_day() == [("duplicate", 0, 100_000), ("matched", 100_000, 100_000)]
    (row, _) = day.found()
    assert (row["side"], row["dossier_codes"]) == ("ngân hàng thừa", [day.code()])


def test_the_bank_has_it_and_we_do_not(day: DayStory) -> None:
    day.line(100_000, day.owe(100_000))
    assert day.settle_day() == [("missing_with_us", 0, 100_000)]
    (row,) = day.found()
    assert (row["side"], row["dossier_codes"]) == ("ngân hàng thừa", [day.code()])


def test_we_have_it_and_the_bank_does_not(day: DayStory) -> None:
    day.pay(day.owe(100_000), 100_000)
    other = day.owe(50_000)
    day.pay(other, 50_000)
    day.line(50_000, other)
    assert day.settle_day() == [("missing_at_partner", 100_000, 0), ("matched", 50_000, 50_000)]
    assert day.found()[0]["side"] == "hệ thống thừa"


def test_a_payment_just_before_the_cut_off_is_pending(day: DayStory) -> None:
    other = day.owe(50_000)
    day.pay(other, 50_000)
    day.line(50_000, other)
    day.pay(day.owe(100_000), 100_000, paid_at=datetime(2026, 11, 23, 16, 50, tzinfo=UTC))
    assert ("pending", 100_000, 0) in day.settle_day()
    day.judge(now=datetime(2026, 11, 27, 3, 0, tzinfo=UTC))
    assert ("missing_at_partner", 100_000, 0) in day.outcomes()


def test_two_halves_on_two_days_are_a_wrong_day_on_each(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000, business_on=SUNDAY)
    day.line(100_000, reference)
    assert day.settle_day() == [("wrong_day", 0, 100_000)]
    (row,) = day.found()
    assert (row["field"], row["our_value"], row["their_value"]) == ("ngày đối soát", "22/11/2026", "23/11/2026")
    assert row["dossier_codes"] == [day.code()]
    day.load(on=SUNDAY)
    assert day.judge(on=SUNDAY).stopped == "statement-empty"


def test_money_on_another_account_of_ours_is_a_wrong_account(day: DayStory) -> None:
    reference = day.owe(100_000, procedure_code="1.004199")
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    day.line(1, account="1120000000202", text="NHAP LAI")
    assert ("wrong_account", 100_000, 100_000) in day.settle_day()
    row = next(row for row in day.found() if row["outcome"] == "wrong_account")
    assert (row["our_value"], row["their_value"]) == ("…0202", "…0101")


def test_one_transfer_that_names_three_dossiers_is_one_match(day: DayStory) -> None:
    references = [day.owe(amount) for amount in (10_000, 20_000, 30_000)]
    for reference, amount in zip(references, (10_000, 20_000, 30_000), strict=True):
        day.pay(reference, amount, "FT-ONE")
    day.line(60_000, *references)
    assert day.settle_day() == [("matched", 60_000, 60_000)]
    assert len(day.found()[0]["dossier_codes"]) == 3


def test_one_transfer_for_several_fees_is_judged_against_their_account_and_each_request(day: DayStory) -> None:
    elsewhere = [day.owe(50_000, procedure_code="1.004199"), day.owe(50_000)]
    too_much = [day.owe(100_000), day.owe(60_000)]
    cancelled = [day.owe(10_000), day.owe(20_000)]
    day.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "nhầm"}, day.code())
    for pair, amounts in ((elsewhere, (50_000, 50_000)), (too_much, (100_000, 100_000)), (cancelled, (10_000, 20_000))):
        for reference, amount in zip(pair, amounts, strict=True):
            day.pay(reference, amount)
        day.line(sum(amounts), *pair)
    day.line(1, account="1120000000202", text="NHAP LAI")
    assert set(day.settle_day()) == {
        ("wrong_account", 100_000, 100_000), ("overpaid", 200_000, 200_000), ("unidentified", 30_000, 30_000),
        ("interest", 0, 1),
    }  # fmt: skip
    said = {row["outcome"]: (row["side"], row["reason"]) for row in day.found()}
    assert said["overpaid"] == (
        "người nộp thừa", f"Một lần chuyển cho 2 khoản; {too_much[1]}: Người nộp thừa 40.000 đ",
    )  # fmt: skip
    assert said["unidentified"][1].startswith(f"Một lần chuyển cho 2 khoản; {cancelled[1]}: ")


def test_one_transfer_known_by_the_banks_number_is_one_match(day: DayStory) -> None:
    for amount in (10_000, 20_000, 30_000):
        day.pay(day.owe(amount), amount, "FT-ONE")
    day.line(60_000, "FT-ONE")
    assert day.settle_day() == [("matched", 60_000, 60_000)]


def test_one_transfer_without_any_reference_is_matched_by_the_only_sum(day: DayStory) -> None:
    for amount in (10_000, 20_000, 30_000):
        day.pay(day.owe(amount), amount)
    day.line(60_000, text="CONG TY ABC NOP HO")
    assert day.settle_day() == [("matched", 60_000, 60_000)]


def test_two_sums_that_fit_are_ambiguous_and_show_both(day: DayStory) -> None:
    for amount in (10_000, 50_000, 20_000, 40_000):
        day.pay(day.owe(amount), amount)
    day.line(60_000, text="NOP HO")
    outcomes = day.settle_day()
    assert outcomes[-1] == ("ambiguous", 0, 60_000) or ("ambiguous", 0, 60_000) in outcomes
    assert [o for o, _, _ in outcomes].count("missing_at_partner") == 4
    assert "; hoặc " in next(row["suggestion"] for row in day.found() if row["outcome"] == "ambiguous")


def test_three_transfers_for_one_fee_are_one_match(day: DayStory) -> None:
    reference = day.owe(60_000)
    day.pay(reference, 60_000)
    for part in (10_000, 20_000, 30_000):
        day.line(part, reference)
    assert day.settle_day() == [("matched", 60_000, 60_000)]
    assert len(day.found()[0]["entry_pks"]) == 3


@pytest.mark.parametrize("case", ["unknown", "cancelled"])
def test_money_for_an_unknown_or_cancelled_fee_is_unidentified(day: DayStory, case: str) -> None:
    reference = "QN2611239999999"
    if case == "cancelled":
        reference = day.owe(100_000)
        day.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "nhầm"}, day.code())
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    assert day.settle_day() == [("unidentified", 100_000, 100_000)]
    assert day.found()[0]["class"] == "unidentified"


def test_a_payers_own_words_settle_nothing(day: DayStory) -> None:
    day.owe(70_000)
    day.line(70_000, text=f"NOP TIEN MAT LE PHI HO SO {day.code()}")
    day.line(80_000, text="TRA LAI LE PHI NOP THIEU")
    day.line(90_000, text="QUYET TOAN POS QN26112300001AB")
    assert {row for row in day.settle_day() if row[2]} == {("unidentified", 0, n) for n in (70_000, 80_000, 90_000)}
    assert day.code() in next(row["suggestion"] for row in day.found() if row["their_amount"] == 70_000)


@pytest.mark.parametrize(
    ("amount", "text", "outcome", "class_"),
    [
        (-11_000, "Phí dịch vụ SMS tháng 11", "bank_charge", "bank_charge"),
        (1_234, "Trả lãi tiền gửi không kỳ hạn", "interest", "interest"),
        (-5_000_000, "Nộp NSNN theo C1-02/NS", "treasury_transfer", "treasury"),
        (70_000, "Hoàn trả lệnh chuyển tiền sai tên", "returned_transfer", "returned"),
        (900_000, "Nộp tiền mặt thu tại quầy", "deposit", "deposit"),
        (-900_000, "CHUYEN TIEN", "unidentified", "unidentified"),
    ],
)
def test_entries_that_are_not_online_end_in_their_class(
    day: DayStory, amount: int, text: str, outcome: str, class_: str
) -> None:
    day.line(amount, text=text)
    assert day.settle_day() == [(outcome, 0, amount)]
    assert day.found()[0]["class"] == class_


def test_free_text_only_suggests_its_dossier(day: DayStory) -> None:
    day.owe(100_000)
    day.line(100_000, text="nop phi ho so h49 12 20261123 0000001 cam on")
    assert day.settle_day() == [("unidentified", 0, 100_000)]
    (row,) = day.found()
    assert row["suggestion"] == day.code()
    assert row["payment_pks"] == []


def test_an_approved_refund_that_the_bank_debits_is_an_expected_difference(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    day.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"}, day.code())
    refund_id = day.one("SELECT refund_id FROM gateway.refund")
    refunds.propose(day.conn, refund_id, "an", day.now)
    (row,) = refunds.approve(day.conn, refund_id, "binh", day.now)
    sent = OutboundMessage(1, row.partner, row.kind, row.message_id, row.payload, dossier_code=row.dossier_code)
    sends.on_delivered(
        day.conn, sent, {"refund_transaction_id": "R1"}, partners=day.partners, now=day.now + timedelta(minutes=1)
    )
    day.line(-100_000, refund_id)
    assert day.settle_day() == [("expected_difference", -100_000, -100_000), ("matched", 100_000, 100_000)]


def test_a_payment_that_the_bank_books_late_and_then_once_more_is_late_once_and_a_duplicate(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.load()
    wednesday, thursday = date(2026, 11, 25), date(2026, 11, 26)
    for number, on in enumerate((wednesday, thursday)):
        day.line(100_000, reference, on=on, bank=f"FT{number}")
        day.load(on=on)
    now = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    for on in (wednesday, thursday):
        assert day.judge(on=on, now=now).stopped == ""
    assert day.outcomes(on=wednesday) == [("wrong_day", 0, 100_000)]
    assert day.outcomes(on=thursday) == [("duplicate", 0, 100_000)]


@pytest.mark.parametrize("first_on", [MONDAY, date(2026, 11, 25)], ids=["on-its-date", "a-day-later"])
def test_a_refund_that_the_bank_debits_a_second_time_on_another_day_is_no_refund(day: DayStory, first_on: date) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 130_000)
    day.line(130_000, reference)
    refund_id = refunds.request(day.conn, day.one("SELECT payment_pk FROM gateway.payment"), 30_000, "x", day.now)
    refunds.propose(day.conn, refund_id, "an", day.now)
    refunds.approve(day.conn, refund_id, "binh", day.now)
    day.conn.execute("UPDATE gateway.refund SET state = 'sent', sent_at = %s", (day.now,))
    thursday = date(2026, 11, 26)
    if first_on == MONDAY:
        day.line(-30_000, refund_id)
    day.load()
    if first_on != MONDAY:
        day.line(-30_000, refund_id, on=first_on)
        day.load(on=first_on)
    day.line(-30_000, refund_id, on=thursday, bank="FT2")
    day.load(on=thursday)
    now = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    for on in {MONDAY, first_on, thursday}:
        assert day.judge(on=on, now=now).stopped == ""
    (row,) = day.found(on=thursday)
    assert (row["outcome"], row["class"], row["their_amount"], row["side"]) == (
        "unidentified", "unidentified", -30_000, "hệ thống thừa",
    )  # fmt: skip
    assert row["reason"] == "Ghi nợ theo mã hoàn tiền không có, hoặc đã được ghi nợ"
    (first,) = [one for one in day.found(on=first_on) if one["class"] == "refund"]
    assert (first["outcome"], first["their_amount"]) == ("expected_difference", -30_000)


def test_the_transfer_of_a_remittance_is_known_by_its_batch(day: DayStory) -> None:
    day.remit(("H49.12-20261123-0000009", 50_000, 10_000), batch="COD7")
    day.line(60_000, "COD7")
    day.line(55_000, "COD7")
    assert day.settle_day() == [("duplicate", 0, 55_000), ("remittance_credit", 0, 60_000)]


def test_money_that_the_bank_takes_back_on_a_later_day_is_no_duplicate(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    assert day.settle_day() == [("matched", 100_000, 100_000)]
    wednesday = date(2026, 11, 25)
    day.now = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    day.line(-100_000, reference, on=wednesday)
    day.load(on=wednesday)
    assert day.judge(on=wednesday, now=day.now).stopped == ""
    (row,) = day.found(on=wednesday)
    assert (row["outcome"], row["class"], row["our_amount"], row["their_amount"], row["side"]) == (
        "missing_with_us", "fee", 0, -100_000, "hệ thống thừa",
    )  # fmt: skip
    assert row["reason"] == "Đối tác ghi nợ ngày 25/11/2026, lấy lại tiền của khoản đã thu ngày 23/11/2026"
    (first,) = row["candidates"]
    assert (first["on"], first["amount"], first["reference"]) == ("2026-11-23", 100_000, reference)
    assert row["dossier_codes"] == [day.code()]
    assert verify(day.conn, day.partners["bank-a"], wednesday)
