"""One credit for dates that fall due together: a Friday and the days off after it, by card or by an intermediary."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.reconciliation.grounds import Grounds
from gateway.reconciliation.sides import Batch, Settled
from tests.reconciliation.plain import MONDAY, WORKING_DAYS, Plain, entry, judged, ours, theirs, told

pytestmark = pytest.mark.unit
FRIDAY, SATURDAY, SUNDAY, TUESDAY, WEDNESDAY = MONDAY - 3, MONDAY - 2, MONDAY - 1, MONDAY + 1, MONDAY + 2
THURSDAY = MONDAY - 4


def of(key: str, on: int, total: int, count: int = 2, account: str = "A0101") -> Batch:
    return Batch(key, on, account, total, count)


T1 = (of("pos:T1", FRIDAY, 1_000_000), of("pos:T1", SATURDAY, 400_000, 3), of("pos:T1", SUNDAY, 300_000))
T2 = (of("pos:T2", FRIDAY, 500_000), of("pos:T2", SUNDAY, 200_000, 1))
TGTT = tuple(of("tgtt", on, total, account="") for on, total in ((FRIDAY, 2_000_000), (SATURDAY, 900_000)))


def credited(batches: tuple[Batch, ...], *credits: tuple[int, str], on: int = MONDAY, **more: Any) -> Plain:
    """Monday's statement (or another day's)."""
    lines = [theirs(pk, amount, text=f"QUYET TOAN POS {text}", on=on) for pk, (amount, text) in enumerate(credits, 11)]
    return judged([], lines, batches=batches, **more)


def settled(*what: str, entry: int = 7, on: int = MONDAY) -> dict[str, Settled]:
    return {one: Settled(on, entry, 1_000_000) for one in what}


# the day of the credit


def test_a_weekend_at_one_terminal_is_one_credit_net_of_its_charge() -> None:
    charge, whole = credited(T1, (1_683_000, "T1"))
    assert told([charge, whole]) == [("bank_charge", "bulk", 0, -17_000), ("deposit", "bulk", 0, 1_700_000)]
    assert whole["reason"] == "Quyết toán gộp: máy POS T1 các ngày 20, 21, 22/11/2026, 7 giao dịch"
    assert whole["settles"] == ["bulk pos:T1 20/11/2026", "bulk pos:T1 21/11/2026", "bulk pos:T1 22/11/2026"]
    assert (whole["reference"], whole["entry_pks"]) == ("pos:T1", [11])
    assert charge["reason"] == "Phí trừ thẳng khi quyết toán: máy POS T1 các ngày 20, 21, 22/11/2026, 7 giao dịch"


def test_all_terminals_of_an_account_are_one_credit_for_the_weekend_and_for_one_date() -> None:
    (whole,) = credited((*T1, *T2), (2_400_000, ""))
    assert (whole["outcome"], whole["reason"]) == (
        "deposit", "Quyết toán gộp: tất cả máy POS các ngày 20, 21, 22/11/2026, 10 giao dịch",
    )  # fmt: skip
    assert len(whole["settles"]) == 5
    (one_date,) = credited((T1[2], T2[1]), (500_000, ""))
    assert one_date["settles"] == ["bulk pos:T1 22/11/2026", "bulk pos:T2 22/11/2026"]


def test_two_dates_of_an_intermediary_are_one_credit() -> None:
    (whole,) = credited(TGTT, (2_900_000, "TGTT"))
    assert whole["reason"] == "Quyết toán gộp: tgtt các ngày 20, 21/11/2026, 4 giao dịch"


@pytest.mark.parametrize(
    "batches",
    [(of("pos:T1", THURSDAY, 1_000_000), of("pos:T1", FRIDAY, 700_000)),
     (of("pos:T1", FRIDAY, 1_000_000), of("pos:T2", SATURDAY, 700_000), of("pos:T1", SATURDAY, 300_000)),
     (of("pos:T1", FRIDAY, 1_000_000), of("pos:T1", SATURDAY, 700_000, account="A0202")),
     (of("pos:T1", FRIDAY, 1_000_000), of("pos:T1", SATURDAY, 700_000), of("pos:T1", SUNDAY, 200_000))],
    ids=["of-two-settlement-dates", "of-some-terminals", "of-two-accounts", "of-some-dates"],
)  # fmt: skip
def test_what_does_not_fall_due_together_or_is_not_all_of_it_is_no_batch(batches: tuple[Batch, ...]) -> None:
    assert told(credited(batches, (1_700_000, ""))) == [("deposit", "wording", 0, 1_700_000)]


@pytest.mark.parametrize("on", [SUNDAY, MONDAY - 1 + 11])
def test_a_credit_before_the_last_of_the_dates_is_over_or_too_late_to_see_all_of_them_is_of_none(on: int) -> None:
    assert told(credited(T1[:2], (1_400_000, "T1"), on=on)) == [("deposit", "wording", 0, 1_400_000)]


def test_one_date_goes_before_several_and_what_the_text_names_before_both() -> None:
    batches = (of("pos:T1", FRIDAY, 1_000_000), of("pos:T1", SATURDAY, 10_000), of("pos:T1", SUNDAY, 5_000))
    assert credited(batches, (990_000, "T1"))[-1]["settles"] == ["bulk pos:T1 20/11/2026"]
    assert len(credited(batches, (990_000, "T1 TU 20/11 DEN 22/11"))[-1]["settles"]) == 3
    assert credited(batches, (990_000, "T1 NGAY 20/11"))[-1]["settles"] == ["bulk pos:T1 20/11/2026"]


def test_what_one_credit_settled_alone_is_not_among_what_the_next_is_of() -> None:
    rows = credited(T1, (1_000_000, "T1"), (700_000, "T1"))
    assert sorted(row["settles"] for row in rows) == [
        ["bulk pos:T1 20/11/2026"], ["bulk pos:T1 21/11/2026", "bulk pos:T1 22/11/2026"],
    ]  # fmt: skip
    (rest,) = credited(T1, (700_000, "T1"), settled=settled("bulk pos:T1 20/11/2026"))
    assert (rest["outcome"], len(rest["settles"])) == ("deposit", 2)


def test_two_credits_that_want_the_same_date_are_ambiguous() -> None:
    rows = credited(T1, (1_000_000, "T1"), (1_700_000, "T1"))
    assert [(row["outcome"], row["reason"]) for row in rows] == [
        ("ambiguous", "Hai dòng báo có cùng nhận một khoản")
    ] * 2
    twins = (of("pos:T3", FRIDAY, 1_000_000), of("pos:T3", SATURDAY, 700_000), *T1)
    (row,) = credited(twins, (1_690_000, ""))
    assert (row["outcome"], row["their_value"]) == ("ambiguous", "1.690.000 đ")


def test_a_second_credit_for_the_weekend_is_a_duplicate_and_one_for_more_than_is_left_is_nobody_s_guess() -> None:
    every = settled("bulk pos:T1 20/11/2026", "bulk pos:T1 21/11/2026", "bulk pos:T1 22/11/2026")
    (again,) = credited(T1, (1_683_000, "T1"), settled=every)
    assert (again["outcome"], again["candidates"][0]["pk"]) == ("duplicate", 7)
    assert again["reason"] == (
        "Lô máy POS T1 các ngày 20, 21, 22/11/2026, 7 giao dịch đã được quyết toán ngày 23/11/2026"
    )
    (partly,) = credited(T1, (1_683_000, "T1"), settled=settled("bulk pos:T1 21/11/2026"))
    assert (partly["outcome"], partly["reason"]) == (
        "ambiguous", "Một phần của lô này đã được quyết toán ngày 23/11/2026",
    )  # fmt: skip
    assert [one["side"] for one in partly["candidates"]] == ["ours", "theirs"]


def test_dates_of_two_months_are_told_whole() -> None:
    tuesday = MONDAY + 8  # 1/12/2026; the 24th/11 is a day off, so are none of these
    batches = tuple(of("pos:T1", on, 100_000) for on in (MONDAY + 4, MONDAY + 5))
    (row,) = credited(batches, (200_000, "T1"), on=tuesday)
    assert "các ngày 27, 28/11/2026" in row["reason"]
    new_year = MONDAY + 38  # 31/12/2026, a Thursday; Friday is a day off
    (row,) = credited((of("pos:T1", new_year, 100_000), of("pos:T1", new_year + 1, 50_000)), (150_000, "T1"),
                      on=new_year + 4)  # fmt: skip
    assert "các ngày 31/12/2026, 01/01/2027" in row["reason"]


# the days of the payments: Monday the 23rd, and the 24th, which is a day off


def card(pk: int, amount: int, terminal: str = "T1", **more: Any) -> dict[str, Any]:
    return ours(pk, amount, f"QN26112300000{pk:02d}", batch=f"pos:{terminal}", **{"lag": 1, **more})


CARDS = [card(1, 300_000), card(2, 200_000)]
BESIDE = (of("pos:T1", TUESDAY, 700_000, 5),)
CREDIT = entry(90, 1_190_000, text="QUYET TOAN POS T1", on=WEDNESDAY)


def test_each_day_of_the_payments_knows_the_credit_for_all_dates_of_theirs() -> None:
    (row,) = judged(CARDS, [], near_bulk=(CREDIT,), beside=BESIDE)
    assert (row["outcome"], row["our_amount"], row["their_amount"]) == ("expected_difference", 500_000, 0)
    assert row["reason"] == ("Đối tác quyết toán gộp ngày 25/11/2026: máy POS T1 các ngày 23, 24/11/2026, 7 giao dịch")
    assert (row["our_value"], row["their_value"]) == ("23/11/2026", "25/11/2026")
    assert (row["payment_pks"], [one["pk"] for one in row["candidates"]]) == ([1, 2], [90])
    assert {row["outcome"] for row in judged(CARDS, [], near_bulk=(CREDIT,))} == {"missing_at_partner"}


def test_after_t_plus_n_it_is_of_the_wrong_day_and_what_a_request_lacks_is_told_on_the_day_of_the_payment() -> None:
    late = entry(90, 1_190_000, text="QUYET TOAN POS T1", on=MONDAY + 3)
    rows = judged([card(1, 300_000, requested=350_000), CARDS[1]], [], near_bulk=(late,), beside=BESIDE)
    assert told(rows) == [("underpaid", "bulk", 0, 0), ("wrong_day", "bulk", 500_000, 0)]
    assert rows[1]["reason"].endswith("các ngày 23, 24/11/2026, 7 giao dịch, quá hạn T+1")


def test_all_terminals_are_together_though_one_of_them_has_nothing_on_the_day() -> None:
    beside = (*BESIDE, of("pos:T2", TUESDAY, 100_000, 1))
    for_all = entry(90, 1_300_000, text="QUYET TOAN POS", on=WEDNESDAY)
    (row,) = judged(CARDS, [], near_bulk=(for_all,), beside=beside)
    assert (row["outcome"], row["our_amount"]) == ("expected_difference", 500_000)
    assert "tất cả máy POS các ngày 23, 24/11/2026, 8 giao dịch" in row["reason"]


def test_a_credit_for_the_other_date_alone_is_none_for_this_one() -> None:
    """It fits the other date alone, and both together within the charge: one date goes before several."""
    (small,) = judged([card(1, 10_000)], [], near_bulk=(entry(90, 690_000, text="QUYET TOAN POS T1", on=WEDNESDAY),),
                      beside=BESIDE)  # fmt: skip
    assert small["outcome"] == "missing_at_partner"


def test_the_other_date_that_an_earlier_credit_settled_is_not_counted_again() -> None:
    three = (of("pos:T1", FRIDAY + 7, 100_000), of("pos:T1", SATURDAY + 7, 700_000, 5))
    sunday = [{**card(1, 500_000), "on": SUNDAY + 7}]
    paid = entry(90, 1_200_000, text="QUYET TOAN POS T1", on=MONDAY + 7)
    gone = settled("bulk pos:T1 27/11/2026", entry=80, on=SATURDAY + 7)
    (row,) = judged(sunday, [], near_bulk=(paid,), beside=three, settled=gone)
    assert (row["outcome"], "các ngày 28, 29/11/2026" in row["reason"]) == ("expected_difference", True)
    own = settled("bulk pos:T1 27/11/2026", "bulk pos:T1 28/11/2026", entry=90, on=MONDAY + 7)
    whole = entry(90, 1_300_000, text="QUYET TOAN POS T1", on=MONDAY + 7)
    (row,) = judged(sunday, [], near_bulk=(whole,), beside=three, settled=own)
    assert (row["outcome"], "các ngày 27, 28, 29/11/2026" in row["reason"]) == ("expected_difference", True)


def test_grounds_from_before_other_dates_were_told_still_load() -> None:
    kept = Grounds({}, frozenset(), WORKING_DAYS, {}, {}, {}, T2, (), {}, settled("bulk pos:T1 20/11/2026"), T1)
    told = json.loads(kept.as_json())
    assert Grounds.from_json(told) == kept
    del told["beside"]
    assert Grounds.from_json(told) == replace(kept, beside=())
