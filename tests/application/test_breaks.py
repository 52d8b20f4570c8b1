"""What people decide about breaks: appended, in force or undone, one at a time or a frozen list at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from gateway.application import breaks, roles
from gateway.application.breaks import BreakState, Decision
from gateway.application.desk import Desk
from gateway.errors import Conflict, Forbidden, NotFound
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
ACCEPT = Decision.ACCEPT


def test_an_accepted_break_is_no_longer_open_and_its_history_tells_who_and_why(office: Office) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    assert (row.outcome, row.amount, row.state) == ("underpaid", 30_000, BreakState.OPEN)
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


def test_a_page_of_breaks_goes_on_where_the_last_one_ended(office: Office) -> None:
    for _ in range(5):
        office.short()
    office.settled()
    office.settle_day()
    first = breaks.breaks_of(office.desk, office.an, "bank-a", MONDAY, limit=3)
    rest = breaks.breaks_of(office.desk, office.an, "bank-a", MONDAY, limit=3, after=first.next_after or 0)
    assert (len(first.rows), len(rest.rows), rest.next_after) == (3, 2, None)
    assert (first.count, first.amount) == (rest.count, rest.amount) == (5, 150_000)
    assert [row.row_no for row in (*first.rows, *rest.rows)] == [1, 2, 3, 4, 5]


def test_breaks_are_filtered_by_outcome_state_and_text(office: Office) -> None:
    reference = office.short()
    office.line(5_000, text="NOP TIEN KHONG RO")
    office.settle_day()
    assert {row.outcome for row in office.rows_of_day(outcome="underpaid")} == {"underpaid"}
    assert [row.reference for row in office.rows_of_day(text=reference.lower())] == [reference]
    assert office.rows_of_day(text="100%") == ()
    breaks.decide(office.desk, office.an, office.rows_of_day(outcome="underpaid")[0].target, ACCEPT, reason="đã xem")
    assert [row.outcome for row in office.rows_of_day(state="decided")] == ["underpaid"]
    assert "underpaid" not in {row.outcome for row in office.rows_of_day(state="open")}


def test_one_break_shows_both_sides_field_by_field_and_no_whole_account(office: Office) -> None:
    reference = office.short()
    office.settle_day()
    found = breaks.break_of(office.desk, office.an, "bank-a", MONDAY, 1)
    assert found.row.target == office.only_row().target
    (payment,), (entry,) = found.payments, found.entries
    assert (payment.reference, payment.amount, entry.tokens, entry.amount) == (reference, 70_000, reference, 70_000)
    assert payment.account == entry.account == "•••0101"
    assert {pair.name: pair.differs for pair in found.fields}["reference"] is False
    assert [(one.owed, one.paid) for one in found.dossiers] == [(100_000, 70_000)]
    assert Decision.ACCEPT in found.may
    assert breaks.break_of(office.desk, office.person("vy"), "bank-a", MONDAY, 1).may == frozenset()
    with pytest.raises(NotFound) as unknown:
        breaks.break_of(office.desk, office.an, "bank-a", MONDAY, 99)
    assert unknown.value.code == "break-unknown"


def test_accounts_that_the_engine_wrote_are_shown_and_found_in_the_style_of_the_pages(office: Office) -> None:
    reference = office.owe(100_000, procedure_code="1.004199")
    office.pay(reference, 100_000)
    office.line(100_000, reference)
    office.line(1, account="1120000000202", text="NHAP LAI")
    office.settle_day()
    stored = office.conn.execute("SELECT our_value FROM gateway.recon_row WHERE outcome = 'wrong_account'").fetchone()
    assert stored == ("…0202",)  # sealed bytes: they must come out the same when the day is judged again
    (row,) = office.rows_of_day(outcome="wrong_account")
    assert (row.our_value, row.their_value) == ("•••0202", "•••0101")
    assert [one.row_key for one in office.rows_of_day(text="•••0202")] == [row.row_key]
    told = repr(breaks.break_of(office.desk, office.an, "bank-a", MONDAY, row.row_key))
    assert "…0" not in told


def test_a_stale_decision_saves_nothing_and_says_what_changed(office: Office) -> None:
    late = office.owe(50_000)
    office.pay(late, 50_000)
    office.settled()
    office.settle_day()
    seen = office.only_row()
    office.line(50_000, late)
    office.load()
    assert office.judge().version == 2
    with pytest.raises(Conflict) as stale:
        breaks.decide(office.desk, office.an, seen.target, ACCEPT, reason="người nộp sẽ nộp thêm")
    assert stale.value.code == "decision-stale"
    changed = {problem.key: problem.message for problem in stale.value.problems}
    assert changed["outcome"] == "missing_at_partner → matched"
    assert changed["their_amount"] == "0 → 50000"
    assert office.rows("SELECT 1 FROM gateway.break_decision") == []


def test_a_decision_survives_a_new_version_that_says_the_same_of_its_row(office: Office) -> None:
    office.short()
    late = office.owe(50_000)
    office.pay(late, 50_000)
    office.settle_day()
    row = office.rows_of_day(outcome="underpaid")[0]
    breaks.decide(office.desk, office.an, row.target, ACCEPT, reason="người nộp sẽ nộp thêm")
    office.line(50_000, late)
    office.load()
    assert office.judge().version == 2
    after = office.only_row()
    assert (after.target.version, after.row_key, after.state) == (2, row.row_key, BreakState.DECIDED)


def test_a_decision_needs_a_reason_and_a_row_of_the_day(office: Office) -> None:
    office.short()
    office.settle_day()
    target = office.only_row().target
    with pytest.raises(Conflict) as silent:
        breaks.decide(office.desk, office.an, target, ACCEPT, reason="  ")
    assert silent.value.code == "reason-missing"
    with pytest.raises(NotFound) as unknown:
        breaks.decide(office.desk, office.an, replace(target, row_key="0" * 32), ACCEPT, reason="x")
    assert unknown.value.code == "break-unknown"
    with pytest.raises(NotFound) as no_day:
        breaks.decide(office.desk, office.an, replace(target, business_on=date(2020, 1, 1)), ACCEPT, reason="x")
    assert no_day.value.code == "day-unknown"


def test_a_small_difference_is_written_off_by_one_person_a_larger_one_by_two(office: Office) -> None:
    office.short(60_000, 40_000)
    office.short(500_000, 400_000)
    office.short(9_000_000, 3_000_000)
    office.settle_day()
    small, middle, large = sorted(office.rows_of_day(), key=lambda row: row.amount)
    breaks.decide(office.desk, office.an, small.target, Decision.WRITE_OFF, reason="lệch nhỏ")
    pk = breaks.decide(office.desk, office.an, middle.target, Decision.WRITE_OFF, reason="lệch")
    states = {row.row_key: row.state for row in office.rows_of_day()}
    assert (states[small.row_key], states[middle.row_key]) == (BreakState.DECIDED, BreakState.WAITING)
    with pytest.raises(Forbidden) as too_much:
        breaks.decide(office.desk, office.an, large.target, Decision.WRITE_OFF, reason="lệch lớn")
    assert too_much.value.code == "write-off-limit"
    breaks.confirm(office.desk, office.binh, pk, reason="đồng ý")
    (told, _) = breaks.history(office.desk, office.an, "bank-a", MONDAY, middle.row_key)
    assert (told.confirmed_by, told.in_force) == ("binh", True)
    with pytest.raises(Conflict) as twice:
        breaks.confirm(office.desk, office.binh, pk, reason="đồng ý")
    assert twice.value.code == "decision-not-in-force"


def test_nobody_confirms_the_own_write_off(office: Office) -> None:
    office.short(500_000, 400_000)
    office.settle_day()
    chi = office.person("chi")  # maker and checker in one person
    pk = breaks.decide(office.desk, chi, office.only_row().target, Decision.WRITE_OFF, reason="lệch")
    with pytest.raises(Forbidden) as refused:
        breaks.confirm(office.desk, chi, pk, reason="đồng ý")
    assert refused.value.code == "same-person"


def test_a_row_is_moved_to_another_open_day_only(office: Office) -> None:
    office.short()
    office.settle_day()
    target = office.only_row().target
    for to in (MONDAY, date(2027, 3, 1)):
        with pytest.raises(Conflict) as refused:
            breaks.decide(office.desk, office.an, target, Decision.MOVE_DAY, reason="sai ngày", to=to)
        assert refused.value.code == "move-not-possible"
    with pytest.raises(Conflict) as unreadable:
        breaks.decide(office.desk, office.an, target, Decision.MOVE_DAY, reason="sai ngày", to="mai")
    assert unreadable.value.code == "decision-incomplete"
    breaks.decide(office.desk, office.an, target, Decision.MOVE_DAY, reason="sai ngày", to="2026-11-24")
    assert office.only_row().decision is Decision.MOVE_DAY


def test_a_bulk_decision_is_about_the_whole_frozen_list(office: Office) -> None:
    for _ in range(3):
        office.short()
    office.settle_day()
    frozen = breaks.freeze(office.rows_of_day())
    made = breaks.decide_many(office.desk, office.an, frozen, ACCEPT, reason="đã xem cả ba")
    assert (frozen.count, frozen.amount, len(made)) == (3, 90_000, 3)
    assert {row.state for row in office.rows_of_day()} == {BreakState.DECIDED}
    assert office.one("SELECT count, amount, kind FROM gateway.decision_batch") == (3, 90_000, "accept")


def test_a_bulk_decision_saves_nothing_where_one_of_its_rows_cannot_be_decided(office: Office) -> None:
    for _ in range(3):
        office.short()
    office.settle_day()
    rows = office.rows_of_day()
    breaks.decide(office.desk, office.an, rows[1].target, ACCEPT, reason="trước")
    with pytest.raises(Conflict) as decided:
        breaks.decide_many(office.desk, office.person("ba"), breaks.freeze(rows), ACCEPT, reason="cả ba")
    assert decided.value.code == "break-decided-already"
    frozen = breaks.freeze(rows[:1])
    for wrong in (replace(frozen, count=2), replace(frozen, amount=1)):
        with pytest.raises(Conflict) as changed:
            breaks.decide_many(office.desk, office.an, wrong, ACCEPT, reason="khác")
        assert changed.value.code == "batch-changed"
    with pytest.raises(Conflict) as single:
        breaks.decide_many(office.desk, office.an, frozen, Decision.ATTRIBUTE, reason="gán")
    assert single.value.code == "not-in-bulk"
    assert office.one("SELECT count(*) FROM gateway.break_decision") == 1
    assert office.one("SELECT count(*) FROM gateway.decision_batch") == 0


def test_of_two_people_who_decide_at_once_one_wins(office: Office) -> None:
    office.short()
    office.settle_day()
    target = office.only_row().target
    other = office.another_desk()
    ready = threading.Barrier(2)

    def decide(desk: Desk, user: str) -> str:
        person = roles.person_of(desk, user)
        ready.wait(10)
        try:
            breaks.decide(desk, person, target, ACCEPT, reason=user)
        except Conflict as error:
            return error.code
        return "decided"

    with ThreadPoolExecutor(2) as pool, other.connection:
        ends = sorted(pool.map(decide, (office.desk, other), ("an", "ba")))
    assert ends == ["break-decided-already", "decided"]


def test_what_is_in_question_is_what_differs_not_all_that_was_paid(office: Office) -> None:
    """Of 100.000 đ paid with 70.000 đ, 30.000 đ; of 50.000 đ paid with 60.000 đ, 10.000 đ; alike in list and total."""
    office.short(100_000, 70_000)
    office.short(50_000, 60_000)
    office.settle_day()
    page = breaks.breaks_of(office.desk, office.an, "bank-a", MONDAY)
    assert {row.outcome: row.amount for row in page.rows} == {"underpaid": 30_000, "overpaid": 10_000}
    assert page.amount == 40_000
    frozen = breaks.open_breaks(office.desk, office.an, "bank-a", MONDAY)
    assert frozen.amount == 40_000
    breaks.decide_many(office.desk, office.an, frozen, Decision.WRITE_OFF, reason="lệch nhỏ")
    assert {row.state for row in office.rows_of_day()} == {BreakState.DECIDED}


def test_a_second_payment_of_a_full_fee_is_in_question_whole(office: Office) -> None:
    reference = office.settled(100_000)
    office.pay(reference, 100_000)
    office.line(100_000, reference)
    office.settle_day()
    assert {(row.outcome, row.amount) for row in office.rows_of_day()} == {("duplicate", 100_000)}
