"""What people wrote of somebody is read with its numbers masked, everywhere, and kept as it was written."""

from __future__ import annotations

import pytest

from gateway.application import breaks, cash, days, personal, refunds, timelines, treasury
from gateway.application.breaks import Decision
from gateway.errors import Conflict
from gateway.reports import rows
from gateway.reports.decided import decided
from tests.application.office import Office
from tests.application.test_cash_counts import COUNT
from tests.application.test_treasury_vouchers import VOUCHER
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

PHONE, CCCD = "0987 654 321", "022190777666"
WRITTEN = f"bà Mật ({CCCD}) gọi từ {PHONE}, hoàn 1.234.567 đ"
SHOWN = "bà Mật (•••••••••666) gọi từ •••••••••321, hoàn 1.234.567 đ"
BANK = "bank-a"


def test_the_reason_of_a_refund_is_masked_in_the_queue_the_search_and_the_timeline(office: Office) -> None:
    reference = office.owe(100_000)
    office.pay(reference, 130_000)
    payment_pk = int(office.one("SELECT payment_pk FROM gateway.payment"))
    refund_id = refunds.request(office.desk, office.an, payment_pk, 30_000, WRITTEN)
    assert refunds.refund(office.desk, office.an, refund_id).reason == SHOWN
    told = timelines.timeline(office.desk, office.an, office.code()).events
    assert {event.detail for event in told if event.kind == "refund"} == {SHOWN}
    refunds.reject(office.desk, office.binh, refund_id, WRITTEN)
    assert refunds.refund(office.desk, office.an, refund_id).ended_reason == SHOWN
    assert office.one("SELECT reason FROM gateway.refund") == WRITTEN
    key = office.one("SELECT refund_pk FROM gateway.refund")
    looked = personal.reveal(office.desk, office.an, f"refund:{key}", "reason", reason=f"người nộp {PHONE} hỏi lại")
    assert looked == WRITTEN
    assert [look.reason for look in personal.revealed(office.desk, office.an)] == ["người nộp •••••••••321 hỏi lại"]


def test_the_reason_of_a_decision_is_masked_on_the_break_the_timeline_the_report_and_in_errors(office: Office) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason=WRITTEN)
    (decision,) = breaks.break_of(office.desk, office.an, BANK, MONDAY, 1).decisions
    assert decision.reason == SHOWN
    told = timelines.timeline(office.desk, office.an, office.code()).events
    assert {event.detail for event in told if event.kind == "decision"} == {SHOWN}
    with pytest.raises(Conflict) as again:
        breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="x")
    assert again.value.code == "break-decided-already"
    assert [problem.message for problem in again.value.problems] == [f"an: {SHOWN}"]
    report = rows.head(office.desk.connection, office.partners[BANK], MONDAY)
    (line,) = decided(office.desk.connection, report).values()
    assert SHOWN in line


def test_reasons_of_days_counts_and_vouchers_are_masked(office: Office) -> None:
    assert office.judge().stopped == "statement-missing"
    days.release(office.desk, office.an, BANK, MONDAY, reason=WRITTEN)
    office.judge()
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.reject(office.desk, office.binh, BANK, MONDAY, reason=WRITTEN)
    day = days.day(office.desk, office.an, BANK, MONDAY)
    assert day.released_reason == SHOWN
    assert [step.reason for step in day.steps] == ["", SHOWN]
    first = cash.record(office.desk, office.an, COUNT)
    second = cash.correct(office.desk, office.an, first, COUNT, WRITTEN)
    assert [one.reason for one in cash.history(office.desk, office.an, second)] == [SHOWN, ""]
    assert [one.reason for one in cash.book(office.desk, office.an, MONDAY, MONDAY).counts] == [SHOWN]
    pk = treasury.record(office.desk, office.an, VOUCHER)
    treasury.cancel(office.desk, office.an, pk, WRITTEN)
    assert treasury.voucher(office.desk, office.an, pk).cancelled_reason == SHOWN
