"""The search for sums: what fits, what fits twice, and that it ends."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from gateway.reconciliation.rules import load
from gateway.reconciliation.sums import Budget, Found, Pool
from tests.reconciliation import plain

pytestmark = pytest.mark.unit
GROUP = load(Path(__file__).resolve().parents[2] / "config" / "rules")["2026-1"].group


def searched(amounts: list[int], target: int) -> tuple[Found, bool]:
    pool = Pool(amounts)
    found = pool.search(target, GROUP, Budget(GROUP.day_steps))
    return found, pool.is_certain(found)


def test_the_only_combination_is_certain() -> None:
    assert searched([10, 20, 40, 80, 160, 320], 10 + 40 + 160) == (Found(((160, 40, 10),), True), True)


def test_what_fits_twice_is_not_certain() -> None:
    found, certain = searched([10, 50, 20, 40], 60)
    assert (set(found.ways), certain) == ({(50, 10), (40, 20)}, False)


def test_the_same_amounts_of_other_rows_are_another_combination() -> None:
    found, certain = searched([10, 10, 10, 70], 20)
    assert (found.ways, certain) == (((10, 10),), False)
    assert searched([10, 10, 70], 20) == (Found(((10, 10),), True), True)


def test_nothing_fits() -> None:
    assert searched([10, 20, 40], 1_000) == (Found((), True), False)
    assert searched([], 10) == (Found((), True), False)
    assert searched([60], 60) == (Found((), True), False)


def test_sixty_candidates_are_searched_whole() -> None:
    amounts = [1_000 * 3**n for n in range(60)]
    target = amounts[3] + amounts[17] + amounts[41]
    assert searched(amounts, target) == (Found(((amounts[41], amounts[17], amounts[3]),), True), True)


@pytest.mark.parametrize("seed", range(60))
def test_every_combination_of_a_small_pool_is_found(seed: int) -> None:
    """Against trying them all."""
    chance = random.Random(seed)
    amounts = [chance.choice([1, 2, 3, 5, 7, 11, 13]) for _ in range(chance.randint(0, 7))]
    target = chance.randint(2, 25)
    naive = Counter(
        tuple(sorted(group, reverse=True))
        for size in range(2, GROUP.size + 1)
        for group in combinations(amounts, size)
        if sum(group) == target
    )
    found, certain = searched(amounts, target)
    assert set(found.ways) == set(naive)
    assert certain == (sum(naive.values()) == 1)


@pytest.mark.parametrize(
    "amounts",
    [[100_000] * 10_000, [20_000 + 1_000 * (n % 500) for n in range(10_000)], [2 * n + 100_000 for n in range(10_000)]],
    ids=["equal", "500-amounts", "all-different"],
)
def test_among_ten_thousand_candidates_nothing_is_guessed(amounts: list[int]) -> None:
    _, certain = searched(amounts, 500_000)
    assert not certain


@pytest.mark.parametrize(("of", "bound"), [("search", 200), ("day", 200)])
def test_the_one_combination_that_a_search_found_before_its_bound_is_no_certainty(of: str, bound: int) -> None:
    pool = Pool([600, 400, *range(1, 200, 2)])
    whole = pool.search(1_000, GROUP.model_copy(update={"size": 2}), Budget(GROUP.day_steps))
    assert (whole.ways, pool.is_certain(whole)) == (((600, 400),), True)
    rules = GROUP.model_copy(update={"steps": bound}) if of == "search" else GROUP
    cut = pool.search(1_000, rules, Budget(bound if of == "day" else GROUP.day_steps))
    assert (cut, pool.is_certain(cut)) == (Found(((600, 400),), False), False)


def test_a_sum_is_of_one_account() -> None:
    mine = [plain.ours(1, 60_000, "QN2611230000001"), plain.ours(2, 40_000, "QN2611230000002", account="A0202")]
    for account in ("A0101", "A0202"):
        rows = plain.judged(mine, [{**plain.theirs(1, 100_000), "account": account}])
        assert {row["outcome"] for row in rows} == {"missing_at_partner", "unidentified"}
    together = plain.judged(
        [{**one, "account": "A0202"} for one in mine], [{**plain.theirs(1, 100_000), "account": "A0202"}]
    )
    assert [(row["outcome"], row["rule"]) for row in together] == [("matched", "group")]


def test_a_sum_whose_search_was_cut_off_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = plain.RULES.model_copy(update={"group": GROUP.model_copy(update={"steps": 200})})
    monkeypatch.setattr(plain, "RULES", cut)
    amounts = [600_000, 400_000, *range(1_000, 200_000, 2_000)]
    mine = [plain.ours(n, amount, f"QN26112300{n:05d}") for n, amount in enumerate(amounts, 1)]
    rows = plain.judged(mine, [plain.theirs(1, 1_000_000)])
    (row,) = [row for row in rows if row["entry_pks"]]
    assert (row["outcome"], row["reason"]) == ("ambiguous", "Chưa chắc chắn: tìm kiếm chạm giới hạn")
    assert {one["pk"] for one in row["candidates"]} == {1, 2}


def test_a_day_of_hopeless_searches_ends_too() -> None:
    pool = Pool([4 * n + 2 for n in range(10_000)])
    budget = Budget(GROUP.day_steps)
    for target in range(2_001, 40_001, 4):
        assert not pool.is_certain(pool.search(target, GROUP, budget))
    assert budget.left == 0


FILL = [plain.ours(n, 1_000 * n, f"QN26112300{n:05d}") for n in range(30, 90)]
SMALL = [plain.ours(1, 7_000, "QN2611230000001"), plain.ours(2, 11_000, "QN2611230000002")]
SURE, WIDE = plain.theirs(1, 18_000), plain.theirs(2, 130_000)


def told_of(rows: plain.Plain, entry: int) -> tuple[str, str]:
    (row,) = [row for row in rows if row["entry_pks"] == [entry]]
    return row["outcome"], row["reason"]


def test_a_sum_that_a_search_may_want_which_was_cut_off_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """130.000 has more combinations than are kept; some of those that are not have the 7.000 of the other sum."""
    assert told_of(plain.judged([*SMALL, *FILL], [SURE]), 1) == ("matched", "Một lần chuyển cho 2 khoản, tổng khớp")
    unknown = (
        "ambiguous",
        "Một cách ghép, nhưng chưa biết hết dòng nào cũng nhận cùng khoản: tìm kiếm chạm giới hạn",
    )
    assert told_of(plain.judged([*SMALL, *FILL], [SURE, WIDE]), 1) == unknown
    few = GROUP.model_copy(update={"steps": 150})  # enough to find that nothing else makes 18.000, too few for the rest
    monkeypatch.setattr(plain, "RULES", plain.RULES.model_copy(update={"group": few}))
    odd = plain.theirs(2, 250_001)
    rows = plain.judged([*SMALL, *FILL], [SURE, odd])
    assert told_of(rows, 1) == unknown
    assert told_of(rows, 2)[0] == "unidentified"


def test_a_search_that_was_cut_off_wants_nothing_larger_and_nothing_of_another_account() -> None:
    elsewhere = [{**one, "account": "A0202"} for one in SMALL]
    rows = plain.judged([*elsewhere, *FILL], [{**SURE, "account": "A0202"}, WIDE])
    assert told_of(rows, 1)[0] == "matched"
    large = [plain.ours(1, 700_000, "QN2611230000001"), plain.ours(2, 1_100_000, "QN2611230000002")]
    rows = plain.judged([*large, *FILL], [plain.theirs(1, 1_800_000), WIDE])
    assert told_of(rows, 1)[0] == "matched"
