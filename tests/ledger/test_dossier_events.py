"""What the dossier system's events do to the ledger, told as business stories."""

from __future__ import annotations

import pytest

from gateway.model import Applied, Disposition, EventType, Kind
from tests.ledger.story import CODE, Story, requested

pytestmark = pytest.mark.services


def test_a_submitted_dossier_is_synchronised_with_the_national_portal(story: Story) -> None:
    assert story.submit() == Applied()
    assert story.one("SELECT status, owner_name FROM gateway.dossier") == (1, "Nguyễn Thị Hạnh")
    (row,) = story.outbox
    assert (row.partner, row.kind, row.order_key) == ("national-portal", Kind.DOSSIER_SYNC, CODE)
    assert row.payload["paid_online"] == "not_online"


def test_papers_collected_by_post_are_ordered_from_vnpost(story: Story) -> None:
    party = {"name": "Hạnh", "phone": "0912", "address": "Tổ 5", "commune": "Hồng Gai", "province": "Quảng Ninh"}
    story.submit(channel=3, collect_from=party)
    (order,) = story.sent("postal_order")
    assert order.payload["direction"] == "collect"
    assert order.payload["sender"] == party
    assert order.payload["cod_amount"] == 0


def test_an_event_of_an_unknown_dossier_is_parked_until_it_is_known(story: Story) -> None:
    result = story.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"})
    assert (result.disposition, result.reason, result.waits_for) == (Disposition.PARKED, "dossier-unknown", CODE)


@pytest.mark.parametrize(
    ("type_", "data", "code", "reason"),
    [
        (EventType.DOSSIER_STEP, {"status": 11}, CODE, "dossier-status-unknown"),
        (EventType.DOSSIER_STEP, {"status": True}, CODE, "dossier-status-unknown"),
        (EventType.DOSSIER_STEP, {"status": 4}, "H49-12", "dossier-code-invalid"),
        (EventType.FEE_REQUESTED, requested(("f", "phi", 0), channel="qr"), CODE, "amount-not-positive"),
        (EventType.FEE_REQUESTED, requested(("f", "phi", -5), channel="qr"), CODE, "amount-not-positive"),
        (EventType.FEE_REQUESTED, requested(("f", "phi", 1.5), channel="qr"), CODE, "amount-not-whole"),  # type: ignore[arg-type]  # that is the point
        (EventType.FEE_REQUESTED, requested(("f", "tip", 5), channel="qr"), CODE, "event-data-invalid"),
        (EventType.FEE_CANCELLED, {"fee_ids": ["nope"], "reason": ""}, CODE, "fee-unknown"),
        (
            EventType.FEE_REQUESTED,
            {"channel": "qr", "lines": [{"fee_id": "f", "kind": "phi", "amount": 5, "currency": "USD"}]},
            CODE,
            "currency-foreign",
        ),
    ],
)
def test_a_bad_event_is_quarantined_and_changes_nothing(
    story: Story, type_: EventType, data: dict[str, object], code: str, reason: str
) -> None:
    story.submit()
    story.outbox.clear()
    result = story.tell(type_, data, code)
    assert (result.disposition, result.reason) == (Disposition.QUARANTINED, reason)
    assert story.outbox == []
    assert story.one("SELECT count(*) FROM gateway.fee") == 0
    assert story.one("SELECT status FROM gateway.dossier") == 1


def test_a_late_step_is_told_to_the_portal_and_does_not_turn_the_status_back(story: Story) -> None:
    story.submit()
    step = {
        "officer": "Trần Văn Bình", "officer_title": "", "unit_name": "", "content": "Thẩm định",
        "processed_at": "2026-11-23T10:00:00+07:00", "started_at": "2026-11-23T09:00:00+07:00",
    }  # fmt: skip
    story.tell(EventType.DOSSIER_STEP, {**step, "status": 9})
    story.now = story.now.replace(hour=1)
    story.tell(EventType.DOSSIER_STEP, {**step, "status": 4})
    assert story.one("SELECT status FROM gateway.dossier") == 9
    assert [row.payload["status"] for row in story.sent("step_sync")] == [9, 4]


def test_fees_are_asked_of_the_bank_of_their_channel_under_our_reference(story: Story) -> None:
    story.submit(procedure_code="1.004199")
    reference = story.ask(("p1", "phi", 150_000), ("l1", "le_phi", 50_000))
    (row,) = story.sent("payment_request_create")
    assert row.partner == "bank-a"
    assert row.payload["amount"] == 200_000
    assert row.payload["account"] == "1120000000202"  # this procedure's own account
    assert row.payload["reference"] == reference
    assert len(reference) == 15
    assert reference.isascii()


@pytest.mark.parametrize(
    ("channel", "partner"), [("pos", "bank-b"), ("platform", "intermediary"), ("cod", "vnpost"), ("cash", None)]
)
def test_each_channel_has_its_collector(story: Story, channel: str, partner: str | None) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), channel=channel)
    asked = [row[0] for row in story.rows("SELECT partner FROM gateway.payment_request")]
    assert asked == ([] if partner is None else [partner])
    told = [row.partner for row in story.sent("payment_request_create")]
    assert told == ([partner] if channel in ("pos", "platform") else [])


