"""The two halves of a payment stand on two dates: what comes on the one makes the day of the other due again, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.application import breaks, days, refunds
from gateway.application.breaks import Decision
from gateway.ledger import sends
from gateway.model import Kind, OutboundMessage
from gateway.reconciliation.day import verify
from gateway.reconciliation.due import days_due_again, days_to_reconcile
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK = "bank-a"
WEDNESDAY = MONDAY + timedelta(days=2)
"""The next working day: the 24th is a day off."""
MONDAY_NIGHT = datetime(2026, 11, 23, 16, 50, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
THURSDAY_MORNING = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
"""An hour after the deadline of what was paid near Monday's cut-off."""
FRIDAY_MORNING = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def goes_on(office: Office, at: datetime) -> None:
    office.now = at
    office.later(seconds=int((at - office.desk.clock.now()).total_seconds()))


def due(office: Office) -> list[date]:
    return days_due_again(office.conn, office.partners[BANK], office.now)


def judge(office: Office, on: date = MONDAY) -> None:
    office.judge(BANK, on, office.now)


def judge_at_rest(office: Office, on: date = MONDAY) -> None:
    """Half an hour after the last thing was told, so that nothing can have been missed."""
    goes_on(office, max(office.now, office.desk.clock.now()) + timedelta(minutes=30))
    judge(office, on)


def outcomes(office: Office, reference: str, on: date = MONDAY) -> list[str]:
    return [str(row["outcome"]) for row in office.found(BANK, on) if row["reference"] == reference]


def paid(office: Office, at: datetime, amount: int = 70_000, **more: Any) -> str:
    """A payment of Monday that Monday's statement does not have; the day is judged."""
    office.settled()
    reference = office.owe(amount)
    office.pay(reference, amount, paid_at=at, **more)
    office.load()
    judge_at_rest(office)
    return reference


def half_comes(office: Office, reference: str, at: datetime, amount: int = 70_000, on: date = WEDNESDAY) -> None:
    """The bank's half comes with another date's statement, and that date is judged."""
    goes_on(office, at)
    office.line(amount, reference, on=on)
    office.load(on=on)
    judge(office, on)


