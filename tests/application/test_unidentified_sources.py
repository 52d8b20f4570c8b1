"""Of money from every source the queue tells a next step that is then taken: bank, intermediary, VNPost, counter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.application import breaks, days, refunds
from gateway.application.breaks import Decision
from gateway.application.unidentified import Unidentified, queue
from gateway.errors import GatewayError, NotFound
from gateway.model import EventType
from tests.application.office import Office
from tests.application.test_one_use import named_before_it_was_told
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
UNKNOWN = "QN2611239999999"


def item(office: Office) -> Unidentified:
    (one,) = queue(office.desk, office.an).items
    return one


def decide(office: Office, one: Unidentified, kind: Decision, **params: object) -> int:
    row = next(row for row in office.rows_of_day(one.partner, one.on) if row.row_key == one.row_key)
    return breaks.decide(office.desk, office.an, row.target, kind, reason="theo chứng từ", **params)


def told(error: GatewayError) -> tuple[str, str]:
    return error.code, error.case


def posted(office: Office) -> Unidentified:
    """VNPost lists money of an order that nobody knows."""
    with office.conn.transaction():
        office.remit((UNKNOWN, 50_000, 20_000))
    office.judge("vnpost")
    return item(office)


def test_a_line_of_a_remittance_is_asked_about_or_accepted_for_no_payment_is_booked_of_it(office: Office) -> None:
    one = posted(office)
    assert (one.source, one.partner, one.amount, one.next_step) == ("entry", "vnpost", 50_000, "enquire_or_accept")
    office.owe(50_000)
    for kind, params in ((Decision.ATTRIBUTE, {"dossier_code": office.code()}), (Decision.REFUND, {})):
        with pytest.raises(NotFound) as refused:
            decide(office, one, kind, **params)
        assert told(refused.value) == ("no-payment-on-record", "")
    view = breaks.break_of(office.desk, office.an, "vnpost", MONDAY, one.row_key)
    assert {Decision.ENQUIRE, Decision.ACCEPT} <= view.may
    assert not {Decision.ATTRIBUTE, Decision.REFUND} & view.may
    decide(office, one, Decision.ENQUIRE, question="Bưu gửi này của hồ sơ nào?")
    assert item(office).next_step == "await_answer"


def test_accepting_a_line_of_a_remittance_ends_it(office: Office) -> None:
    decide(office, posted(office), Decision.ACCEPT)
    assert queue(office.desk, office.an).items == ()


def test_a_line_of_a_bank_and_of_an_intermediary_is_attributed_as_the_queue_says(office: Office) -> None:
    for partner in ("bank-a", "intermediary"):
        account = office.partners[partner].accounts
        assert account is not None
        named = {"response_code": "00"} if partner == "intermediary" else {"bank": "FT77"}
        office.line(80_000, text="NOP TIEN", on=MONDAY, account=account.default, **named)
        office.load(partner)
        office.judge(partner)
        one = item(office)
        assert (one.partner, one.next_step) == (partner, "attribute_or_refund")
        office.owe(80_000)
        decide(office, one, Decision.ATTRIBUTE, dossier_code=office.code())
        assert item(office).next_step == "propose_day"
        days.propose(office.desk, office.an, partner, MONDAY)
        days.approve(office.desk, office.binh, partner, MONDAY)
        assert queue(office.desk, office.an).items == ()


def test_counter_money_is_refunded_as_the_queue_says(office: Office) -> None:
    office.owe(100_000)
    taken = {
        "method": "cash", "amount": 100_000, "fee_ids": ["p9"], "receipt_series": "C1-10", "receipt_number": "0000123",
        "cashier": "Lê Thu", "paid_at": "2026-11-23T09:00:00+07:00",
    }  # fmt: skip
    office.tell(EventType.COUNTER_PAYMENT, taken, office.code())
    one = item(office)
    assert (one.source, one.partner, one.next_step) == ("payment", "", "refund_payment")
    refunds.request(office.desk, office.an, one.pk, one.amount, "thu nhầm")
    assert queue(office.desk, office.an).items == ()


def test_a_line_that_is_a_payment_of_another_day_is_linked_or_moved(office: Office) -> None:
    """The payment has no reference; on Tuesday it is told by the bank's own number, which Monday's line bears."""
    office.line(80_000, text="NOP TIEN", bank="FT77")
    office.load()
    office.judge()
    assert item(office).next_step == "attribute_or_refund"
    office.pay("", 80_000, "FT77", paid_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
    line, paid = sorted(queue(office.desk, office.an).items, key=lambda one: one.source)
    assert (line.source, line.next_step) == ("entry", "link_or_move")
    with pytest.raises(GatewayError) as refused:
        decide(office, line, Decision.REFUND)
    assert told(refused.value) == ("money-used-already", "recorded")
    assert (paid.source, paid.next_step) == ("payment", "reconcile")
    decide(office, line, Decision.LINK, payments=[paid.pk])
    assert [one.source for one in queue(office.desk, office.an).items] == ["payment"]


def test_a_payment_that_was_told_after_its_line_paid_the_fee_is_not_to_be_refunded(office: Office) -> None:
    reference, code = named_before_it_was_told(office)
    (row,) = office.rows_of_day()
    breaks.decide(office.desk, office.an, row.target, Decision.ATTRIBUTE, reason="theo sao kê", dossier_code=code)
    days.propose(office.desk, office.an, "bank-a", MONDAY)
    days.approve(office.desk, office.binh, "bank-a", MONDAY)
    office.later(days=1)
    office.now = office.desk.clock.now()
    office.pay(reference, 60_000, paid_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert item(office).next_step == "given_already"
    office.judge(now=office.now)
    assert item(office).next_step == "given_already"
