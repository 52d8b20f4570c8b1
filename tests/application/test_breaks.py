"""What people decide about breaks: appended, in force or undone, one at a time or a frozen list at once."""

from __future__ import annotations

import pytest

from gateway.application import breaks
from gateway.application.breaks import BreakState, Decision
from gateway.errors import Conflict, Forbidden
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services


def test_an_accepted_break_is_no_longer_open_and_its_history_tells_who_and_why(office: Office) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    assert (row.outcome, row.amount, row.state) == ("underpaid", 70_000, BreakState.OPEN)
    pk = breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="người nộp sẽ nộp thêm")
    after = office.only_row()
    assert (after.state, after.decision, after.decided_by) == (BreakState.DECIDED, Decision.ACCEPT, "an")
    (told,) = breaks.history(office.desk, office.an, "bank-a", MONDAY, row.row_key)
    assert (told.decision_pk, told.reason, told.by_user, told.version, told.in_force) == (
        pk, "người nộp sẽ nộp thêm", "an", 1, True,
    )  # fmt: skip


def test_undo_is_another_decision_and_opens_the_break_again(office: Office) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    pk = breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="nhầm")
    breaks.undo(office.desk, office.an, pk, reason="nhầm dòng")
    assert office.only_row().state is BreakState.OPEN
    told = breaks.history(office.desk, office.an, "bank-a", MONDAY, row.row_key)
    assert [(one.kind, one.about, one.in_force) for one in told] == [("accept", None, False), ("undo", pk, False)]
    with pytest.raises(Conflict) as again:
        breaks.undo(office.desk, office.an, pk, reason="lần nữa")
    assert again.value.code == "decision-not-in-force"


def test_somebody_else_decided_first(office: Office) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="lý do một")
    with pytest.raises(Conflict) as late:
        breaks.decide(office.desk, office.person("ba"), row.target, Decision.ACCEPT, reason="lý do hai")
    assert late.value.code == "break-decided-already"
    assert [problem.message for problem in late.value.problems] == ["an: lý do một"]


def test_a_viewer_decides_nothing(office: Office) -> None:
    office.short()
    office.settle_day()
    with pytest.raises(Forbidden) as refused:
        breaks.decide(office.desk, office.person("vy"), office.only_row().target, Decision.ACCEPT, reason="x")
    assert refused.value.code == "act-not-allowed"