def test_what_waits_near_the_cut_off_is_found_on_the_next_date_at_its_deadline(office: Office) -> None:
    reference = paid(office, MONDAY_NIGHT)
    assert outcomes(office, reference) == ["pending"]
    half_comes(office, reference, datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    assert outcomes(office, reference, WEDNESDAY) == ["expected_difference"]
    assert due(office) == []
    goes_on(office, THURSDAY_MORNING)
    assert due(office) == [MONDAY]
    judge_at_rest(office)
    assert outcomes(office, reference) == ["expected_difference"]
    assert due(office) == []


def test_the_statement_of_the_next_date_that_comes_too_late_makes_the_day_of_the_payment_due(office: Office) -> None:
    """Until now its row said for ever that the bank has nothing, and the other day's that all is well."""
    reference = paid(office, MONDAY_NIGHT)
    goes_on(office, THURSDAY_MORNING)
    judge(office)
    assert outcomes(office, reference) == ["missing_at_partner"]
    goes_on(office, THURSDAY_MORNING + timedelta(hours=1))
    assert due(office) == []
    half_comes(office, reference, FRIDAY_MORNING)
    assert outcomes(office, reference, WEDNESDAY) == ["expected_difference"]
    assert due(office) == [MONDAY]
    assert MONDAY in days_to_reconcile(office.conn, office.partners[BANK], office.now)
    goes_on(office, FRIDAY_MORNING + timedelta(minutes=15))
    judge(office)
    assert outcomes(office, reference) == ["expected_difference"]
    assert due(office) == []
    assert all(verify(office.conn, office.partners[BANK], MONDAY, version) for version in (1, 2, 3))


def test_a_half_on_a_wrong_day_is_told_on_both_days_and_reopens_the_one_that_was_approved(office: Office) -> None:
    reference = paid(office, MONDAY_NOON)
    assert outcomes(office, reference) == ["missing_at_partner"]
    breaks.decide(office.desk, office.an, office.only_row().target, Decision.ACCEPT, reason="chờ ngân hàng")
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    half_comes(office, reference, FRIDAY_MORNING)
    assert due(office) == [MONDAY]
    judge(office)
    assert (outcomes(office, reference), office.state()) == (["wrong_day"], "reconciled")
    assert outcomes(office, reference, WEDNESDAY) == ["wrong_day"]


def test_a_payment_that_is_told_late_makes_the_day_of_its_line_due(office: Office) -> None:
    """The bank booked on Monday what belongs to Wednesday, and tells of it on Friday."""
    office.settled()
    reference = office.owe(70_000)
    office.line(70_000, reference)
    office.load()
    judge_at_rest(office)
    assert outcomes(office, reference) == ["missing_with_us"]
    goes_on(office, FRIDAY_MORNING)
    office.pay(reference, 70_000, paid_at=datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    assert due(office) == [MONDAY]
    judge(office)
    assert outcomes(office, reference) == ["wrong_day"]


def test_a_half_that_turns_out_to_be_another_payment_s_is_no_expected_difference_any_more(office: Office) -> None:
    """Wednesday's line is of a payment of Wednesday that was told late: Monday's has none."""
    reference = paid(office, MONDAY_NIGHT)
    half_comes(office, reference, THURSDAY_MORNING)
    judge(office)
    assert outcomes(office, reference) == ["expected_difference"]
    goes_on(office, THURSDAY_MORNING + timedelta(minutes=15))
    judge(office)
    judge(office, WEDNESDAY)
    assert due(office) == []
    goes_on(office, FRIDAY_MORNING)
    office.pay(reference, 70_000, "T9", paid_at=datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    assert due(office) == [MONDAY, WEDNESDAY]
    judge(office)
    assert outcomes(office, reference) == ["missing_at_partner"]


@pytest.mark.parametrize("days_later", [2, 11])
def test_only_a_half_within_the_window_of_the_rules_makes_a_day_due(office: Office, days_later: int) -> None:
    reference = paid(office, MONDAY_NOON)
    on = MONDAY + timedelta(days=days_later)
    half_comes(office, reference, FRIDAY_MORNING + timedelta(days=days_later), on=on)
    assert due(office) == ([MONDAY] if days_later == 2 else [])


def test_other_lines_and_payments_make_no_day_due(office: Office) -> None:
    paid(office, MONDAY_NOON)
    half_comes(office, office.owe(70_000), FRIDAY_MORNING)
    office.pay(office.owe(70_000), 70_000, paid_at=datetime(2026, 11, 26, 5, 0, tzinfo=UTC))
    assert due(office) == []


def refunded(office: Office) -> str:
    """The surplus of a payment is given back on Monday; Monday's statement has the credit and not the debit."""
    reference = office.owe(100_000)
    office.pay(reference, 130_000, "FT1")
    office.line(130_000, reference)
    refund_id = refunds.request(
        office.desk, office.an, office.one("SELECT max(payment_pk) FROM gateway.payment"), 30_000, "thừa"
    )
    refunds.propose(office.desk, office.an, refund_id)
    refunds.approve(office.desk, office.binh, refund_id)
    pk, code = office.one("SELECT message_pk, dossier_code FROM gateway.message WHERE kind = 'refund'")
    order = OutboundMessage(pk, BANK, Kind.REFUND, "m", {"refund_id": refund_id}, dossier_code=code)
    answer = {"refund_transaction_id": "RT77"}
    with office.conn.transaction():
        sends.on_delivered(office.conn, order, answer, partners=office.partners, now=MONDAY_NOON)
    office.load()
    judge_at_rest(office)
    return refund_id


def test_a_refund_that_the_bank_books_on_the_next_date_is_found_at_its_deadline(office: Office) -> None:
    refund_id = refunded(office)
    assert outcomes(office, refund_id) == ["pending"]
    half_comes(office, refund_id, datetime(2026, 11, 26, 1, 0, tzinfo=UTC), -30_000)
    assert outcomes(office, refund_id, WEDNESDAY) == ["expected_difference"]
    goes_on(office, THURSDAY_MORNING)
    assert due(office) == [MONDAY]
    judge_at_rest(office)
    assert outcomes(office, refund_id) == ["expected_difference"]
    assert due(office) == []
    assert verify(office.conn, office.partners[BANK], MONDAY)


def test_a_refund_that_no_bank_debits_is_a_break_after_its_deadline_until_the_debit_comes(office: Office) -> None:
    refund_id = refunded(office)
    goes_on(office, THURSDAY_MORNING)
    assert due(office) == [MONDAY]
    judge(office)
    assert outcomes(office, refund_id) == ["missing_at_partner"]
    goes_on(office, THURSDAY_MORNING + timedelta(hours=1))
    assert due(office) == []
    half_comes(office, refund_id, FRIDAY_MORNING, -30_000)
    assert due(office) == [MONDAY]
    judge_at_rest(office)
    assert outcomes(office, refund_id) == ["expected_difference"]
    assert due(office) == []


@pytest.mark.parametrize(("what", "state"), [(Decision.ENQUIRE, "asked"), (Decision.ACCEPT, "decided")])
def test_people_ask_about_a_refund_that_no_bank_debited_or_accept_it(
    office: Office, what: Decision, state: str
) -> None:
    refund_id = refunded(office)
    goes_on(office, THURSDAY_MORNING)
    judge(office)
    (row,) = [one for one in office.rows_of_day(BANK) if one.reference == refund_id]
    assert (row.outcome, row.amount, row.side) == ("missing_at_partner", 30_000, "ngân hàng thừa")
    breaks.decide(office.desk, office.an, row.target, what, reason="chưa thấy ghi nợ")
    assert [one.state for one in office.rows_of_day(BANK) if one.reference == refund_id] == [state]
