"""Whose day moved money is, on plain moves: every piece of money stands on one day for everybody else."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reconciliation.moves import Move, Moves, redated
from gateway.reconciliation.queries import NEAR_OURS, OURS, THEIRS

FIRST = date(2026, 11, 23)
DAYS = [FIRST + timedelta(days=number) for number in range(6)]


def move(number: int, from_on: date, to_on: date, *payments: int) -> Move:
    return Move(number, from_on, to_on, f"k{number}", payments, (), ())


@pytest.mark.unit
def test_the_day_that_money_left_has_it_the_day_between_too_and_others_find_it_at_the_end() -> None:
    chain = (move(1, DAYS[0], DAYS[1], 7), move(2, DAYS[1], DAYS[2], 7))
    found = [Moves(day, chain).dates().get(("payment", 7), DAYS[0]) for day in DAYS[:4]]
    assert found == [DAYS[0], DAYS[1], DAYS[2], DAYS[2]]
    assert Moves(DAYS[0], chain, away=True).dates() == {("payment", 7): DAYS[2]}
    assert Moves(DAYS[1], chain, away=True).dates() == {("payment", 7): DAYS[2]}


@pytest.mark.unit
def test_a_query_is_what_it_was_where_nothing_was_moved() -> None:
    for query in (OURS, THEIRS, NEAR_OURS):
        assert redated(query, Moves(FIRST).values()) is query
    values = Moves(DAYS[1], (move(1, DAYS[0], DAYS[1], 7),)).values()
    assert values["moved_payment"] == [7]
    assert values["payment_on"] == [DAYS[1]]
    dated = redated(OURS, values)
    assert "gateway.payment_request" in dated
    tables = len(re.findall(r"gateway\.payment\b", OURS)) - 1  # a refund's payment is looked up by its number
    assert dated.count("FROM gateway.payment t JOIN") == tables
    assert dated.count("moved_payment") == 3 * tables


@st.composite
def chains(draw: st.DrawFn) -> list[Move]:
    """Money of the first days moved on and on, never back to where it was."""
    found: list[Move] = []
    for payment in range(draw(st.integers(0, 4))):
        way = draw(st.permutations(DAYS))[: draw(st.integers(2, 4))]
        found += [move(len(found) + number, start, end, payment) for number, (start, end) in enumerate(pairwise(way))]
    return found


@pytest.mark.property
@given(chains())
def test_all_days_together_hold_moved_money_once_more_per_move_and_once_without_what_left(known: list[Move]) -> None:
    """Each day has what was booked on it and what came; without what left each piece is on exactly one day."""
    booked = {payment: one.from_on for one in reversed(known) for payment in one.payment_pks}
    held, left = [], []
    for day in DAYS:
        moves = Moves(day, tuple(known))
        dates = moves.dates()
        mine = [pk for pk, on in booked.items() if dates.get(("payment", pk), on) == day]
        held += [(day, pk) for pk in mine if any(one.to_on == day or one.from_on == day for one in known
                                                 if pk in one.payment_pks) or booked[pk] == day]  # fmt: skip
        left += [(day, pk) for one in moves.out for pk in one.payment_pks]
        assert sorted(mine) == sorted({pk for one in (*moves.into, *moves.out) for pk in one.payment_pks})
    assert len(set(held)) == len(held) == len(booked) + len(known)
    ends = sorted(set(held) - set(left))
    assert sorted(pk for _, pk in ends) == sorted(booked), "once"
