"""What a month carries, judged on plain rows: nothing is lost, nothing is counted twice, order does not matter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reconciliation.months import ITEMS, Item, Month, Roll, Tally, roll

EVE = date(2026, 12, 31)
SATURDAY = date(2027, 1, 2)


def ours(on: date, amount: int = 100, reference: str = "QN1", outcome: str = "pending") -> Item:
    return Item(on, f"ours-{reference}-{on}", outcome, reference, amount, 0)


def theirs(on: date, amount: int = 100, reference: str = "QN1", outcome: str = "wrong_day") -> Item:
    return Item(on, f"theirs-{reference}-{on}", outcome, reference, 0, amount)


def month(*rows: Item, brought: tuple[Item, ...] = (), decided: dict[Item, str] | None = None, **more: object) -> Roll:
    standing = {item.key for item in (*rows, *brought)}
    kinds = {item.key: kind for item, kind in (decided or {}).items()}
    return roll(Month(brought, rows, standing, kinds, **more))  # type: ignore[arg-type]  # earlier only


def fates(rolled: Roll) -> list[tuple[str, str, str]]:
    return [(one.origin, one.fate, one.how) for one in rolled.items]


@pytest.mark.unit
def test_paid_on_the_eve_and_settled_in_the_new_year_is_carried_once_and_counted_once() -> None:
    december = month(ours(EVE))
    assert december.tally(fate="carried") == Tally(1, 100)
    january = month(theirs(SATURDAY), brought=(ours(EVE),))
    assert fates(january) == [("brought_in", "solved", "counterpart"), ("new", "half", "counterpart")]
    assert january.tally(origin="new") == january.tally(fate="carried") == Tally(0, 0)


@pytest.mark.unit
def test_both_halves_in_one_month_are_one_item_that_is_new_and_solved() -> None:
    found = month(ours(date(2026, 12, 3)), theirs(date(2026, 12, 4)))
    assert (found.tally(origin="new"), found.tally(fate="solved")) == (Tally(1, 100), Tally(1, 100))


@pytest.mark.unit
def test_a_half_whose_first_was_accepted_in_a_closed_month_is_no_new_item() -> None:
    assert fates(month(theirs(SATURDAY), earlier=(ours(EVE),))) == [("new", "half", "counterpart")]


@pytest.mark.unit
def test_another_amount_or_reference_is_another_item() -> None:
    for other in (theirs(SATURDAY, 101), theirs(SATURDAY, reference="QN2"), theirs(EVE)):
        assert month(other, brought=(ours(EVE),)).tally(fate="carried").count == 2


@pytest.mark.unit
def test_a_duplicate_that_the_bank_takes_back_later_is_solved() -> None:
    duplicate = theirs(EVE, outcome="duplicate")
    taken_back = Item(SATURDAY, "back", "returned_transfer", "QN1", 0, -100)
    assert fates(month(taken_back, brought=(duplicate,))) == [("brought_in", "solved", "counterpart")]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        ("accept", "solved"),
        ("write_off", "solved"),
        ("refund", "solved"),
        ("enquire", "carried"),
        ("move_day", "carried"),
    ],
)
def test_a_question_or_a_move_leaves_an_item_open_and_the_other_decisions_end_it(kind: str, fate: str) -> None:
    one = theirs(EVE, outcome="missing_with_us")
    assert [found.fate for found in month(one, decided={one: kind}).items] == [fate]


@pytest.mark.unit
def test_an_item_that_a_newer_version_no_longer_has_is_solved_by_that_correction() -> None:
    assert fates(roll(Month([ours(EVE)], [], [], {}))) == [("brought_in", "solved", "correction")]


_items = st.builds(
    lambda day, number, reference, our, their, outcome: Item(
        date(2027, 1, 1) + timedelta(days=day), f"k{number}", outcome, reference, our, their
    ),
    st.integers(0, 30),
    st.integers(0, 10**6),
    st.sampled_from(["", "QN1", "QN2"]),
    st.sampled_from([0, 100, 200]),
    st.sampled_from([0, 100, 200]),
    st.sampled_from(sorted(ITEMS) + ["expected_difference", "bank_charge"]),
)
_unique = st.lists(_items, max_size=12, unique_by=lambda item: item.row_key)


@pytest.mark.property
@given(_unique, st.data())
def test_brought_in_and_new_less_solved_is_carried_out_in_count_and_amount(
    rows: list[Item], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    brought = [
        Item(date(2026, 12, 31), one.row_key, "pending", one.reference, one.our_amount, one.their_amount)
        for one in rows[:cut]
    ]
    mine = rows[cut:]
    every = [*brought, *mine]
    standing = {one.key for one in data.draw(st.lists(st.sampled_from(every), unique=True))} if every else set()
    decided = {
        one.key: data.draw(st.sampled_from(["accept", "enquire", "move_day", "write_off"]))
        for one in every
        if one.key in standing and data.draw(st.booleans())
    }
    found = roll(Month(brought, mine, standing, decided))
    came, left = [found.tally(origin=name) for name in ("brought_in", "new")], found.tally(fate="carried")
    solved = found.tally(fate="solved")
    assert came[0].count + came[1].count - solved.count == left.count
    assert came[0].amount + came[1].amount - solved.amount == left.amount
    assert came[0] == Tally(len(brought), sum(one.amount for one in brought)), "what was carried out is brought in"
    halves = [one for one in found.items if one.fate == "half"]
    listed = [one for one in mine if one.outcome in ITEMS]
    assert came[1].count + len(halves) == len(listed), "every row is an item or a half, once"
    assert all(one.item.key in standing for one in found.items if one.fate == "carried")
    shuffled = data.draw(st.permutations(mine))
    assert roll(Month(list(reversed(brought)), shuffled, standing, decided)) == found
