"""Money of the post, of the counter and of card terminals that does not come one credit for one list."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.reconciliation.sides import Batch, CashCount, Remitted, Settled
from tests.reconciliation.plain import MONDAY, Plain, entry, judged, ours, theirs, told

pytestmark = pytest.mark.unit
R1 = "QN2611230000001"
SUNDAY, TUESDAY, FRIDAY = MONDAY - 1, MONDAY + 1, MONDAY + 4
LISTS = {"BK0001": Remitted(100_000, 30_000), "BK0002": Remitted(200_000, 20_000)}


def transferred(*credits: tuple[int, str], **more: Any) -> Plain:
    lines = [theirs(pk, amount, keys=names) for pk, (amount, names) in enumerate(credits, 11)]
    return judged([], lines, remittances=LISTS, **more)


def value(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["outcome"], row["our_value"], row["their_value"]


# transfers of VNPost


@pytest.mark.parametrize(
    "credits",
    [((60_000, "BK0001"), (40_000, "BK0001")), ((100_000, "BK0001"), (30_000, "BK0001"))],
    ids=["in-two", "postage-apart"],
)
def test_a_remittance_that_is_transferred_in_pieces_is_whole(credits: tuple[tuple[int, str], ...]) -> None:
    (row,) = transferred(*credits)
    assert (row["outcome"], row["their_amount"], sorted(row["entry_pks"])) == (
        "remittance_credit", sum(amount for amount, _ in credits), [11, 12],
    )  # fmt: skip
    assert "2 lần chuyển" in row["reason"]


@pytest.mark.parametrize("amount", [300_000, 350_000])
def test_one_transfer_for_two_remittances_is_their_sum_and_settles_both(amount: int) -> None:
    (row,) = transferred((amount, "BK0001 BK0002"))
    assert (row["outcome"], row["settles"]) == ("remittance_credit", ["cod BK0001", "cod BK0002"])


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (99_999, ("underpaid", "100.000 đ", "99.999 đ")),
        (100_001, ("overpaid", "100.000 đ", "100.001 đ")),
        (129_999, ("underpaid", "130.000 đ", "129.999 đ")),
        (130_001, ("overpaid", "130.000 đ", "130.001 đ")),
        (70_000, ("underpaid", "100.000 đ", "70.000 đ")),
    ],
    ids=["fee-short", "fee-over", "postage-short", "postage-over", "postage-taken-from-the-fee"],
)
def test_a_transfer_that_differs_is_held_against_the_nearer_of_fee_and_fee_with_postage(
    amount: int, said: tuple[str, str, str]
) -> None:
    (row,) = transferred((amount, "BK0001"))
    assert value(row) == said
    assert "phí, lệ phí 100.000 đ; cước 30.000 đ" in row["reason"]


def test_what_comes_beside_a_whole_transfer_is_a_duplicate_whatever_its_amount() -> None:
    assert told(transferred((90_000, "BK0001"), (100_000, "BK0001"))) == [
        ("duplicate", "cod", 0, 90_000),
        ("remittance_credit", "cod", 0, 100_000),
    ]
    (again,) = transferred((90_000, "BK0001"), settled={"cod BK0001": Settled(SUNDAY, 7, 100_000)})
    assert (again["outcome"], again["candidates"][0]["pk"]) == ("duplicate", 7)


def test_postage_that_is_transferred_on_another_day_than_the_fee_is_no_duplicate() -> None:
    (row,) = transferred((30_000, "BK0001"), settled={"cod BK0001": Settled(SUNDAY, 7, 100_000)})
    assert (row["outcome"], row["their_amount"]) == ("remittance_credit", 30_000)


# lines of a remittance


def test_fee_and_postage_on_two_lines_of_a_remittance_are_each_compared() -> None:
    payment = ours(1, 100_000, R1, postage=20_000)
    lines = [theirs(11, 100_000, R1), theirs(12, 0, R1, postage=20_000)]
    assert told(judged([payment], lines, "postal")) == [("matched", "cod", 100_000, 100_000)]
    (short,) = judged([payment], [lines[0], {**lines[1], "postage": 19_999}], "postal")
    assert (short["field"], short["our_value"], short["their_value"]) == ("cước bưu chính", "20.000 đ", "19.999 đ")


def test_a_fee_that_is_listed_as_postage_is_short_and_no_attempt_that_failed() -> None:
    (row,) = judged([ours(1, 100_000, R1, postage=20_000)], [theirs(11, 0, R1, postage=120_000)], "postal")
    assert (*value(row), row["class"]) == ("underpaid", "100.000 đ", "0 đ", "fee")
    assert row["reason"] == "Số tiền của đối tác lệch -100.000 đ; cước bưu chính cũng lệch 100.000 đ"


def test_a_line_of_postage_for_a_dossier_without_a_fee_is_no_money_of_ours() -> None:
    (row,) = judged([], [theirs(11, 0, R1, postage=20_000)], "postal")
    assert (row["outcome"], row["class"], row["reason"]) == (
        "matched", "no_money", "Chỉ có cước bưu chính 20.000 đ, không có phí",
    )  # fmt: skip


# cash of the counter


def count(cashier: str, series: str, on: int, total: int, first: int = 101) -> CashCount:
    return CashCount(cashier, series, on, f"{first:07d}", f"{first + 9:07d}", 10, total)


HANH, BEFORE = count("Trần Thị Hạnh", "QN26P", MONDAY, 900_000), count("Trần Thị Hạnh", "QN26P", SUNDAY, 500_000, 91)
HANH_FEES, MINH = count("Trần Thị Hạnh", "QN26L", MONDAY, 100_000), count("Lê Minh", "QN26Q", MONDAY, 400_000)
MINH_ANH = count("Lê Minh Anh", "QN26R", MONDAY, 450_000)
BY_HANH = "NOP TIEN MAT TRAN THI HANH"


def deposited(counts: tuple[CashCount, ...], *deposits: tuple[int, str], **more: Any) -> Plain:
    lines = [theirs(pk, amount, text=text) for pk, (amount, text) in enumerate(deposits, 11)]
    return judged([], lines, counts=counts, **more)


def test_a_count_that_its_cashier_brings_in_two_parts_is_whole_and_no_colleague_s() -> None:
    (row,) = deposited((HANH, MINH), (500_000, BY_HANH), (400_000, BY_HANH))
    assert (row["outcome"], row["their_amount"], row["settles"]) == (
        "deposit", 900_000, ["cash QN26P/0000101-0000110"],
    )  # fmt: skip


def test_the_counts_of_two_days_in_one_deposit_are_their_sum() -> None:
    (row,) = deposited((HANH, BEFORE, MINH), (1_400_000, BY_HANH))
    assert (row["outcome"], row["reference"]) == ("deposit", "QN26P/0000091-0000100 QN26P/0000101-0000110")
    assert row["reason"].index("ngày 22/11/2026") < row["reason"].index("ngày 23/11/2026")


def test_a_cashier_with_receipts_for_two_kinds_of_money_who_brings_too_little_is_short() -> None:
    """Phí and lệ phí have receipts of their own: until now the bank's wording alone explained this deposit."""
    (row,) = deposited((HANH, HANH_FEES), (999_999, BY_HANH))
    assert value(row) == ("underpaid", "1.000.000 đ", "999.999 đ")