def test_a_changed_fee_withdraws_its_request_and_asks_anew(story: Story) -> None:
    story.submit()
    first = story.ask(("p1", "phi", 100_000), ("p2", "phi", 30_000))
    story.tell(EventType.FEE_CHANGED, {"lines": [line("p1", 120_000)], "reason": "tính lại"})
    (cancel,) = story.sent("payment_request_cancel")
    assert cancel.payload["reference"] == first
    assert story.sent("payment_request_create")[-1].payload["amount"] == 150_000
    assert story.reference() != first
    assert story.one("SELECT old_amount, new_amount FROM gateway.fee_history") == (100_000, 120_000)


def test_a_paid_fee_that_is_lowered_asks_people_for_a_refund_of_the_rest(story: Story) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 100_000)
    story.tell(EventType.FEE_CHANGED, {"lines": [line("p1", 60_000)], "reason": "miễn giảm"})
    assert story.one("SELECT amount, paid, state FROM gateway.fee") == (60_000, 60_000, "settled")
    assert story.one("SELECT amount, state FROM gateway.refund") == (40_000, "requested")
    assert story.one("SELECT allocated, refunding FROM gateway.payment") == (60_000, 40_000)
    assert story.sent("refund") == []


def test_a_paid_fee_that_is_raised_asks_for_the_difference(story: Story) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 100_000)
    story.tell(EventType.FEE_CHANGED, {"lines": [line("p1", 150_000)], "reason": "bổ sung"})
    assert story.one("SELECT paid, state FROM gateway.fee") == (100_000, "due")
    assert story.sent("payment_request_create")[-1].payload["amount"] == 50_000
    story.pay(story.reference(), 50_000)
    assert story.one("SELECT state FROM gateway.fee") == "settled"


def test_a_refused_dossier_that_was_paid_requests_a_refund_and_owes_nothing(story: Story) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 100_000)
    story.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "thiếu giấy tờ"})
    assert story.one("SELECT status FROM gateway.dossier") == 3
    assert story.one("SELECT state, paid FROM gateway.fee") == ("cancelled", 0)
    assert story.one("SELECT amount, state FROM gateway.refund") == (100_000, "requested")
    assert story.sent("refund") == []


def test_a_withdrawn_dossier_withdraws_its_open_request(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    story.tell(EventType.DOSSIER_WITHDRAWN, {"withdrawn_at": "2026-11-23T09:00:00+07:00", "reason": ""})
    (cancel,) = story.sent("payment_request_cancel")
    assert cancel.payload["reference"] == reference
    assert cancel.order_key == CODE
    assert story.one("SELECT count(*) FROM gateway.refund") == 0


def test_cash_at_the_counter_settles_the_fee_and_withdraws_the_online_request(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000))
    assert story.tell(EventType.COUNTER_PAYMENT, counter(100_000)) == Applied()
    assert story.one("SELECT state FROM gateway.fee") == "settled"
    assert story.one("SELECT cashier, receipt_number, channel FROM gateway.payment") == ("Lê Thu", "0000123", "cash")
    assert story.one("SELECT state FROM gateway.payment_request") == "settled"
    (confirmed,) = story.sent("event")
    assert confirmed.payload["type"] == EventType.PAYMENT_CONFIRMED


def test_a_receipt_number_is_used_once(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), channel="cash")
    story.tell(EventType.COUNTER_PAYMENT, counter(40_000))
    result = story.tell(EventType.COUNTER_PAYMENT, counter(60_000))
    assert (result.disposition, result.reason) == (Disposition.QUARANTINED, "receipt-reused")
    assert story.one("SELECT paid FROM gateway.fee") == 40_000


@pytest.mark.parametrize(("online", "told"), [(True, "paid"), (False, "not_online")])
def test_only_what_was_paid_online_counts_as_paid_online(story: Story, online: bool, told: str) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000))
    if online:
        story.pay(reference, 100_000)
    else:
        story.tell(EventType.COUNTER_PAYMENT, counter(100_000))
    story.tell(EventType.RESULT_RETURNED, {"returned_at": "2026-11-23T16:00:00+07:00", "received_by": "Trần Thị B"})
    assert story.sent("dossier_sync")[-1].payload["paid_online"] == told


def test_a_card_payment_told_by_bank_and_counter_is_booked_once(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), channel="pos")
    story.pay(reference, 100_000, "POS-7", partner="bank-b", account="0511000022233")
    story.tell(EventType.COUNTER_PAYMENT, {**counter(100_000), "method": "pos", "partner_transaction_id": "POS-7"})
    assert story.one("SELECT count(*), sum(amount) FROM gateway.payment") == (1, 100_000)


def test_a_result_by_post_carries_the_unpaid_fee_and_the_postage_apart(story: Story) -> None:
    story.submit(returns_by_post=True)
    story.ask(("p1", "phi", 100_000), channel="cod")
    story.tell(EventType.RESULT_READY, {"ready_at": "2026-11-23T09:00:00+07:00", "by_post": True, "postage": 32_000})
    (order,) = story.sent("postal_order")
    assert order.payload["cod_amount"] == 132_000
    assert order.payload["order_number"] == CODE
    assert story.one("SELECT cod_state_fee, cod_postage FROM gateway.postal_order") == (100_000, 32_000)
    assert story.one("SELECT status FROM gateway.dossier") == 9


def line(fee_id: str, amount: int) -> dict[str, object]:
    return {"fee_id": fee_id, "kind": "phi", "name": "Phí", "amount": amount}


def counter(amount: int) -> dict[str, object]:
    return {
        "method": "cash", "amount": amount, "fee_ids": ["p1"], "receipt_series": "C1-10", "receipt_number": "0000123",
        "cashier": "Lê Thu", "paid_at": "2026-11-23T09:00:00+07:00",
    }  # fmt: skip
