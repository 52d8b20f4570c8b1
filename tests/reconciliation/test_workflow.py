"""A day's states, four eyes, versions, and what stops it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from gateway.errors import Conflict, Forbidden, NotFound
from gateway.ledger.proof import prove_money
from gateway.model import Kind, PaymentState
from gateway.reconciliation import completeness, snapshot
from gateway.reconciliation.day import verify
from gateway.reconciliation.decisions import approve, propose, reject
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def paid(day: DayStory, amount: int = 100_000) -> str:
    reference = day.owe(amount)
    day.pay(reference, amount)
    day.line(amount, reference)
    return reference


def test_two_different_people_make_a_day_final_and_the_partner_hears_of_it(day: DayStory) -> None:
    paid(day)
    day.settle_day()
    bank = day.partners["bank-a"]
    propose(day.conn, bank, MONDAY, "an", now=NOON)
    confirmation, event = approve(day.conn, bank, MONDAY, "binh", now=NOON)
    assert (confirmation.partner, confirmation.kind) == ("bank-a", Kind.SETTLEMENT_CONFIRMATION)
    assert str(confirmation.payload["content"]).startswith("XNDS|bank-a|2026-11-23|1|")
    assert (event.partner, event.kind) == ("broker", Kind.DAY_APPROVED)
    assert day.one("SELECT state FROM gateway.recon_day") == "approved"


@pytest.mark.parametrize("checker", ["an", "AN"])
def test_the_person_who_proposed_cannot_approve(day: DayStory, checker: str) -> None:
    paid(day)
    day.settle_day()
    day.employ(an="finance_checker")
    propose(day.conn, day.partners["bank-a"], MONDAY, "an", now=NOON)
    with pytest.raises(Forbidden) as refused:
        approve(day.conn, day.partners["bank-a"], MONDAY, checker, now=NOON)
    assert refused.value.code == "same-person"
    assert day.one("SELECT state FROM gateway.recon_day") == "proposed"


def test_a_day_that_is_not_proposed_cannot_be_approved(day: DayStory) -> None:
    bank = day.partners["bank-a"]
    with pytest.raises(NotFound) as unknown:
        propose(day.conn, bank, MONDAY, "an", now=NOON)
    assert unknown.value.code == "day-unknown"
    paid(day)
    day.settle_day()
    with pytest.raises(Conflict) as early:
        approve(day.conn, bank, MONDAY, "binh", now=NOON)
    assert early.value.code == "step-not-allowed"


def test_a_rejected_day_can_be_proposed_again(day: DayStory) -> None:
    paid(day)
    day.settle_day()
    bank = day.partners["bank-a"]
    propose(day.conn, bank, MONDAY, "an", now=NOON)
    reject(day.conn, bank, MONDAY, "binh", "xem lại", now=NOON)
    propose(day.conn, bank, MONDAY, "an", now=NOON)
    approve(day.conn, bank, MONDAY, "binh", now=NOON)


def test_a_decision_about_other_bytes_saves_nothing(day: DayStory) -> None:
    paid(day)
    day.settle_day()
    with pytest.raises(Conflict) as stale:
        propose(day.conn, day.partners["bank-a"], MONDAY, "an", now=NOON, snapshot_sha256="0" * 64)
    assert stale.value.code == "snapshot-changed"


def test_a_second_run_changes_nothing_and_gives_the_same_bytes(day: DayStory) -> None:
    paid(day)
    day.line(-1_000, text="PHI DICH VU")
    day.settle_day()
    again = day.judge(now=NOON)
    assert (again.changed, again.version) == (False, 1)
    assert verify(day.conn, day.partners["bank-a"], MONDAY)
    packed, digest = day.one("SELECT snapshot, snapshot_sha256 FROM gateway.recon_version")
    assert again.snapshot_sha256 == digest
    head = json.loads(snapshot.unpack(packed).split(b"\n")[0])
    assert (head["rules"], head["rows"]) == ("2026-1", 2)


def test_a_late_statement_reopens_the_day_as_a_new_version_and_keeps_the_old_one(day: DayStory) -> None:
    paid(day)
    late = day.owe(70_000)
    day.pay(late, 70_000)
    day.settle_day()
    bank = day.partners["bank-a"]
    with pytest.raises(Conflict) as undecided:
        propose(day.conn, bank, MONDAY, "an", now=NOON)
    assert undecided.value.code == "breaks-open"
    day.accept_everything("an")
    propose(day.conn, bank, MONDAY, "an", now=NOON)
    approve(day.conn, bank, MONDAY, "binh", now=NOON)
    day.line(70_000, late)
    assert day.load().days == (MONDAY,)
    judged = day.judge()
    assert (judged.state, judged.version, judged.changed) == ("reconciled", 2, True)
    assert {outcome for outcome, _, _ in day.outcomes()} == {"matched"}
    assert day.rows("SELECT version, summary ->> 'missing_at_partner' FROM gateway.recon_version ORDER BY 1") == [
        (1, "[1, 70000, 0]"),
        (2, None),
    ]
    with pytest.raises(Conflict):
        approve(day.conn, bank, MONDAY, "binh", now=NOON)


def test_an_empty_statement_stops_the_day_until_a_person_vouches_for_it(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    assert day.judge().stopped == "statement-missing"
    day.load()
    stopped = day.judge()
    assert (stopped.stopped, stopped.state, stopped.version) == ("statement-empty", "open", 0)
    completeness.release(day.conn, day.partners["bank-a"], MONDAY, "an", "ngân hàng xác nhận", NOON)
    assert day.judge().stopped == ""
    assert day.outcomes() == [("missing_at_partner", 100_000, 0)]


def test_a_suddenly_tiny_statement_stops_the_day(day: DayStory) -> None:
    for _ in range(30):
        day.pay(day.owe(10_000), 10_000)
    day.line(10_000, day.reference(day.code()))
    day.load()
    assert day.judge().stopped == "statement-tiny"


def test_an_empty_statement_of_a_day_without_payments_is_no_reason_to_stop(day: DayStory) -> None:
    day.load()
    judged = day.judge()
    assert (judged.stopped, judged.state) == ("", "reconciled")
    assert day.outcomes() == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE gateway.recon_day SET state = 'approved'",
        "UPDATE gateway.recon_row SET outcome = 'matched'",
        "DELETE FROM gateway.recon_row",
        "UPDATE gateway.recon_version SET summary = '{}'",
        "DELETE FROM gateway.recon_decision",
    ],
)
def test_the_database_refuses_to_rewrite_what_was_judged(day: DayStory, forbidden: str) -> None:
    paid(day)
    day.settle_day()
    with pytest.raises(psycopg.errors.CheckViolation):
        day.conn.execute(forbidden)  # type: ignore[call-overload]  # a literal of this test


@pytest.mark.parametrize(
    ("role", "act"),
    [
        ("gateway_worker", "INSERT INTO gateway.recon_decision DEFAULT VALUES"),
        ("gateway_worker", "UPDATE gateway.recon_day SET released_by = 'x'"),
        ("gateway_worker", "UPDATE gateway.refund SET proposed_by = 'x'"),
        ("gateway_worker", "UPDATE gateway.recon_row SET outcome = 'matched'"),
        ("gateway_worker", "DELETE FROM gateway.payment"),
        ("gateway_console", "UPDATE gateway.payment SET amount = 1"),
        ("gateway_console", "UPDATE gateway.recon_decision SET by_user = 'x'"),
        ("gateway_auditor", "INSERT INTO gateway.recon_decision DEFAULT VALUES"),
        ("gateway_door", "SELECT * FROM gateway.payment"),
    ],
)
def test_no_role_may_do_what_is_not_its_own(day: DayStory, role: str, act: str) -> None:
    day.conn.execute(f"SET LOCAL ROLE {role}")  # type: ignore[call-overload]  # a literal of this test
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        day.conn.execute(act)  # type: ignore[call-overload]  # a literal of this test


def test_a_worker_may_do_a_whole_day(day: DayStory) -> None:
    day.conn.execute("SET LOCAL ROLE gateway_worker")
    paid(day)
    assert day.settle_day() == [("matched", 100_000, 100_000)]


def test_the_money_of_a_day_closes(day: DayStory) -> None:
    paid(day)
    day.pay("QN2611239999999", 5_000)
    day.line(5_000, "QN2611239999999")
    day.line(-1_000, text="PHI DICH VU")
    day.settle_day()
    lines = prove_money(day.conn, MONDAY)
    assert all(line.closes for line in lines), [line for line in lines if not line.closes]
    assert {line.name for line in lines} >= {
        "bank-a •••0101: đầu kỳ + phát sinh = cuối kỳ",
        "bank-a: mỗi dòng của đối tác thuộc đúng một loại",
        "Đã nộp = vào khoản thu + hoàn + chưa xác định",
    }


def test_a_day_whose_balances_do_not_add_up_does_not_close(day: DayStory) -> None:
    paid(day)
    day.settle_day()
    day.balances["1120000000101"] += 7
    day.line(10, text="NHAP LAI", on=date(2026, 11, 24))
    day.load(on=date(2026, 11, 24))
    open_lines = [line.name for line in prove_money(day.conn, date(2026, 11, 24)) if not line.closes]
    assert "bank-a •••0101: cuối kỳ trước = đầu kỳ" in open_lines


def rows_of(day: DayStory, partner: str) -> list[tuple[Any, ...]]:
    return [(row["outcome"], row["verdict"], row["our_amount"], row["their_amount"]) for row in day.found(partner)]


def test_a_past_day_is_judged_again_from_what_was_known_then(day: DayStory) -> None:
    paid(day)
    waiting = day.owe(70_000)
    day.pay(waiting, 70_000, state=PaymentState.PENDING)
    day.settle_day()
    bank = day.partners["bank-a"]
    day.now = NOON
    day.pay(waiting, 70_000, business_on=MONDAY)
    day.line(70_000, waiting)
    day.load()
    assert verify(day.conn, bank, MONDAY)
    assert day.judge(now=NOON).version == 2
    assert {outcome for outcome, _, _ in day.outcomes()} == {"matched"}


def test_a_line_booked_on_an_earlier_day_is_judged_there_and_both_days_close(day: DayStory) -> None:
    sunday = date(2026, 11, 22)
    reference = paid(day)
    early = day.owe(50_000)
    day.pay(early, 50_000)
    day.line(50_000, early, on=sunday)
    assert day.load().days == (sunday, MONDAY)
    assert day.judge().stopped == day.judge(on=sunday).stopped == ""
    assert day.outcomes(on=sunday) == [("wrong_day", 0, 50_000)]
    assert sorted(day.outcomes()) == [("matched", 100_000, 100_000), ("wrong_day", 50_000, 0)]
    assert reference
    lines = [line for on in (sunday, MONDAY) for line in prove_money(day.conn, on)]
    assert [line for line in lines if not line.closes] == []


def test_overlapping_statements_still_close(day: DayStory) -> None:
    paid(day)
    day.settle_day()
    tuesday = date(2026, 11, 24)
    first = [*day.entries]
    for told in first:
        day.accounts.setdefault("1120000000101", []).append(told)
    day.balances["1120000000101"] = 0
    day.line(9_000, text="NHAP LAI", on=tuesday)
    assert day.load(on=tuesday).problems == ()
    assert [line for line in prove_money(day.conn, tuesday) if not line.closes] == []


def test_a_row_that_says_the_same_in_a_later_version_keeps_its_key_and_a_changed_one_does_not(day: DayStory) -> None:
    kept, changed = day.owe(100_000), day.owe(200_000)
    for reference in (kept, changed):
        day.pay(reference, 70_000)
        day.line(70_000, reference)
    day.settle_day()
    first = {row["reference"]: (row["row_key"], row["rule"]) for row in day.found()}
    assert {rule for _, rule in first.values()} == {"reference"}
    day.pay(changed, 130_000)
    day.line(130_000, changed)
    day.settle_day()
    later = {row["row_key"] for row in day.found() if row["reference"] == kept}
    assert later == {first[kept][0]}
    assert first[changed][0] not in {row["row_key"] for row in day.found()}