@pytest.mark.parametrize("more", [{"settled": {"cash QN26P/0000101-0000110": Settled(SUNDAY, 7, 900_000)}}, {}])
def test_a_deposit_that_differs_is_held_against_what_nobody_has_deposited(more: dict[str, Any]) -> None:
    first = [] if more else [(900_000, BY_HANH)]
    rows = deposited((HANH, BEFORE), *first, (499_999, BY_HANH), **more)
    assert value(rows[0]) == ("underpaid", "500.000 đ", "499.999 đ")
    assert [row["outcome"] for row in rows[1:]] == ["deposit"] * len(first)


def test_a_deposit_beyond_all_that_its_cashier_counted_is_a_duplicate() -> None:
    rows = deposited((HANH,), (900_000, BY_HANH), (300_000, BY_HANH))
    assert told(rows) == [("duplicate", "cash", 0, 300_000), ("deposit", "cash", 0, 900_000)]


def test_a_colleague_who_counted_nothing_makes_no_count_ambiguous_and_answers_for_what_she_brings() -> None:
    nothing = CashCount("Lê Minh", "QN26Q", MONDAY, "", "", 0, 0)
    assert told(deposited((HANH, nothing), (900_000, "NOP TIEN MAT"))) == [("deposit", "cash", 0, 900_000)]
    (row,) = deposited((HANH, nothing), (500_000, "NOP TIEN MAT LE MINH"))
    assert value(row) == ("overpaid", "0 đ", "500.000 đ")


def test_a_cashier_is_not_a_colleague_whose_name_begins_with_hers() -> None:
    (row,) = deposited((MINH, MINH_ANH), (449_999, "NOP TIEN MAT LE MINH ANH"))
    assert value(row) == ("underpaid", "450.000 đ", "449.999 đ")


# settlements in bulk


def card(pk: int, amount: int, terminal: str, **more: Any) -> dict[str, Any]:
    return ours(pk, amount, f"QN26112300000{pk:02d}", batch=f"pos:{terminal}", **more)


def test_a_terminal_is_not_named_by_the_beginning_of_another_s_number() -> None:
    both = (Batch("pos:T1", SUNDAY, "", 300_000, 2), Batch("pos:T2", SUNDAY, "", 300_000, 3))
    (row,) = judged([], [theirs(11, 300_000, text="QUYET TOAN POS T11")], batches=both)
    assert row["outcome"] == "ambiguous"
    (row,) = judged([], [theirs(11, 300_000, text="QUYET TOAN POS T1")], batches=both)
    assert (row["outcome"], row["reference"]) == ("deposit", "pos:T1")


def test_a_settlement_after_t_plus_n_is_of_the_wrong_day_and_one_inside_goes_before_it() -> None:
    cards = [card(1, 100_000, "T1", lag=1), card(2, 200_000, "T1", lag=1)]
    late = entry(91, 296_000, text="QUYET TOAN POS T1", on=FRIDAY)
    (row,) = judged(cards, [], near_bulk=(late,))
    assert (row["outcome"], row["our_amount"], row["side"]) == ("wrong_day", 300_000, "hệ thống thừa")
    assert row["reason"].endswith(", quá hạn T+1")
    in_time = entry(90, 297_000, text="QUYET TOAN POS T1", on=MONDAY + 2)  # Tuesday is a day off
    (row,) = judged(cards, [], near_bulk=(in_time, late))
    assert (row["outcome"], [one["pk"] for one in row["candidates"]]) == ("expected_difference", [90])
