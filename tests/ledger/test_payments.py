"""Money that moved is recorded, whatever it is for."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from gateway.model import Applied, Disposition, EventType, PaymentState
from tests.ledger.story import CODE, Story

pytestmark = pytest.mark.services


def test_a_payment_settles_the_fees_of_its_request_and_tells_the_dossier_system(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), ("l1", "le_phi", 20_000))
    assert story.pay(reference, 120_000) == Applied()
    assert story.rows("SELECT state FROM gateway.fee ORDER BY fee_pk") == [("settled",), ("settled",)]
    assert [row.payload["data"]["fee_id"] for row in story.sent("event")] == ["p1", "l1"]  # type: ignore[index]  # JSON
    assert story.one("SELECT state, next_enquiry_at FROM gateway.payment_request") == ("settled", None)


def test_an_underpaid_fee_is_closed_by_a_top_up(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    story.pay(reference, 60_000)
    assert story.one("SELECT state, paid FROM gateway.fee") == ("due", 60_000)
    assert story.sent("event") == []
    story.pay(reference, 40_000)
    assert story.one("SELECT state FROM gateway.fee") == "settled"
    assert len(story.sent("event")) == 1


def test_a_surplus_pays_nothing_else(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    story.ask(("p2", "phi", 50_000))
    result = story.pay(reference, 130_000)
    assert (result.disposition, result.reason) == (Disposition.APPLIED, "money-unidentified")
    assert story.one("SELECT amount FROM gateway.unidentified_money") == 30_000
    assert story.one("SELECT paid FROM gateway.fee WHERE fee_id = 'p2'") == 0


@pytest.mark.parametrize("case", ["unknown", "cancelled", "settled"])
def test_money_nobody_asked_for_is_booked_as_unidentified(story: Story, case: str) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    if case == "unknown":
        reference = "QN2611239999999"
    elif case == "cancelled":
        story.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "nhầm"})
    else:
        story.pay(reference, 100_000)
    result = story.pay(reference, 100_000)
    assert (result.disposition, result.reason) == (Disposition.APPLIED, "money-unidentified")
    assert story.one("SELECT amount FROM gateway.unidentified_money") == 100_000


def test_the_same_notice_again_books_nothing_twice(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    story.pay(reference, 100_000, "FT1")
    story.pay(reference, 100_000, "FT1")
    assert story.one("SELECT count(*) FROM gateway.payment") == 1


def test_one_transfer_may_pay_three_requests(story: Story) -> None:
    for n in range(3):
        code = f"H49.12-20261123-000000{n}"
        story.submit(code)
        story.pay(story.ask(("p", "phi", 10_000), code=code), 10_000, "FT-ONE")
    assert story.one("SELECT count(*) FROM gateway.fee WHERE state = 'settled'") == 3


def test_a_pending_payment_is_neither_success_nor_failure(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), channel="platform")
    assert story.pay(reference, 100_000, state=PaymentState.PENDING) == Applied()
    assert story.one("SELECT count(*) FROM gateway.payment") == 0
    assert story.one("SELECT last_status FROM gateway.payment_request") == "pending"


def test_a_payment_after_the_cut_off_belongs_to_the_next_business_date(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), channel="pos")
    late = story.now + timedelta(hours=12, minutes=45)  # 22:45 in Viet Nam; this bank closes at 22:30
    story.pay(reference, 100_000, partner="bank-b", paid_at=late)
    assert story.one("SELECT business_on FROM gateway.payment") == date(2026, 11, 24)


def test_the_schema_refuses_to_give_more_of_a_payment_than_was_paid(story: Story) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000), ("p2", "phi", 100_000)), 100_000)
    with pytest.raises(psycopg.errors.CheckViolation, match="payment_not_given_twice"):
        story.rows(
            "INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at)"
            " SELECT payment_pk, fee_pk, 1, 'x', now() FROM gateway.payment, gateway.fee WHERE fee_id = 'p2'"
            " RETURNING 1"
        )


def test_the_schema_refuses_to_rewrite_what_was_paid(story: Story) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 100_000)
    with pytest.raises(psycopg.errors.CheckViolation, match="does not change"):
        story.rows("UPDATE gateway.payment SET amount = 5 RETURNING 1")
    assert CODE
