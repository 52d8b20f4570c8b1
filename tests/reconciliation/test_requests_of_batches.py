"""Each payment is held against what was asked for: in a sum, in a batch, and where its half is of another day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reconciliation.plain import MONDAY, Plain, entry, judged, ours, theirs, told

pytestmark = pytest.mark.unit
R1, R2, R3 = "QN2611230000001", "QN2611230000002", "QN2611230000003"
TERMINAL = "QUYET TOAN POS TID01"


def card(pk: int, amount: int, reference: str, **more: Any) -> dict[str, Any]:
    return ours(pk, amount, reference, batch="pos:TID01", **more)


def one(rows: Plain, outcome: str) -> dict[str, Any]:
    (found,) = [row for row in rows if row["outcome"] == outcome]
    return found


# sums


def test_a_fee_that_is_short_inside_a_sum_is_told_and_not_matched() -> None:
    (row,) = judged([ours(1, 60_000, R1, requested=100_000), ours(2, 40_000, R2)], [theirs(11, 100_000)])
    assert (row["outcome"], row["rule"], row["our_amount"], row["their_amount"]) == (
        "underpaid", "group", 100_000, 100_000,
    )  # fmt: skip
    assert (row["side"], row["our_value"], row["their_value"]) == ("người nộp thiếu", "100.000 đ", "60.000 đ")
    assert row["reason"] == f"Một lần chuyển cho 2 khoản, tổng khớp; {R1}: Người nộp còn thiếu 40.000 đ"


def test_everything_that_is_wrong_inside_a_sum_is_named() -> None:
    payments = [ours(1, 60_000, R1, requested=50_000), ours(2, 40_000, R2, standing="cancelled"), ours(3, 5_000, R3)]
    (row,) = judged(payments, [theirs(11, 105_000)])
    assert (row["outcome"], row["our_value"], row["their_value"]) == ("overpaid", "50.000 đ", "60.000 đ")
    assert f"{R1}: Người nộp thừa 10.000 đ; {R2}: Hai bên cùng có, nhưng khoản thu đã hủy" in row["reason"]


def test_a_payment_of_no_request_inside_a_sum_pays_nothing() -> None:
    (row,) = judged([ours(1, 60_000, "", requested=0, standing="unknown"), ours(2, 40_000, R2)], [theirs(11, 100_000)])
    assert (row["outcome"], row["class"]) == ("unidentified", "unidentified")
    assert "60.000 đ: Hai bên cùng có, nhưng mã tham chiếu không có trong hệ thống" in row["reason"]


def test_two_transfers_for_one_payment_that_is_short_are_told_as_short() -> None:
    (row,) = judged([ours(1, 60_000, R1, requested=100_000)], [theirs(11, 20_000), theirs(12, 40_000)])
    assert (row["outcome"], row["rule"], row["our_value"], row["their_value"]) == (
        "underpaid", "group", "100.000 đ", "60.000 đ",
    )  # fmt: skip


def test_what_earlier_days_paid_counts() -> None:
    topped = judged([ours(1, 60_000, R1, requested=100_000, prior=40_000), ours(2, 40_000, R2)], [theirs(11, 100_000)])
    assert told(topped) == [("matched", "group", 100_000, 100_000)]
    again = judged([ours(1, 60_000, R1, requested=60_000, prior=60_000), ours(2, 40_000, R2)], [theirs(11, 100_000)])
    assert told(again) == [("duplicate", "group", 100_000, 100_000)]


def test_a_top_up_inside_a_sum_closes_what_was_paid_under_the_reference_the_same_day() -> None:
    payments = [
        ours(1, 60_000, R1, requested=100_000), ours(2, 40_000, R1, requested=100_000), ours(3, 30_000, R2),
    ]  # fmt: skip
    rows = judged(payments, [theirs(11, 60_000, R1), theirs(12, 70_000)])
    assert {row["outcome"] for row in rows} == {"matched"}


def test_a_payment_inside_a_sum_comes_after_what_filled_its_fee_under_the_reference() -> None:
    payments = [ours(1, 100_000, R1), ours(2, 40_000, R1, requested=100_000), ours(3, 30_000, R2)]
    rows = judged(payments, [theirs(11, 100_000, R1), theirs(12, 70_000)])
    assert told(rows) == [("overpaid", "group", 70_000, 70_000), ("matched", "reference", 100_000, 100_000)]


@pytest.mark.parametrize(
    ("mine", "yours"),
    [
        ([(1, 50_000, R1), (2, 30_000, R1), (3, 7_000, R2)], [(11, 50_000, R1), (12, 37_000, "")]),
        (
            [(1, 50_000, R1), (2, 30_000, R1), (3, 7_000, R2), (4, 1_000, R3)],
            [(11, 57_000, ""), (12, 31_000, "")],
        ),
    ],
    ids=["by-its-reference-first", "in-two-sums"],
)
def test_that_a_request_is_short_is_told_once(
    mine: list[tuple[int, int, str]], yours: list[tuple[int, int, str]]
) -> None:
    payments = [ours(pk, amount, name, **({"requested": 100_000} if name == R1 else {})) for pk, amount, name in mine]
    rows = judged(payments, [theirs(*line) for line in yours])
    assert [row["outcome"] for row in rows if row["outcome"] != "matched"] == ["underpaid"]
    assert "20.000 đ" in one(rows, "underpaid")["reason"]


# batches


def test_a_card_payment_that_is_short_is_a_row_beside_its_batch() -> None:
    rows = judged(
        [card(1, 60_000, R1, requested=100_000), card(2, 200_000, R2), card(3, 40_000, R3)],
        [theirs(11, 297_000, text=TERMINAL)],
    )
    assert told(rows) == [
        ("underpaid", "bulk", 60_000, 60_000),
        ("bank_charge", "bulk", 0, -3_000),
        ("matched", "bulk", 240_000, 240_000),
    ]
    short, whole = rows[0], rows[2]
    assert (short["payment_pks"], short["entry_pks"], whole["payment_pks"], whole["entry_pks"]) == (
        [1], [], [2, 3], [11],
    )  # fmt: skip
    assert (short["side"], short["our_value"], short["their_value"]) == ("người nộp thiếu", "100.000 đ", "60.000 đ")
    assert short["reason"] == (
        "Người nộp còn thiếu 40.000 đ (quyết toán gộp: máy POS TID01 ngày 23/11/2026, 3 giao dịch)"
    )
    assert whole["reason"].endswith("máy POS TID01 ngày 23/11/2026, 3 giao dịch, trong đó 1 giao dịch xem riêng")
    assert [one["pk"] for one in short["candidates"]] == [11]


def test_a_card_payment_too_much_for_a_cancelled_fee_or_a_second_time_is_a_row_of_its_own() -> None:
    rows = judged(
        [
            card(1, 60_000, R1, requested=50_000), card(2, 40_000, R2, standing="cancelled"),
            card(3, 30_000, R3), card(4, 30_000, R3),
        ],
        [theirs(11, 160_000, text=TERMINAL)],
    )  # fmt: skip
    assert sorted(told(rows)) == [
        ("duplicate", "bulk", 30_000, 30_000),
        ("matched", "bulk", 30_000, 30_000),
        ("overpaid", "bulk", 60_000, 60_000),
        ("unidentified", "bulk", 40_000, 40_000),
    ]
    assert [row["payment_pks"] for row in rows if row["outcome"] == "duplicate"] == [[4]]


def test_a_batch_of_which_nothing_is_as_asked_leaves_its_entry_with_the_first_of_its_payments() -> None:
    rows = judged(
        [card(1, 60_000, R1, requested=100_000), card(2, 40_000, R2, requested=30_000)],
        [theirs(11, 99_000, text=TERMINAL)],
    )
    assert sorted((row["outcome"], row["their_amount"], row["entry_pks"]) for row in rows) == [
        ("bank_charge", -1_000, []),
        ("overpaid", 40_000, []),
        ("underpaid", 60_000, [11]),
    ]


def test_a_card_payment_that_its_batch_has_is_offered_to_no_other_line() -> None:
    rows = judged(
        [card(1, 60_000, R1, requested=100_000), card(2, 40_000, R2)],
        [theirs(11, 100_000, text=TERMINAL), theirs(12, 60_000, text="CHUYEN TIEN")],
    )
    assert one(rows, "unidentified")["candidates"] == []


def test_a_batch_of_t_plus_1_that_a_later_credit_settles_tells_what_is_missing_without_money() -> None:
    cards = [card(1, 60_000, R1, requested=100_000, lag=1), card(2, 40_000, R2, requested=30_000, lag=1)]
    rows = judged(cards, [], near_bulk=(entry(90, 100_000, text=TERMINAL, on=MONDAY + 1),))
    assert told(rows) == [("underpaid", "bulk", 0, 0), ("expected_difference", "bulk", 100_000, 0)]
    short = rows[0]
    assert (short["reference"], short["our_value"], short["their_value"]) == (R1, "100.000 đ", "60.000 đ")
    assert (short["payment_pks"], rows[1]["payment_pks"]) == ([], [1, 2])


# halves on another date


@pytest.mark.parametrize(
    ("more", "on", "outcome"),
    [({}, MONDAY + 3, "wrong_day"), ({"late": True}, MONDAY + 1, "expected_difference"),
     ({"lag": 1}, MONDAY + 1, "expected_difference")],
    ids=["wrong-day", "near-the-cut-off", "t-plus-1"],
)  # fmt: skip
def test_a_payment_that_is_short_is_told_without_money_where_its_half_stands_on_another_date(
    more: dict[str, Any], on: int, outcome: str
) -> None:
    paid = ours(1, 60_000, R1, requested=100_000, dossier="H49.12-20261123-0000001", **more)
    rows = judged([paid], [], near_theirs=[theirs(90, 60_000, R1, on=on)])
    assert sorted(told(rows)) == sorted([("underpaid", "window", 0, 0), (outcome, "window", 60_000, 0)])
    short = one(rows, "underpaid")
    assert (short["side"], short["our_value"], short["their_value"]) == ("người nộp thiếu", "100.000 đ", "60.000 đ")
    assert short["reason"] == f"Người nộp còn thiếu 40.000 đ (đối tác ghi ngày {on - MONDAY + 23}/11/2026)"
    assert (short["reference"], short["dossier_codes"], short["payment_pks"]) == (R1, ["H49.12-20261123-0000001"], [])
    assert [one["pk"] for one in short["candidates"]] == [90]


@pytest.mark.parametrize("more", [{}, {"requested": 100_000, "prior": 40_000}, {"requested": 50_000}, {"requested": 0}])
def test_what_is_not_short_is_told_once_where_its_half_stands_on_another_date(more: dict[str, Any]) -> None:
    rows = judged([ours(1, 60_000, R1, **more)], [], near_theirs=[theirs(90, 60_000, R1, on=MONDAY + 3)])
    assert told(rows) == [("wrong_day", "window", 60_000, 0)]


@pytest.mark.parametrize("paired", [True, False])
def test_that_a_request_is_short_is_told_once_whatever_day_its_halves_stand_on(paired: bool) -> None:
    payments = [ours(1, 50_000, R1, requested=100_000), ours(2, 30_000, R1, requested=100_000)]
    there = [theirs(90, 30_000, R1, on=MONDAY + 3)]
    here = [theirs(11, 50_000, R1)] if paired else []
    rows = judged(payments, here, near_theirs=there if paired else [*there, theirs(91, 50_000, R1, on=MONDAY + 3)])
    (short,) = [row for row in rows if row["outcome"] == "underpaid"]
    assert "20.000 đ" in short["reason"]
    assert sum(row["our_amount"] for row in rows) == 80_000


def test_the_day_of_the_entry_does_not_tell_it_again() -> None:
    near = [ours(1, 60_000, R1, requested=100_000, on=MONDAY - 3)]
    assert told(judged([], [theirs(11, 60_000, R1)], near_ours=near)) == [("wrong_day", "window", 0, 60_000)]
