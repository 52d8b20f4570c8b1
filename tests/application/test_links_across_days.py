"""A link joins money of two days: the row on the other day is dealt with by it, and free again once it is undone."""

from __future__ import annotations

import pytest

from gateway.application import breaks, days, unidentified
from gateway.application.breaks import BreakState, Decision
from gateway.errors import Conflict
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.application.test_one_use import BANK, LATER, WEDNESDAY, across, decide, wednesday
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services


def linked(office: Office) -> tuple[int, int]:
    """The decision on Monday's row, and Wednesday's entry."""
    entry = across(office)
    return decide(office, office.only_row(), Decision.LINK, entries=[entry]), entry


def test_the_row_of_the_other_day_is_decided_by_the_link_and_waits_for_nobody(office: Office) -> None:
    linked(office)
    row = wednesday(office)
    assert (row.state, row.decision, row.decided_by) == (BreakState.DECIDED, Decision.LINK, "an")
    assert unidentified.queue(office.desk, office.an).items == ()
    for day in (WEDNESDAY, MONDAY):
        days.propose(office.desk, office.an, BANK, day)
        days.approve(office.desk, office.binh, BANK, day)
        assert verify(office.conn, office.partners[BANK], day)


@pytest.mark.parametrize("on", [MONDAY, WEDNESDAY])
def test_undoing_the_link_on_either_day_frees_both_rows(office: Office, on: object) -> None:
    linked(office)
    rows = {MONDAY: office.only_row(), WEDNESDAY: wednesday(office)}
    view = breaks.break_of(office.desk, office.an, BANK, on, rows[on].row_key)  # type: ignore[arg-type,index]
    breaks.undo(office.desk, office.an, view.decisions[-1].decision_pk, reason="nhầm")
    assert (office.only_row().state, wednesday(office).state) == (BreakState.OPEN, BreakState.OPEN)
    (item,) = unidentified.queue(office.desk, office.an).items
    assert (item.on, item.amount) == (WEDNESDAY, 60_000)


def test_a_link_of_a_day_that_was_proposed_is_undone_once_that_day_takes_decisions(office: Office) -> None:
    pk, _ = linked(office)
    days.propose(office.desk, office.an, BANK, WEDNESDAY)
    with pytest.raises(Conflict) as closed:
        breaks.undo(office.desk, office.an, pk, reason="nhầm")
    assert closed.value.code == "decision-day-closed"
    assert office.only_row().state is BreakState.DECIDED
    days.reject(office.desk, office.binh, BANK, WEDNESDAY, reason="xem lại")
    breaks.undo(office.desk, office.an, pk, reason="nhầm")
    assert wednesday(office).state is BreakState.OPEN


def test_a_row_that_is_asked_about_on_a_proposed_day_is_not_linked_behind_its_back(office: Office) -> None:
    entry = across(office)
    decide(office, wednesday(office), Decision.ENQUIRE, question="Ai nộp?")
    days.propose(office.desk, office.an, BANK, WEDNESDAY)
    with pytest.raises(Conflict) as closed:
        decide(office, office.only_row(), Decision.LINK, entries=[entry])
    assert (closed.value.code, closed.value.case) == ("link-not-possible", "closed")
    assert closed.value.facts["other"] == WEDNESDAY


def test_a_link_is_undone_although_the_other_days_row_is_another_one_now(office: Office) -> None:
    pk, entry = linked(office)
    office.pay(office.owe(60_000), 60_000, "FT77", paid_at=LATER.replace(day=25))
    office.later(days=3)
    assert office.judge(on=WEDNESDAY, now=LATER.replace(hour=5)).changed
    assert [row for row in office.rows_of_day(on=WEDNESDAY) if row.decision is Decision.LINK] == []
    breaks.undo(office.desk, office.an, pk, reason="nhầm")
    assert office.one("SELECT gateway.entry_use(%s)", entry) == "matched"
    assert office.only_row().state is BreakState.OPEN
