"""The engine against two paper lists: bulk, COD and cash on random small cases that are built to collide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reconciliation.bulk import by_batches
from gateway.reconciliation.cases import Day, Verdicts, day_text
from gateway.reconciliation.cash import by_counts
from gateway.reconciliation.cod import by_remittances
from gateway.reconciliation.outcomes import EntryClass, Outcome, Row
from gateway.reconciliation.settled import of_count, of_date, of_remittance
from gateway.reconciliation.sides import Batch, CashCount, Ours, Remitted, Settled, Theirs
from tests.reconciliation import paper_lists as paper
from tests.reconciliation.paper_lists import Card, Count, Line, Verdict
from tests.reconciliation.plain import MONDAY, RULES, WORKING_DAYS, Plain, ours, theirs

pytestmark = pytest.mark.property


STEPS = {"cod": by_remittances, "cash": by_counts, "bulk": by_batches}


def judged(step: str, yours: Plain, mine: Plain = (), **more: Any) -> list[Row]:  # type: ignore[assignment]  # empty
    """The rows of one step of the engine, on lines in the order in which it sees them; days through DuckDB are slow."""
    lines = sorted((Theirs(**line) for line in yours), key=lambda e: (e.on, e.account, e.amount, e.keys, e.text, e.pk))
    payments = [Ours(**one) for one in mine]
    left = STEPS[step](Day("bank", RULES, payments, lines, days=WORKING_DAYS, **more), Verdicts([], payments, lines))
    worded = [replace(UNTOLD, their_amount=entry.moves, entries=(entry.pk,)) for entry in left.theirs]
    return [*left.rows, *worded]


UNTOLD = Row(Outcome.DEPOSIT, EntryClass.DEPOSIT, 0, 0, "", rule="wording")


def told(rows: list[Row]) -> list[Verdict]:
    """What the engine says, as the accountant says it."""
    verdicts = []
    for row in rows:
        wanted = 0
        if row.outcome in (Outcome.UNDERPAID, Outcome.OVERPAID):
            wanted = int(row.our_value.removesuffix(" đ").replace(".", ""))
        elif row.outcome in (Outcome.REMITTANCE_CREDIT, Outcome.DEPOSIT) and row.rule != "wording":
            wanted = row.their_amount
        verdicts.append((row.outcome.value, tuple(sorted(row.entries)), wanted, row.their_amount))
    return sorted(verdicts)


# transfers of VNPost

LISTS = {"BK0001": (100_000, 30_000), "BK0002": (100_000, 20_000), "BK0003": (30_000, 30_000), "BK0004": (60_000, 0)}
MOVED = [
    30_000, 40_000, 60_000, 70_000, 99_999, 100_000, 100_001, 130_000, 120_000, 200_000, 250_000, 129_999, 160_000,
]  # fmt: skip
transfers = st.lists(
    st.tuples(
        st.sampled_from(MOVED),
        st.lists(st.sampled_from([*LISTS, "BK0001"]), min_size=1, max_size=2).map(
            lambda names: tuple(sorted(set(names)))
        ),
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(transfers, st.dictionaries(st.sampled_from([*LISTS]), st.sampled_from([100_000, 130_000, 30_000]), max_size=1))
def test_transfers_of_the_post_are_what_two_paper_lists_say(
    moved: list[tuple[int, tuple[str, ...]]], had: dict[str, int]
) -> None:
    lines = [Line(pk, amount, names) for pk, (amount, names) in enumerate(moved, 11)]
    rows = judged(
        "cod",
        [theirs(line.pk, line.amount, keys=" ".join(line.names)) for line in lines],
        remittances={batch: Remitted(*parts) for batch, parts in LISTS.items()},
        settled={of_remittance(batch): Settled(MONDAY - 1, 5, amount) for batch, amount in had.items()},
    )
    assert told(rows) == paper.remitted(lines, LISTS, had)


# cash of the counter

HANH, MINH, MINH_ANH = "TRAN THI HANH", "LE MINH", "LE MINH ANH"
COUNTS = [
    Count(HANH, "AA/26", 0, 300_000), Count(HANH, "AA/26", -1, 200_000), Count(HANH, "BB/26", 0, 100_000),
    Count(MINH, "CC/26", 0, 200_000), Count(MINH, "CC/26", -1, 500_000), Count(MINH_ANH, "DD/26", 0, 0),
    Count(MINH_ANH, "EE/26", -2, 400_000),
]  # fmt: skip
PAID_IN = [100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 299_999, 300_001, 150_000, 700_000]
NAMED = ["", "", HANH, HANH, MINH, MINH_ANH, "BB/26", f"{HANH} BB/26", f"{HANH} {MINH}"]
cash = st.lists(st.tuples(st.sampled_from(PAID_IN), st.sampled_from(NAMED)), max_size=4)


def named(text: str) -> tuple[str, ...]:
    return tuple(word for word in (HANH, MINH, MINH_ANH, *(one.series for one in COUNTS)) if word in text)


def as_counted(one: Count) -> CashCount:
    number = 100 * (one.on + 5)
    return CashCount(one.cashier, one.series, MONDAY + one.on, f"{number:07d}", f"{number + 3:07d}", 4, one.total)


@settings(max_examples=150, deadline=None)
@given(cash, st.lists(st.sampled_from(COUNTS), unique=True, max_size=5), st.booleans())
def test_deposits_of_cash_are_what_two_paper_lists_say(
    moved: list[tuple[int, str]], counts: list[Count], one_had: bool
) -> None:
    lines = [Line(pk, amount, named(text)) for pk, (amount, text) in enumerate(moved, 11)]
    had = counts[:1] if one_had else []
    rows = judged(
        "cash",
        [theirs(pk, amount, text=f"NOP TIEN MAT {text}") for pk, (amount, text) in enumerate(moved, 11)],
        counts=tuple(map(as_counted, counts)),
        settled={of_count(as_counted(one)): Settled(MONDAY - 1, 5, one.total) for one in had},
    )
    assert told(rows) == paper.deposited(lines, counts, had)


# settlements in bulk

NAMES = ["", "", "T1", "T2", "T11", "T1 20/11", "T1 TU 20/11 DEN 22/11", "21/11"]
SUMS = [
    100_000, 99_999, 100_001, 200_000, 300_000, 240_100, 240_099, 400_000, 500_000, 1_000_000, 917_000, 1_100_000,
    1_300_000,
]  # fmt: skip
ACCOUNTS = st.sampled_from(["A0101", "A0101", "A0202"])
MOST = paper.Charge(RULES.bulk.charge_basis_points, RULES.bulk.charge_fixed)
cards = st.lists(
    st.tuples(st.sampled_from([100_000, 200_000, 1_000_000]), st.sampled_from(["T1", "T1", "T2", "T11"]), ACCOUNTS),
    max_size=5,
)
credits = st.lists(st.tuples(st.sampled_from(SUMS), st.sampled_from(NAMES), ACCOUNTS), max_size=3)
WEEKEND = [-3, -2, -1]


def batches_of(*dates: int) -> st.SearchStrategy[list[Card]]:
    """Whole batches, each of another terminal, date or account."""
    one = st.tuples(
        st.sampled_from(["T1", "T1", "T2"]), ACCOUNTS, st.sampled_from([100_000, 200_000, 300_000, 1_000_000]),
        st.sampled_from(dates),
    )  # fmt: skip
    some = st.lists(one, max_size=6, unique_by=lambda told: (told[0], told[1], told[3]))
    return some.map(lambda all_: [Card(-n, *told) for n, told in enumerate(all_)])


def lines_of(yours: list[tuple[int, str, str]], first: int = 11) -> list[tuple[Line, str]]:
    return [(Line(pk, amount, tuple(name.split())), account) for pk, (amount, name, account) in enumerate(yours, first)]


def bulk_credits(lines: list[tuple[Line, str]], on: int = 0) -> Plain:
    return [
        theirs(line.pk, line.amount, text=f"QUYET TOAN POS {' '.join(line.names)}", account=account, on=MONDAY + on)
        for line, account in lines
    ]


def paid_by(one: Card, **more: Any) -> dict[str, Any]:
    reference = f"QN26112300000{one.pk:02d}"
    return ours(one.pk, one.amount, reference, batch=f"pos:{one.terminal}", account=one.account, **more)


def as_batch(one: Card) -> Batch:
    return Batch(f"pos:{one.terminal}", MONDAY + one.on, one.account, one.amount, 3)


@settings(max_examples=400, deadline=None)
@given(cards, credits, batches_of(-10, -9, -7, -4, *WEEKEND, *WEEKEND), st.integers(0, 2))
def test_settlements_in_bulk_are_what_two_paper_lists_say(
    mine: list[tuple[int, str, str]], yours: list[tuple[int, str, str]], older: list[Card], had_of_them: int
) -> None:
    today = [Card(pk, terminal, account, amount) for pk, (amount, terminal, account) in enumerate(mine, 1)]
    keys = {(one.terminal, one.on) for one in older[:had_of_them]}
    had = [one for one in older if (one.terminal, one.on) in keys]
    lines = lines_of(yours)
    rows = judged(
        "bulk",
        bulk_credits(lines),
        [paid_by(one) for one in today],
        batches=tuple(map(as_batch, older)),
        settled={of_date(f"pos:{name}", day_text(MONDAY + on)): Settled(MONDAY - 1, 5, 1) for name, on in keys},
    )
    kept = {row.candidates[0].pk: -row.their_amount for row in rows if row.outcome is Outcome.BANK_CHARGE}
    found: list[Verdict] = []
    for row in (row for row in rows if row.entries):
        if row.rule == "bulk" and row.outcome in (Outcome.MATCHED, Outcome.DEPOSIT):
            net = row.their_amount - kept.get(row.entries[0], 0)
            found.append(("settled", row.entries, row.their_amount, net))
        else:
            found.append((row.outcome.value, row.entries, 0, row.their_amount))
    assert sorted(found) == paper.settled(lines, [*today, *older], had, MOST)
    amounts = {one.pk: one.amount for one in today}
    for row in rows:
        assert row.our_amount == sum(amounts[pk] for pk in row.payments)


@settings(max_examples=400, deadline=None)
@given(batches_of(*WEEKEND), credits, credits, st.sampled_from(WEEKEND))
def test_each_day_of_a_weekend_says_of_later_credits_what_two_paper_lists_say(
    older: list[Card], in_time: list[tuple[int, str, str]], late: list[tuple[int, str, str]], on: int
) -> None:
    monday, wednesday = lines_of(in_time), lines_of(late, 21)
    mine = [replace(one, pk=pk) for pk, one in enumerate((one for one in older if one.on == on), 1)]
    rows = judged(
        "bulk",
        [],
        [paid_by(one, on=MONDAY + on, lag=1) for one in mine],
        near_bulk=tuple(Theirs(**line) for line in [*bulk_credits(wednesday, 2), *bulk_credits(monday)]),
        beside=tuple(as_batch(one) for one in older if one.on != on),
    )
    found = [(row.outcome.value, (row.candidates[0].pk,), row.our_amount, row.their_amount) for row in rows]
    assert sorted(found) == paper.expected({0: monday, 2: wednesday}, older, on, MOST)
    amounts = {one.pk: one.amount for one in mine}
    assert all(row.our_amount == sum(amounts[pk] for pk in row.payments) for row in rows)
