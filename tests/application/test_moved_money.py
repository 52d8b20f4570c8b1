"""Money that people move to another day is judged there, once; the day that it leaves stays as it was."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest

from gateway.application import breaks, days, reports
from gateway.application.breaks import BreakRow, BreakState, Decision
from gateway.errors import Conflict
from gateway.reconciliation.due import days_moved, days_to_reconcile
from gateway.reports import verification
from gateway.reports.day import write_day_reports
from gateway.reports.day_minutes import day_minutes
from gateway.reports.minutes import as_data
from gateway.reports.rows import head
from tests.application.moving import (
    BANK,
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    background,
    bytes_of,
    closes,
    judged,
    loaded,
    move,
    paid_late,
    rejudged,
    row,
    tick,
    told_late,
    undo,
    verified,
)
from tests.application.office import Office

pytestmark = pytest.mark.services


@pytest.fixture
def late(office: Office) -> Office:
    """A payment of Monday that the bank has on Tuesday; both days are judged, and each names its half."""
    background(office, MONDAY)
    loaded(office, MONDAY)
    paid_late(office)
    background(office, TUESDAY)
    loaded(office, TUESDAY)
    judged(office, MONDAY)
    return office


def test_a_payment_of_a_wrong_day_is_moved_and_matches_while_the_day_it_left_keeps_its_bytes(late: Office) -> None:
    before = bytes_of(late, MONDAY)
    half = row(late, MONDAY, "wrong_day")
    assert row(late, TUESDAY, "wrong_day").their_amount == 100_000
    move(late, half, TUESDAY)
    assert verified(late, MONDAY, TUESDAY)
    assert rejudged(late) == [TUESDAY]
    assert late.rows_of_day(BANK, TUESDAY) == (), "both halves match"
    moved = [found for found in late.found(BANK, TUESDAY) if found["our_amount"] == 100_000]
    assert [(one["outcome"], one["reason"]) for one in moved] == [
        ("matched", "Khớp mã, số tiền, tài khoản; chuyển từ ngày 23/11/2026")
    ]
    assert not judged(late, MONDAY).changed
    assert bytes_of(late, MONDAY) == before
    assert row(late, MONDAY, "wrong_day").state is BreakState.DECIDED
    assert verified(late, MONDAY, TUESDAY)
    assert closes(late, MONDAY, TUESDAY)
    seen = days.day(late.desk, late.an, BANK, TUESDAY)
    assert (seen.came, seen.own, seen.theirs) == ((100_000, 0), (40_000, 140_000), 140_000)
    (here,), (away,) = seen.moved_here, days.day(late.desk, late.an, BANK, MONDAY).moved_away
    assert here == away
    assert (here.judged, here.matched, here.row_key) == (True, True, half.row_key)


def test_the_reports_of_both_days_say_what_came_what_went_and_what_the_statement_has(
    late: Office, tmp_path: Path
) -> None:
    bank = late.partners[BANK]
    move(late, row(late, MONDAY, "wrong_day"), TUESDAY)
    rejudged(late)
    with late.conn.transaction():
        files = {on: write_day_reports(late.conn, bank, on, tmp_path / str(on)) for on in (MONDAY, TUESDAY)}
        bridge = as_data(day_minutes(late.conn, bank, head(late.conn, bank, TUESDAY)))["bridge"]
    told = {on: next(one for one in made if one.suffix == ".csv").read_text("utf-8-sig") for on, made in files.items()}
    assert "Trong đó đã chuyển sang ngày 24/11/2026,1,100.000 đ,0 đ,-100.000 đ" in told[MONDAY]
    assert "Trong đó chuyển từ ngày 23/11/2026 đến,1,100.000 đ,0 đ,-100.000 đ" in told[TUESDAY]
    assert "Của riêng ngày này (theo sao kê),2,40.000 đ,140.000 đ,100.000 đ" in told[TUESDAY]
    assert isinstance(bridge, list)
    assert bridge[-2:] == [
        ["Trong đó chuyển từ ngày 23/11/2026 đến (hệ thống 100.000, đối tác 0)", "1", ""],
        ["Tổng đối tác theo sao kê của ngày", "", "140.000"],
    ]


def test_an_entry_is_moved_back_to_the_day_of_its_payment_just_as_well(late: Office) -> None:
    half = row(late, TUESDAY, "wrong_day")
    before = bytes_of(late, TUESDAY)
    move(late, half, MONDAY)
    assert rejudged(late) == [MONDAY]
    assert late.rows_of_day(BANK, MONDAY) == ()
    assert not judged(late, TUESDAY).changed
    assert bytes_of(late, TUESDAY) == before
    assert verified(late, MONDAY, TUESDAY)
    assert closes(late, MONDAY, TUESDAY)


def test_an_undone_move_takes_the_money_out_of_the_other_day_again(late: Office) -> None:
    tuesday = bytes_of(late, TUESDAY)
    pk = move(late, row(late, MONDAY, "wrong_day"), TUESDAY)
    undo(late, pk)
    assert rejudged(late) == [], "nothing was judged with it yet"
    pk = move(late, row(late, MONDAY, "wrong_day"), TUESDAY)
    rejudged(late)
    undo(late, pk)
    assert verified(late, MONDAY, TUESDAY), "as it was judged, before it is judged anew"
    assert rejudged(late) == [TUESDAY]
    assert bytes_of(late, TUESDAY) == (3, tuesday[1])
    assert row(late, MONDAY, "wrong_day").state is BreakState.OPEN
    assert verified(late, MONDAY, TUESDAY)


def test_money_that_is_a_break_again_is_moved_on_and_the_day_between_keeps_its_row(office: Office) -> None:
    for on in (MONDAY, TUESDAY, WEDNESDAY):
        background(office, on)
    paid_late(office, booked=WEDNESDAY)
    for on in (MONDAY, TUESDAY, WEDNESDAY):
        loaded(office, on)
    judged(office, MONDAY)
    first = move(office, row(office, MONDAY, "wrong_day"), TUESDAY)
    rejudged(office)
    again = row(office, TUESDAY, "wrong_day")
    assert again.reason.endswith("; chuyển từ ngày 23/11/2026")
    (monday,) = breaks.break_of(office.desk, office.an, BANK, MONDAY, 1).moved_to
    assert (monday.judged, monday.matched, monday.here_keys) == (True, False, (again.row_key,))
    assert breaks.break_of(office.desk, office.an, BANK, TUESDAY, again.row_key).moved_from == (monday,)
    with pytest.raises(Conflict) as back:
        move(office, again, MONDAY)
    assert back.value.code == "move-not-possible"
    move(office, again, WEDNESDAY)
    between = bytes_of(office, TUESDAY)
    assert rejudged(office) == [WEDNESDAY]
    assert office.rows_of_day(BANK, WEDNESDAY) == ()
    assert not judged(office, TUESDAY).changed
    assert bytes_of(office, TUESDAY) == between
    assert verified(office, MONDAY, TUESDAY, WEDNESDAY)
    assert closes(office, MONDAY, TUESDAY, WEDNESDAY)
    with pytest.raises(Conflict) as built_on:
        undo(office, first)
    assert built_on.value.code == "undo-not-possible"


def test_other_days_find_moved_money_where_it_was_moved_to(office: Office) -> None:
    for on in (MONDAY, TUESDAY, WEDNESDAY):
        background(office, on)
    paid_late(office, booked=WEDNESDAY)
    for on in (MONDAY, TUESDAY, WEDNESDAY):
        loaded(office, on)
    judged(office, MONDAY)
    (near,) = breaks.break_of(office.desk, office.an, BANK, WEDNESDAY, 1).candidates
    assert near["on"] == MONDAY
    move(office, row(office, MONDAY, "wrong_day"), TUESDAY)
    rejudged(office)
    assert judged(office, WEDNESDAY).changed
    (near,) = breaks.break_of(office.desk, office.an, BANK, WEDNESDAY, 1).candidates
    assert near["on"] == TUESDAY
    assert verified(office, MONDAY, TUESDAY, WEDNESDAY)


def test_what_was_moved_away_stays_as_it_was_decided_when_newer_evidence_comes(office: Office) -> None:
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    background(office, MONDAY)
    loaded(office, MONDAY)
    background(office, TUESDAY)
    loaded(office, TUESDAY)
    missing = row(office, MONDAY, "missing_at_partner")
    pk = move(office, missing, TUESDAY)
    rejudged(office)
    office.line(100_000, reference, on=MONDAY)
    assert told_late(office, MONDAY).version == 2
    kept = row(office, MONDAY, "missing_at_partner")
    assert (kept.row_key, kept.state) == (missing.row_key, BreakState.DECIDED)
    assert row(office, MONDAY, "wrong_day").their_amount == 100_000, "a person sees the late line"
    assert verified(office, MONDAY, TUESDAY)
    assert closes(office, MONDAY, TUESDAY)
    undo(office, pk)
    assert rejudged(office) == [MONDAY, TUESDAY]
    assert office.rows_of_day(BANK, MONDAY) == office.rows_of_day(BANK, TUESDAY) == ()
    assert verified(office, MONDAY, TUESDAY)


def test_a_day_without_a_statement_waits_for_its_moved_money(office: Office) -> None:
    paid_late(office, booked=THURSDAY)
    lines, office.accounts = office.accounts, {}
    background(office, MONDAY)
    loaded(office, MONDAY)
    move(office, row(office, MONDAY, "missing_at_partner"), THURSDAY)
    assert rejudged(office) == []
    office.accounts = lines
    loaded(office, THURSDAY)
    assert office.rows_of_day(BANK, THURSDAY) == ()
    assert closes(office, MONDAY, THURSDAY)


def test_a_frozen_list_is_moved_whole_and_lands_whole(office: Office) -> None:
    for amount in (100_000, 200_000, 300_000):
        paid_late(office, amount)
    background(office, MONDAY)
    background(office, TUESDAY)
    loaded(office, MONDAY)
    loaded(office, TUESDAY)
    judged(office, MONDAY)
    frozen = breaks.open_breaks(office.desk, office.an, BANK, MONDAY)
    assert (frozen.count, frozen.amount) == (3, 600_000)
    breaks.decide_many(office.desk, office.an, frozen, Decision.MOVE_DAY, reason="ghi nhầm ngày", to=TUESDAY)
    assert rejudged(office) == [TUESDAY]
    assert office.rows_of_day(BANK, TUESDAY) == ()
    assert len(days.day(office.desk, office.an, BANK, TUESDAY).moved_here) == 3
    assert verified(office, MONDAY, TUESDAY)
    assert closes(office, MONDAY, TUESDAY)


def test_nobody_proposes_a_day_before_it_is_judged_with_what_was_moved_to_it(late: Office) -> None:
    breaks.decide(late.desk, late.an, row(late, TUESDAY, "wrong_day").target, Decision.ACCEPT, reason="đã xem")
    pk = move(late, row(late, MONDAY, "wrong_day"), TUESDAY)
    assert days.day(late.desk, late.an, BANK, TUESDAY).moves_waiting == 1
    with pytest.raises(Conflict) as waiting:
        days.propose(late.desk, late.an, BANK, TUESDAY)
    assert waiting.value.code == "moves-not-judged"
    rejudged(late)
    days.propose(late.desk, late.an, BANK, TUESDAY)
    with pytest.raises(Conflict) as proposed:
        undo(late, pk)
    assert proposed.value.code == "undo-not-possible"
    days.approve(late.desk, late.binh, BANK, TUESDAY)
    with pytest.raises(Conflict) as approved:
        undo(late, pk)
    assert approved.value.code == "undo-not-possible"
    days.reopen(late.desk, late.binh, BANK, TUESDAY, reason="xem lại")
    assert verified(late, MONDAY, TUESDAY)
    undo(late, pk)
    assert rejudged(late) == [TUESDAY]
    assert row(late, TUESDAY, "wrong_day").their_amount == 100_000


def test_money_is_not_moved_to_a_day_that_people_have_agreed_on(late: Office) -> None:
    breaks.decide(late.desk, late.an, row(late, TUESDAY, "wrong_day").target, Decision.ACCEPT, reason="đã xem")
    days.propose(late.desk, late.an, BANK, TUESDAY)
    with pytest.raises(Conflict) as closed:
        move(late, row(late, MONDAY, "wrong_day"), TUESDAY)
    assert closed.value.code == "move-not-possible"
    assert late.one("SELECT count(*) FROM gateway.money_move") == 0
    assert row(late, MONDAY, "wrong_day").state is BreakState.OPEN


def test_money_that_is_decided_on_the_other_day_does_not_come_back(office: Office) -> None:
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    background(office, MONDAY)
    background(office, TUESDAY)
    loaded(office, MONDAY)
    loaded(office, TUESDAY)
    pk = move(office, row(office, MONDAY, "missing_at_partner"), TUESDAY)
    rejudged(office)
    accepted = breaks.decide(
        office.desk, office.an, row(office, TUESDAY, "missing_at_partner").target, Decision.ACCEPT, reason="đã rõ"
    )
    with pytest.raises(Conflict) as decided:
        undo(office, pk)
    assert decided.value.code == "undo-not-possible"
    undo(office, accepted)
    undo(office, pk)
    assert rejudged(office) == [TUESDAY]


MOVE = (
    "INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount, params, by_user,"
    " at) SELECT 'bank-a', '2026-11-23', 1, %s, 'move_day', 'x', %s, jsonb_build_object('to', %s::text), 'an', now()"
)


@pytest.mark.parametrize(
    ("to", "constraint"), [("2026-11-23", "money_move_elsewhere"), ("2026-12-25", "money_move_elsewhere")]
)
def test_the_schema_itself_moves_no_money_too_far_and_none_that_is_explained(
    office: Office, to: str, constraint: str
) -> None:
    office.line(-5_500, text="PHI DICH VU SMS")
    office.short()
    loaded(office, MONDAY)
    short, charge = row(office, MONDAY, "underpaid"), row(office, MONDAY, "bank_charge")
    with pytest.raises(psycopg.errors.CheckViolation) as far:
        office.desk.connection.execute(MOVE, (short.row_key, short.amount, to))
    assert far.value.diag.constraint_name == constraint
    with pytest.raises(psycopg.errors.CheckViolation) as explained:
        office.desk.connection.execute(MOVE, (charge.row_key, charge.amount, "2026-11-24"))
    assert explained.value.diag.constraint_name == "money_move_open"
    assert office.one("SELECT count(*) FROM gateway.break_decision") == 0


def test_a_stopped_day_is_not_asked_again_and_again_and_takes_the_money_when_it_goes_on(late: Office) -> None:
    late.line(7_000, "", on=MONDAY)
    late.load(BANK, MONDAY)
    tick(late)
    assert late.judge(BANK, TUESDAY, late.now).stopped == "balances-do-not-continue"
    move(late, row(late, MONDAY, "wrong_day"), TUESDAY)
    assert days_moved(late.conn, BANK) == []
    days.release(late.desk, late.an, BANK, TUESDAY, reason="ngân hàng xác nhận")
    assert TUESDAY in days_to_reconcile(late.conn, late.partners[BANK], late.now)
    judged(late, TUESDAY)
    assert [one.matched for one in days.day(late.desk, late.an, BANK, TUESDAY).moved_here] == [True]


def test_linked_money_explained_money_and_collected_money_are_not_moved(office: Office) -> None:
    paid_late(office)
    office.line(-5_500, text="PHI DICH VU SMS", on=TUESDAY)
    background(office, MONDAY)
    background(office, TUESDAY)
    loaded(office, MONDAY)
    loaded(office, TUESDAY)
    judged(office, MONDAY)
    with pytest.raises(Conflict) as explained:
        move(office, row(office, TUESDAY, "bank_charge"), MONDAY)
    assert explained.value.code == "move-not-possible"
    assert not offered(office, TUESDAY, row(office, TUESDAY, "bank_charge"))
    entry = row(office, TUESDAY, "wrong_day")
    assert offered(office, TUESDAY, entry)
    pk = office.one("SELECT entry_pk FROM gateway.statement_entry WHERE amount = 100000")
    half = row(office, MONDAY, "wrong_day")
    breaks.decide(office.desk, office.an, half.target, Decision.LINK, reason="một khoản", entries=[pk])
    with pytest.raises(Conflict) as linked:
        move(office, entry, MONDAY)
    assert linked.value.code == "move-not-possible"
    assert not offered(office, TUESDAY, entry)
    office.remit(("EH1", 50_000, 0))
    office.judge("vnpost", MONDAY, office.now)
    collected = office.rows_of_day("vnpost", MONDAY)[0]
    with pytest.raises(Conflict) as batch:
        move(office, collected, TUESDAY)
    assert batch.value.code == "move-not-possible"
    assert not offered(office, MONDAY, collected)
    assert office.one("SELECT count(*) FROM gateway.money_move") == 0


def offered(office: Office, day: date, moving: BreakRow) -> bool:
    """Whether an is offered to move the row at all."""
    view = breaks.break_of(office.desk, office.an, moving.target.partner, day, moving.row_key)
    return Decision.MOVE_DAY in view.may


def test_attributed_money_of_another_day_is_carried_out_without_reopening_either_day(office: Office) -> None:
    office.owe(80_000)
    code = office.code()
    office.line(80_000, text="NOP TIEN LE PHI")
    background(office, MONDAY)
    loaded(office, MONDAY)
    background(office, TUESDAY)
    loaded(office, TUESDAY)
    (stray,) = office.rows_of_day(BANK, MONDAY, state="open")
    move(office, stray, TUESDAY)
    rejudged(office)
    (again,) = office.rows_of_day(BANK, TUESDAY, state="open")
    breaks.decide(
        office.desk, office.an, again.target, Decision.ATTRIBUTE, reason="người nộp gọi điện", dossier_code=code
    )
    before = bytes_of(office, MONDAY), bytes_of(office, TUESDAY)
    for on in (MONDAY, TUESDAY):
        days.propose(office.desk, office.an, BANK, on)
        days.approve(office.desk, office.binh, BANK, on)
    assert office.one("SELECT paid FROM gateway.fee WHERE dossier_code = %s", code) == 80_000
    assert not judged(office, MONDAY).changed
    assert not judged(office, TUESDAY).changed
    assert (bytes_of(office, MONDAY), bytes_of(office, TUESDAY)) == before
    assert verified(office, MONDAY, TUESDAY)


def test_a_day_that_keeps_rows_stays_approved_and_verifies_in_every_version(office: Office) -> None:
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    for on in (MONDAY, TUESDAY):
        background(office, on)
        loaded(office, on)
    move(office, row(office, MONDAY, "missing_at_partner"), TUESDAY)
    rejudged(office)
    office.line(100_000, reference, on=MONDAY)
    assert told_late(office, MONDAY).version == 2
    for one in office.rows_of_day(BANK, MONDAY, state="open"):
        breaks.decide(office.desk, office.an, one.target, Decision.ACCEPT, reason="đã xem")
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert not judged(office, MONDAY).changed
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="xem lại")
    assert bytes_of(office, MONDAY)[0] == 3
    assert not judged(office, MONDAY).changed
    assert verified(office, MONDAY, TUESDAY)


def test_reports_of_before_a_move_and_of_before_its_undo_are_made_again(late: Office) -> None:
    bank = late.partners[BANK]
    half = row(late, MONDAY, "wrong_day")
    steps = (lambda: 0, lambda: move(late, half, TUESDAY), lambda: undo(late, pk))
    pk = 0
    for step in steps:
        pk = step()
        rejudged(late)
        for on in (MONDAY, TUESDAY):
            reports.export_day(late.desk, late.an, BANK, on, "csv")
    for on, versions in ((MONDAY, 1), (TUESDAY, 3)):
        for version in range(1, versions + 1):
            with late.conn.transaction():
                told = verification.verify(late.conn, bank, on, version)
            assert {item.verdict for item in told.items} == {"equal"}, told
    with late.conn.transaction():
        editions = [item.name for item in verification.verify(late.conn, bank, MONDAY).items]
    assert len(editions) == 4, "the snapshot, before the move, with it, without it again"
