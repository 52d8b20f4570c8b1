"""Refunds under four eyes, what a delivery teaches the ledger, polling, and the tracking feed."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from gateway.errors import Conflict, Forbidden, NotFound
from gateway.ledger import pending, postal, refunds, sends
from gateway.model import Disposition, EventType, Kind, OutboundMessage, OutboxRow, PostalEvent
from tests.ledger.story import CODE, Story

pytestmark = pytest.mark.services


def paid_and_refused(story: Story) -> str:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 100_000, "FT1")
    story.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"})
    return str(story.one("SELECT refund_id FROM gateway.refund"))


def outbound(row: OutboxRow) -> OutboundMessage:
    return OutboundMessage(1, row.partner, row.kind, row.message_id, row.payload, dossier_code=row.dossier_code)


def test_a_refund_is_sent_after_two_different_people(story: Story) -> None:
    refund_id = paid_and_refused(story)
    refunds.propose(story.conn, refund_id, "an", story.now)
    with pytest.raises(Forbidden) as alone:
        refunds.approve(story.conn, refund_id, "an", story.now)
    assert alone.value.code == "same-person"
    (row,) = refunds.approve(story.conn, refund_id, "binh", story.now)
    assert (row.partner, row.kind) == ("bank-a", Kind.REFUND)
    assert (row.payload["amount"], row.payload["partner_transaction_id"]) == (100_000, "FT1")
    (event,) = sends.on_delivered(
        story.conn, outbound(row), {"refund_transaction_id": "R9"}, partners=story.partners, now=story.now
    )
    assert event.payload["type"] == EventType.PAYMENT_REFUNDED
    assert story.one("SELECT state, refund_transaction_id FROM gateway.refund") == ("sent", "R9")


def test_a_refund_in_doubt_waits_and_a_refused_one_frees_its_money(story: Story) -> None:
    refund_id = paid_and_refused(story)
    refunds.propose(story.conn, refund_id, "an", story.now)
    (row,) = refunds.approve(story.conn, refund_id, "binh", story.now)
    sends.on_in_doubt(story.conn, outbound(row), story.now)
    assert story.one("SELECT state FROM gateway.refund") == "in_doubt"
    sends.on_given_up(story.conn, outbound(row), code="x", detail="", partners=story.partners, now=story.now)
    assert story.one("SELECT state FROM gateway.refund") == "refused"
    assert story.one("SELECT amount FROM gateway.unidentified_money") == 100_000


def test_refunds_and_reservations_never_exceed_what_was_received(story: Story) -> None:
    paid_and_refused(story)
    payment_pk = story.one("SELECT payment_pk FROM gateway.payment")
    with pytest.raises(Conflict) as too_much:
        refunds.request(story.conn, payment_pk, 1, "thêm", story.now)
    assert too_much.value.code == "step-not-allowed"


def test_steps_out_of_order_are_refused(story: Story) -> None:
    refund_id = paid_and_refused(story)
    with pytest.raises(Conflict) as early:
        refunds.approve(story.conn, refund_id, "binh", story.now)
    assert early.value.code == "step-not-allowed"
    with pytest.raises(NotFound) as unknown:
        refunds.propose(story.conn, "HT999", "an", story.now)
    assert unknown.value.code == "refund-unknown"
    refunds.reject(story.conn, refund_id, story.now)
    with pytest.raises(psycopg.errors.CheckViolation, match="does not exist"):
        story.conn.execute("UPDATE gateway.refund SET state = 'sent'")


def test_a_created_payment_request_keeps_its_qr(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), channel="qr")
    (row,) = story.sent("payment_request_create")
    facts = {"qr": "000201…", "partner_request_id": "B-1"}
    sends.on_delivered(story.conn, outbound(row), facts, partners=story.partners, now=story.now)
    assert story.one("SELECT qr, partner_request_id FROM gateway.payment_request") == ("000201…", "B-1")


def test_a_request_that_no_bank_takes_is_refused(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000))
    (row,) = story.sent("payment_request_create")
    sends.on_given_up(
        story.conn, outbound(row), code="partner-refused", detail="", partners=story.partners, now=story.now
    )
    assert story.one("SELECT state FROM gateway.payment_request") == "refused"


def refused_and_replayed(story: Story, kind: str, facts: dict[str, object]) -> None:
    """The partner says no, a person mends the cause and replays the message, and the partner takes it."""
    (row,) = story.sent(kind)
    refusal = {"code": "partner-refused", "detail": "", "partners": story.partners, "now": story.now}
    sends.on_given_up(story.conn, outbound(row), **refusal)  # type: ignore[arg-type]  # its own words
    later = story.now + timedelta(hours=5)
    sends.on_delivered(story.conn, outbound(row), facts, partners=story.partners, now=later)


def test_a_request_that_a_person_sent_again_is_open_and_asked_about_and_its_payment_settles_the_fee(
    story: Story,
) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    refused_and_replayed(story, "payment_request_create", {"partner_request_id": "B-1"})
    assert story.one("SELECT state, partner_request_id, state_at FROM gateway.payment_request") == ("open", "B-1", None)
    due = pending.due_enquiries(story.conn, story.now + timedelta(hours=6), story.partners)
    assert [asked for _, asked, _ in due] == [reference]
    story.pay(reference, 100_000)
    assert story.one("SELECT state FROM gateway.fee") == "settled"
    assert story.one("SELECT state FROM gateway.payment_request") == "settled"


def test_a_request_that_money_came_for_while_it_was_refused_stays_refused(story: Story) -> None:
    """Its day was judged with a refused request: sending it again does not change what was known then."""
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    (row,) = story.sent("payment_request_create")
    sends.on_given_up(
        story.conn, outbound(row), code="partner-refused", detail="", partners=story.partners, now=story.now
    )
    story.pay(reference, 100_000)
    sends.on_delivered(story.conn, outbound(row), {}, partners=story.partners, now=story.now)
    assert story.one("SELECT state FROM gateway.payment_request") == "refused"
    with pytest.raises(psycopg.errors.CheckViolation, match="does not change"):
        story.conn.execute("UPDATE gateway.payment_request SET state = 'open', state_at = NULL")


def test_a_postal_order_that_a_person_sent_again_is_accepted(story: Story) -> None:
    story.submit(returns_by_post=True)
    story.tell(EventType.RESULT_READY, {"ready_at": "2026-11-23T09:00:00+07:00", "by_post": True})
    refused_and_replayed(story, "postal_order", {"item_code": "EV1"})
    assert story.one("SELECT state, item_code FROM gateway.postal_order") == ("accepted", "EV1")


def test_the_portals_answer_is_told_to_the_dossier_system(story: Story) -> None:
    story.submit()
    (row,) = story.sent("dossier_sync")
    (event,) = sends.on_delivered(story.conn, outbound(row), {}, partners=story.partners, now=story.now)
    assert event.payload["type"] == EventType.PORTAL_STATUS


def test_asking_slows_with_age_and_never_stops_while_unsettled(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), channel="platform")
    assert pending.due_enquiries(story.conn, story.now, story.partners) == []
    waits, now = [], story.now
    for _ in range(12):
        now = story.one("SELECT next_enquiry_at FROM gateway.payment_request")
        ((partner, asked, request),) = pending.due_enquiries(story.conn, now, story.partners)
        assert (partner, asked, request["amount"]) == ("intermediary", reference, 100_000)
        waits.append(story.one("SELECT next_enquiry_at FROM gateway.payment_request") - now)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(seconds=21600)
    story.pay(reference, 100_000, partner="intermediary")
    assert pending.due_enquiries(story.conn, now + timedelta(days=30), story.partners) == []


def track(
    story: Story, record_id: str, status: str, meaning: str | None, order: str = CODE, collected: int = 0
) -> object:
    event = PostalEvent(record_id, order, "EV1", status, "chữ của bưu điện", meaning, story.now, collected)
    results, rows = postal.apply_tracking(
        story.conn, [(story.message(), event)], partner="vnpost", partners=story.partners, now=story.now
    )
    story.outbox += rows
    return results[0].reason or results[0].disposition


def test_an_unknown_postal_code_is_kept_raw_and_alerted_and_never_guessed(story: Story) -> None:
    story.submit(returns_by_post=True)
    story.tell(EventType.RESULT_READY, {"ready_at": "2026-11-23T09:00:00+07:00", "by_post": True})
    assert track(story, "r1", "77", None) == "postal-status-unknown"
    assert story.one("SELECT status_code, meaning FROM gateway.postal_event") == ("77", None)
    assert story.one("SELECT state FROM gateway.postal_order") == "ordered"
    assert story.one("SELECT cause FROM gateway.alert") == "postal-status:vnpost:77"
    track(story, "r2", "77", None)
    assert story.one("SELECT count(*) FROM gateway.alert") == 1


def test_tracking_moves_the_order_and_money_collected_is_booked_once(story: Story) -> None:
    story.submit(returns_by_post=True)
    story.ask(("p1", "phi", 100_000), channel="cod")
    ready = {"ready_at": "2026-11-23T09:00:00+07:00", "by_post": True, "postage": 30_000}
    story.tell(EventType.RESULT_READY, ready)
    for record in ("r1", "r1", "r2"):
        assert track(story, record, "4", "delivered", collected=130_000) == Disposition.APPLIED
    assert story.one("SELECT count(*), sum(amount) FROM gateway.payment") == (1, 100_000)
    assert story.one("SELECT state, item_code FROM gateway.postal_order") == ("delivered", "EV1")
    types = [row.payload["type"] for row in story.sent("event")]
    assert types.count(EventType.PAYMENT_CONFIRMED) == 1
    assert types.count(EventType.POSTAL_STATUS) == 2


def test_money_collected_for_an_order_we_never_made_is_unidentified(story: Story) -> None:
    assert (
        track(story, "r1", "4", "delivered", order="H49.12-20261123-7777777", collected=50_000)
        == "postal-order-unknown"
    )
    assert story.one("SELECT amount FROM gateway.unidentified_money") == 50_000
