"""The steps of the rules one by one, on plain rows: what each takes, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.reconciliation.sides import Batch, CashCount, Known, Remitted
from tests.reconciliation.plain import MONDAY, Plain, entry, judged, ours, theirs, told

pytestmark = pytest.mark.unit
R1, R2, R3, HT = "QN2611230000001", "QN2611230000002", "QN2611230000003", "HT2611230000001"
SUNDAY, TUESDAY, FRIDAY = MONDAY - 1, MONDAY + 1, MONDAY - 3


# booked wrong and cancelled


def test_a_line_that_the_bank_took_back_is_no_money_and_the_right_one_is_matched() -> None:
    rows = judged(
        [ours(1, 100_000, R1)],
        [
            theirs(11, 1_000_000, R1, keys=f"FT777001 {R1}"),
            theirs(12, -1_000_000, keys="FT777002", text="HUY GD FT777001 GHI SAI SO TIEN"),
            theirs(13, 100_000, R1),
        ],
    )
    assert told(rows) == [("expected_difference", "cancelled_pair", 0, 0), ("matched", "exact", 100_000, 100_000)]
    assert (sorted(rows[0]["entry_pks"]), rows[0]["class"]) == ([11, 12], "no_money")


def test_a_payment_whose_only_line_was_taken_back_is_missing() -> None:
    rows = judged([ours(1, 100_000, R1)], [theirs(11, 100_000, R1), theirs(12, -100_000, R1)])
    assert told(rows) == [
        ("missing_at_partner", "rest", 100_000, 0),
        ("expected_difference", "cancelled_pair", 0, 0),
    ]


@pytest.mark.parametrize(
    "debit",
    [
        {"keys": "NOTPROVIDED"},
        {"text": "HUY GIAO DICH"},
        {"account": "A0202", "keys": "FT777001"},
        {"amount": -99_000, "keys": "FT777001"},
    ],
    ids=["a-word-is-no-reference", "nothing-named", "another-account", "another-amount"],
)
def test_what_is_not_tied_is_no_pair(debit: dict[str, Any]) -> None:
    credit = theirs(11, 100_000, keys="FT777001 NOTPROVIDED")
    rows = judged([], [credit, {**theirs(12, -100_000), **debit}])
    assert "cancelled_pair" not in {row["rule"] for row in rows}


@pytest.mark.parametrize(
    "credit",
    [{"tokens": R1}, {"keys": "FT777001"}, {"keys": "FT777001 FT777009"}, {"text": "hoan GD FT777001"}],
    ids=["our-reference", "its-number", "one-of-its-numbers", "its-text"],
)
def test_a_line_is_taken_back_on_its_own_account_alone(credit: dict[str, Any]) -> None:
    debit = theirs(12, -100_000, credit.get("tokens", ""), keys="FT777001")
    bystander = theirs(13, 100_000, keys="FT888001")
    elsewhere = judged([], [{**theirs(11, 100_000), **credit, "account": "A0202"}, debit, bystander])
    assert "cancelled_pair" not in {row["rule"] for row in elsewhere}
    here = judged([], [{**theirs(11, 100_000), **credit}, debit, bystander])
    assert [sorted(row["entry_pks"]) for row in here if row["rule"] == "cancelled_pair"] == [[11, 12]]


@pytest.mark.parametrize(("credit", "debit"), [("51", ""), ("", "51")], ids=["failed-credit", "failed-debit"])
def test_a_line_without_money_takes_nothing_back(credit: str, debit: str) -> None:
    rows = judged([], [theirs(11, 100_000, R1, response=credit), theirs(12, -100_000, R1, response=debit)])
    assert "cancelled_pair" not in {row["rule"] for row in rows}
    assert sum(row["their_amount"] for row in rows) == (-100_000 if credit else 100_000)


def test_a_refund_cancels_nothing() -> None:
    refund = ours(5, -100_000, HT, kind="refund")
    rows = judged([ours(1, 100_000, R1), refund], [theirs(11, 100_000, R1), theirs(12, -100_000, HT, keys=R1)])
    assert told(rows) == [
        ("expected_difference", "reference", -100_000, -100_000),
        ("matched", "exact", 100_000, 100_000),
    ]


def test_a_debit_under_the_reference_of_a_payment_is_money_that_the_bank_took_back() -> None:
    rows = judged([ours(1, 100_000, R1)], [theirs(12, -100_000, R1, text="DIEU CHINH")])
    assert told(rows) == [("missing_at_partner", "rest", 100_000, 0), ("missing_with_us", "reference", 0, -100_000)]
    debit = rows[1]
    assert (debit["side"], debit["class"], debit["our_value"], debit["their_value"]) == (
        "hệ thống thừa", "fee", "(không có)", "-100.000 đ",
    )  # fmt: skip
    assert debit["reason"] == "Đối tác ghi nợ ngày 23/11/2026, lấy lại tiền của khoản đã thu ngày 23/11/2026"
    assert [one["pk"] for one in debit["candidates"]] == [1]


def test_a_credit_and_the_debit_that_corrects_it_are_a_sum_for_one_payment() -> None:
    rows = judged([ours(1, 100_000, R1)], [theirs(11, 150_000, R1), theirs(12, -50_000, R1)])
    assert [(row["outcome"], row["our_amount"], row["their_amount"]) for row in rows] == [("matched", 100_000, 100_000)]


@pytest.mark.parametrize(
    ("known", "outcome", "reason"),
    [
        (None, "unidentified", "Đối tác ghi nợ theo mã tham chiếu không có trong hệ thống"),
        (
            Known(R1, "H49.12-1", 100_000, "A0101", "open", "", 0), "missing_with_us",
            "Đối tác ghi nợ theo mã của khoản chưa thu, hệ thống chưa có giao dịch này",
        ),
        (
            Known(R1, "H49.12-1", 100_000, "A0101", "cancelled", "", 50_000, 7, SUNDAY, 50_000), "missing_with_us",
            "Đối tác ghi nợ ngày 23/11/2026, lấy lại tiền của khoản đã thu ngày 22/11/2026",
        ),
    ],
    ids=["unknown", "never-paid", "paid-in-part-and-cancelled"],
)  # fmt: skip
def test_the_side_that_has_more_after_a_debit_is_ours(known: Known | None, outcome: str, reason: str) -> None:
    rows = judged([], [theirs(12, -50_000, R1)], known={} if known is None else {R1: known})
    assert [(row["outcome"], row["side"], row["reason"]) for row in rows] == [(outcome, "hệ thống thừa", reason)]


def test_a_refund_that_comes_back_is_a_returned_transfer() -> None:
    refund = ours(5, -100_000, HT, kind="refund")
    rows = judged([refund], [theirs(12, -100_000, HT), theirs(13, 100_000, HT)])
    assert told(rows) == [
        ("expected_difference", "reference", -100_000, -100_000),
        ("returned_transfer", "reference", 0, 100_000),
    ]


def test_a_refund_that_the_bank_debits_on_another_date_is_an_expected_difference_of_both_dates() -> None:
    refund, debit = ours(5, -100_000, HT, kind="refund"), theirs(12, -100_000, HT, on=MONDAY + 2)
    (mine,) = judged([refund], [], near_theirs=[debit])
    assert told([mine]) == [("expected_difference", "reference", -100_000, 0)]
    assert (mine["class"], mine["side"], [one["pk"] for one in mine["candidates"]]) == ("none", "", [12])
    (theirs_of_it,) = judged([], [{**debit, "on": MONDAY}], near_ours=[{**refund, "on": MONDAY - 2}])
    assert told([theirs_of_it]) == [("expected_difference", "reference", 0, -100_000)]


def test_a_refund_that_the_bank_does_not_debit_waits_until_its_deadline_and_is_then_missing() -> None:
    refund = ours(5, -100_000, HT, kind="refund")
    (waiting,) = judged([refund], [], waiting=frozenset({0}))
    assert (waiting["outcome"], waiting["side"]) == ("pending", "")
    (missing,) = judged([refund], [])
    assert (missing["outcome"], missing["side"], missing["our_amount"]) == (
        "missing_at_partner", "ngân hàng thừa", -100_000,
    )  # fmt: skip


# settlement in bulk

CARDS = [ours(n, amount, f"QN261123000010{n}", batch="pos:TID01") for n, amount in enumerate((100_000, 200_000), 1)]


def test_card_payments_settled_in_one_credit_leave_the_charge_as_its_own_line() -> None:
    rows = judged(CARDS, [theirs(11, 296_700, keys="FT1", text="QUYET TOAN POS TID01 23/11/2026")])
    assert told(rows) == [("bank_charge", "bulk", 0, -3_300), ("matched", "bulk", 300_000, 300_000)]
    assert rows[0]["candidates"][0]["pk"] == 11
    assert [row["entry_pks"] for row in rows] == [[], [11]]
    assert sum(row["their_amount"] for row in rows) == 296_700


def test_a_credit_that_fits_two_terminals_is_ambiguous_unless_it_names_one() -> None:
    both = [*CARDS, ours(3, 301_000, R3, batch="pos:TID02")]
    rows = judged(both, [theirs(11, 296_700, text="QUYET TOAN POS")])
    (row,) = [row for row in rows if row["rule"] == "bulk"]
    assert (row["outcome"], len(row["candidates"])) == ("ambiguous", 2)
    rows = judged(both, [theirs(11, 296_700, text="QUYET TOAN POS TID02")])
    assert ("matched", "bulk", 301_000, 301_000) in told(rows)


def test_a_credit_for_one_terminal_and_one_for_all_of_them_want_the_same_money_so_neither_has_it() -> None:
    both = [*CARDS, ours(3, 50_000, R3, batch="pos:TID02")]
    rows = judged(both, [theirs(11, 300_000, text="QUYET TOAN POS TID01"), theirs(12, 350_000, text="QUYET TOAN POS")])
    bulk = [row for row in rows if row["rule"] == "bulk"]
    assert [(row["outcome"], row["reason"]) for row in bulk] == [
        ("ambiguous", "Hai dòng báo có cùng nhận một khoản"),
        ("ambiguous", "Hai dòng báo có cùng nhận một khoản"),
    ]


def test_a_later_credit_settles_the_terminal_that_it_names_and_never_two() -> None:
    cards = [ours(n, 100_000, f"QN261123000010{n}", batch=f"pos:TID0{n}", lag=1) for n in (1, 2)]
    unnamed = entry(90, 100_000, text="QUYET TOAN POS", on=TUESDAY)
    assert told(judged(cards, [], near_bulk=(unnamed,))) == [
        ("missing_at_partner", "rest", 100_000, 0),
        ("missing_at_partner", "rest", 100_000, 0),
    ]
    rows = judged(cards, [], near_bulk=(entry(90, 100_000, text="QUYET TOAN POS TID02", on=TUESDAY),))
    assert [(row["outcome"], row["payment_pks"]) for row in rows if row["rule"] == "bulk"] == [
        ("expected_difference", [2])
    ]
    all_of_them = entry(90, 200_000, text="QUYET TOAN POS", on=TUESDAY)
    assert told(judged(cards, [], near_bulk=(all_of_them,))) == [("expected_difference", "bulk", 200_000, 0)]


def test_more_than_a_charge_is_missing_so_the_batch_does_not_fit() -> None:
    rows = judged(CARDS, [theirs(11, 200_000, text="QUYET TOAN POS TID01")])
    assert told(rows) == [
        ("missing_at_partner", "rest", 100_000, 0),
        ("missing_at_partner", "rest", 200_000, 0),
        ("deposit", "wording", 0, 200_000),
    ]


def test_an_intermediary_s_day_is_known_in_the_bank_s_credit() -> None:
    batches = (Batch("intermediary", SUNDAY, "", 5_000_000, 40), Batch("intermediary", FRIDAY, "", 7_000_000, 50))
    rows = judged([], [theirs(11, 4_967_000, text="THANH TOAN BU TRU TGTT")], batches=batches)
    assert told(rows) == [("bank_charge", "bulk", 0, -33_000), ("deposit", "bulk", 0, 5_000_000)]


def test_card_payments_of_t_plus_1_wait_are_then_known_in_the_later_credit_and_at_last_missing() -> None:
    cards = [{**card, "lag": 1} for card in CARDS]
    waiting = told(judged(cards, [], waiting=frozenset({0, 1})))
    assert waiting == [("pending", "window", 100_000, 0), ("pending", "window", 200_000, 0)]
    later = entry(90, 296_700, text="QUYET TOAN POS TID01", on=TUESDAY)
    rows = judged(cards, [], near_bulk=(later,))
    assert told(rows) == [("expected_difference", "bulk", 300_000, 0)]
    assert rows[0]["candidates"][0]["on"] == "2026-11-24"
    assert {row[0] for row in told(judged(cards, []))} == {"missing_at_partner"}


# remittances of VNPost


def test_a_transfer_of_the_post_is_the_remittance_with_or_without_its_postage() -> None:
    rows = judged(
        [],
        [theirs(11, 130_000, keys="COD1"), theirs(12, 200_000, keys="COD2"), theirs(13, 130_000, keys="COD1")],
        remittances={"COD1": Remitted(100_000, 30_000), "COD2": Remitted(200_000, 20_000)},
    )
    assert told(rows) == [
        ("duplicate", "cod", 0, 130_000),
        ("remittance_credit", "cod", 0, 130_000),
        ("remittance_credit", "cod", 0, 200_000),
    ]
    assert "phí, lệ phí 100.000 đ; cước 30.000 đ" in {row["our_value"] for row in rows}


def test_too_much_postage_never_makes_up_for_a_short_fee() -> None:
    (row,) = judged([ours(1, 100_000, R1, postage=20_000)], [theirs(11, 95_000, R1, postage=25_000)], "postal")
    assert (row["outcome"], row["rule"], row["field"]) == ("underpaid", "cod", "số tiền")
    assert "cước bưu chính cũng lệch 5.000 đ" in row["reason"]
    assert {one["field"] for one in row["candidates"][0]["differs"]} == {"số tiền", "cước bưu chính"}


# cash of the counter

HANH = CashCount("Trần Thị Hạnh", "QN26P", MONDAY, "0000101", "0000120", 20, 900_000)
MINH = CashCount("Lê Minh", "QN26Q", MONDAY, "0000301", "0000309", 8, 400_000)


@pytest.mark.parametrize(
    ("amount", "text", "outcome", "said"),
    [
        (900_000, "NOP TIEN MAT", "deposit", "biên lai QN26P 0000101-0000120 (20 tờ)"),
        (400_000, "NOP TIEN MAT LE MINH", "deposit", "(8 tờ, thiếu 1 số)"),
        (1_300_000, "NOP TIEN MAT NGAY 23/11", "deposit", "Trần Thị Hạnh"),
        (890_000, "NOP TIEN MAT TRAN THI HANH", "underpaid", "lệch -10.000 đ"),
        (410_000, "NOP TIEN MAT QN26Q", "overpaid", "lệch 10.000 đ"),
        (555_000, "NOP TIEN MAT", "deposit", "Nộp tiền mặt hoặc quyết toán POS"),
    ],
    ids=["by-amount", "by-cashier", "whole-day", "short", "too-much", "unexplained"],
)
def test_a_deposit_is_the_count_of_a_cashier(amount: int, text: str, outcome: str, said: str) -> None:
    (row,) = judged([], [theirs(11, amount, text=text)], counts=(HANH, MINH))
    assert (row["outcome"], row["our_amount"], row["their_amount"], row["class"]) == (outcome, 0, amount, "deposit")
    assert said in row["reason"]


def test_two_counts_of_the_same_amount_are_ambiguous() -> None:
    twin = CashCount("Lê Minh", "QN26Q", MONDAY, "0000301", "0000310", 10, 900_000)
    (row,) = judged([], [theirs(11, 900_000, text="NOP TIEN MAT")], counts=(HANH, twin))
    assert (row["outcome"], row["rule"], len(row["candidates"])) == ("ambiguous", "cash", 2)


@pytest.mark.parametrize("text", ["NOP TIEN MAT", "NOP TIEN MAT TRAN THI HANH"], ids=["by-amount", "by-cashier"])
def test_a_deposit_brings_no_cash_that_was_counted_after_it(text: str) -> None:
    (row,) = judged([], [theirs(11, 900_000, text=text, on=MONDAY - 1)], counts=(HANH,))
    assert (row["outcome"], row["rule"], row["settles"]) == ("deposit", "wording", [])


def test_one_count_is_not_deposited_twice() -> None:
    rows = judged([], [theirs(n, 900_000, text="NOP TIEN MAT") for n in (11, 12)], counts=(HANH,))
    assert told(rows) == [("ambiguous", "cash", 0, 900_000)] * 2


# other dates


@pytest.mark.parametrize(
    ("flags", "theirs_on", "waiting", "outcome"),
    [
        ({"late": True}, TUESDAY, {0}, "expected_difference"),
        ({"late": True}, TUESDAY, set(), "expected_difference"),
        ({"late": True}, MONDAY + 3, {0}, "wrong_day"),
        ({"early": True}, FRIDAY, {0}, "expected_difference"),
        ({"early": True}, FRIDAY, set(), "expected_difference"),
        ({}, TUESDAY, {0}, "wrong_day"),
        ({"lag": 1}, TUESDAY, set(), "expected_difference"),
        ({"lag": 1}, MONDAY + 3, set(), "wrong_day"),
        ({"lag": 1}, FRIDAY, {0, 1}, "wrong_day"),
    ],
)
def test_a_difference_of_the_date_is_expected_inside_its_window_and_a_break_outside(
    flags: dict[str, Any], theirs_on: int, waiting: set[int], outcome: str
) -> None:
    payment, line = ours(1, 100_000, R1, **flags), theirs(11, 100_000, R1, on=theirs_on)
    here = judged([payment], [], near_theirs=[line], waiting=frozenset(waiting))
    there = judged([], [line], near_ours=[payment], waiting=frozenset(waiting))
    assert told(here) == [(outcome, "window", 100_000, 0)]
    assert told(there) == [(outcome, "window", 0, 100_000)]
    assert [row["candidates"][0]["side"] for row in (*here, *there)] == ["theirs", "ours"]
    more = ["hệ thống thừa", "ngân hàng thừa"] if outcome == "wrong_day" else ["", ""]
    assert [row["side"] for row in (*here, *there)] == more
    assert here[0]["candidates"][0]["differs"] == [
        {"field": "ngày đối soát", "ours": here[0]["our_value"], "theirs": here[0]["their_value"]}
    ]


def test_over_new_year_t_plus_1_ends_on_the_next_working_day() -> None:
    thursday = MONDAY + 38  # 31/12/2026
    payment = ours(1, 100_000, R1, lag=1, on=thursday)
    rows = judged([payment], [], near_theirs=[theirs(11, 100_000, R1, on=thursday + 4)])
    assert told(rows) == [("expected_difference", "window", 100_000, 0)]


# several transfers for one fee, all under its reference


def test_three_transfers_for_one_fee_are_told_as_that() -> None:
    rows = judged([ours(1, 90_000, R1)], [theirs(number, 30_000, R1) for number in (11, 12, 13)])
    assert told(rows) == [("matched", "group", 90_000, 90_000)]
    assert rows[0]["reason"] == "3 lần chuyển cho một khoản, tổng khớp"


# a second entry


def test_a_second_entry_for_a_fee_that_is_paid_is_a_duplicate_whatever_its_amount() -> None:
    rows = judged([ours(1, 100_000, R1)], [theirs(11, 100_000, R1), theirs(12, 70_000, R1)])
    assert told(rows) == [("duplicate", "reference", 0, 70_000), ("matched", "reference", 100_000, 100_000)]


def test_a_second_entry_for_a_fee_that_is_not_full_is_money_we_do_not_know_of() -> None:
    rows = judged([ours(1, 60_000, R1, requested=100_000)], [theirs(11, 60_000, R1), theirs(12, 40_000, R1)])
    assert ("missing_with_us", "reference", 0, 40_000) in told(rows)


def test_an_entry_for_a_fee_that_was_paid_on_another_day_is_a_duplicate() -> None:
    known = {R1: Known(R1, "H49.12-20261123-0000001", 100_000, "A0101", "settled", "paid", 100_000)}
    assert told(judged([], [theirs(11, 100_000, R1)], known=known)) == [("duplicate", "reference", 0, 100_000)]


# what comes nearest


def test_a_mistyped_reference_is_the_nearest_candidate_of_both() -> None:
    rows = judged([ours(1, 100_000, R1)], [theirs(11, 100_000, "QN2611230000O01".replace("O", "Z"))])
    assert [row["outcome"] for row in rows] == ["missing_at_partner", "unidentified"]
    assert [(row["candidates"][0]["side"], row["candidates"][0]["pk"]) for row in rows] == [("theirs", 11), ("ours", 1)]
    assert [one["field"] for one in rows[0]["candidates"][0]["differs"]] == ["mã tham chiếu"]


def test_every_difference_says_field_and_both_values() -> None:
    rows: Plain = judged(
        [ours(1, 100_000, R1), ours(2, 50_000, R2, requested=60_000), ours(3, 10_000, R3)],
        [theirs(11, 90_000, R1), theirs(12, 50_000, R2, account="A0202"), theirs(13, 77_000)],
    )
    for row in rows:
        assert row["field"], row
        assert row["our_value"], row
        assert row["their_value"], row
