"""Payment requests, cancellations and refunds at both banks, in business as usual."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.banking.vietqr import parse_vietqr
from gateway.errors import Malformed
from gateway.model import (
    Channel,
    Kind,
    Knowledge,
    OutboundMessage,
    PaymentState,
    PaymentStatus,
    SendOutcome,
    SendVerdict,
)
from tests.banking_adapter.world import (
    Counterpart,
    a_cancellation,
    a_payment_request,
    a_refund,
    new_reference,
)
from tests.simulator_process import Simulator

pytestmark = pytest.mark.scenario


def sent(counterpart: Counterpart, message: OutboundMessage) -> SendOutcome:
    sender = counterpart.sender(message.kind)
    [(same, outcome)] = sender.send([(message, sender.encode(message))])
    assert same == message
    return outcome


def status_of(counterpart: Counterpart, reference: str, **request: object) -> PaymentStatus:
    assert counterpart.parts.enquirer is not None
    assert counterpart.parts.status_reader is not None
    raw = counterpart.parts.enquirer.ask(reference, request=request)
    content = counterpart.parts.status_reader.read(raw).content
    assert isinstance(content, PaymentStatus)
    return content


def requested(counterpart: Counterpart, amount: int = 150_000) -> str:
    reference = new_reference()
    outcome = sent(counterpart, a_payment_request(counterpart, reference, amount))
    assert outcome.verdict is SendVerdict.DELIVERED
    return reference


def test_a_payment_request_is_delivered_with_the_banks_number_and_our_qr(bank: Counterpart) -> None:
    message = a_payment_request(bank, amount=235_000)
    outcome = sent(bank, message)
    assert outcome.verdict is SendVerdict.DELIVERED
    assert str(outcome.facts["partner_request_id"]).startswith("R")
    assert outcome.reply is not None
    assert b"CreatePaymentRequestResponse" in outcome.reply
    qr = parse_vietqr(str(outcome.facts["qr"]))
    assert (qr.account, qr.amount, qr.reference) == (bank.account, 235_000, message.payload["reference"])


def test_a_request_sent_twice_is_one_request(bank: Counterpart) -> None:
    message = a_payment_request(bank)
    first, second = sent(bank, message), sent(bank, message)
    assert first.facts == second.facts
    assert second.verdict is SendVerdict.DELIVERED


def test_a_known_reference_with_another_amount_is_refused(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    outcome = sent(bank, a_payment_request(bank, reference, 200_000))
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "bank-knows-it-otherwise")


def test_a_beneficiary_account_the_bank_does_not_keep_is_refused(bank: Counterpart) -> None:
    message = a_payment_request(bank)
    stranger = OutboundMessage(
        message.message_pk,
        message.partner,
        message.kind,
        message.message_id,
        {**message.payload, "account": "9990000000001"},
    )
    outcome = sent(bank, stranger)
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "bank-refused-account")


def test_a_payment_is_told_with_amount_account_channel_and_business_date(bank: Counterpart) -> None:
    reference = requested(bank, 150_000)
    assert status_of(bank, reference).state is PaymentState.PENDING
    paid = bank.simulator.act("pay", reference=reference, at="2026-11-23T09:15:00+07:00", channel="QR")
    status = status_of(bank, reference)
    assert (status.state, status.amount, status.account) == (PaymentState.PAID, 150_000, bank.account)
    assert (status.channel, status.partner_transaction_id) == (Channel.QR, paid["number"])
    assert status.paid_at is not None
    assert status.paid_at.isoformat() == "2026-11-23T02:15:00+00:00"
    assert str(status.business_on) == "2026-11-23"


def test_a_payment_after_the_cut_off_belongs_to_the_next_business_date(bank_b: Counterpart) -> None:
    reference = requested(bank_b)
    bank_b.simulator.act("pay", reference=reference, at="2026-11-23T22:45:00+07:00")
    assert str(status_of(bank_b, reference).business_on) == "2026-11-24"


def test_an_answer_of_a_paid_request_carries_the_transaction_key(bank: Counterpart) -> None:
    reference = requested(bank, 90_000)
    paid = bank.simulator.act("pay", reference=reference)
    assert bank.parts.enquirer is not None
    assert bank.parts.status_reader is not None
    raw = bank.parts.enquirer.ask(reference, request={})
    incoming = bank.parts.status_reader.read(raw)
    assert (incoming.transaction_id, incoming.fingerprint) == (paid["number"], f"90000|{bank.account}")
    assert incoming.environment == "test"
    assert len(incoming.signer) == 64
    assert incoming.message_id.startswith("urn:uuid:")


def test_less_and_then_a_top_up_are_two_payments(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    first = bank.simulator.act("pay", reference=reference, amount=60_000)
    bank.simulator.act("pay", reference=reference, amount=40_000)
    assert status_of(bank, reference).amount == 60_000
    topped_up = status_of(bank, reference, after_transaction=first["number"])
    assert (topped_up.state, topped_up.amount) == (PaymentState.PAID, 40_000)


def test_a_pending_payment_is_neither_success_nor_failure(bank: Counterpart) -> None:
    reference = requested(bank)
    bank.simulator.act("payment_pending", reference=reference)
    status = status_of(bank, reference)
    assert (status.state, status.partner_transaction_id) == (PaymentState.PENDING, "")
    assert status.detail.startswith("RC 68")


def test_a_failed_payment_is_told_as_failed(bank: Counterpart) -> None:
    reference = requested(bank)
    bank.simulator.act("payment_failed", reference=reference)
    assert status_of(bank, reference).state is PaymentState.FAILED


def test_a_reference_the_bank_does_not_know_is_never_called_failed(bank: Counterpart) -> None:
    assert status_of(bank, new_reference()).state is PaymentState.PENDING


def test_an_open_request_is_cancelled_once_for_all(bank: Counterpart) -> None:
    reference = requested(bank)
    message = a_cancellation(bank, reference)
    assert sent(bank, message).verdict is SendVerdict.DELIVERED
    assert sent(bank, message).verdict is SendVerdict.DELIVERED
    assert bank.sender(message.kind).enquire(message).knowledge is Knowledge.HAS_IT


def test_a_paid_request_is_not_cancelled(bank: Counterpart) -> None:
    reference = requested(bank)
    bank.simulator.act("pay", reference=reference)
    outcome = sent(bank, a_cancellation(bank, reference))
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "bank-refused-in-this-state")


def test_cancelling_what_the_bank_never_saw_is_refused(bank: Counterpart) -> None:
    outcome = sent(bank, a_cancellation(bank, new_reference()))
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "bank-does-not-know-it")


def test_a_refund_in_two_parts_never_exceeds_the_payment(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    number = bank.simulator.act("pay", reference=reference)["number"]
    first = sent(bank, a_refund(bank, reference, number, 60_000))
    assert first.verdict is SendVerdict.DELIVERED
    assert str(first.facts["refund_transaction_id"]).startswith("H")
    too_much = sent(bank, a_refund(bank, reference, number, 50_000))
    assert (too_much.verdict, too_much.code) == (SendVerdict.REFUSED, "bank-refused-more-than-paid")
    assert sent(bank, a_refund(bank, reference, number, 40_000)).verdict is SendVerdict.DELIVERED


def test_a_refund_sent_twice_gives_the_money_back_once(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    number = bank.simulator.act("pay", reference=reference)["number"]
    message = a_refund(bank, reference, number, 100_000)
    assert sent(bank, message).facts == sent(bank, message).facts
    other = a_refund(bank, reference, number, 1_000, refund_id=str(message.payload["refund_id"]))
    outcome = sent(bank, other)
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "bank-knows-it-otherwise")


def test_a_refund_of_an_unknown_payment_is_refused(bank: Counterpart) -> None:
    outcome = sent(bank, a_refund(bank, new_reference(), "B9999999999", 1_000))
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "bank-does-not-know-it")


def test_a_pending_refund_stays_in_doubt_until_the_bank_knows(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    number = bank.simulator.act("pay", reference=reference)["number"]
    message = a_refund(bank, reference, number, 100_000)
    bank.simulator.misbehave("pending", match={"reference": message.payload["refund_id"]})
    outcome = sent(bank, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "bank-outcome-unknown")
    sender = bank.sender(Kind.REFUND)
    assert sender.enquire(message).knowledge is Knowledge.UNKNOWN
    bank.simulator.act("settle_refund", refund_id=message.payload["refund_id"])
    found = sender.enquire(message)
    assert found.knowledge is Knowledge.HAS_IT
    assert str(found.facts["refund_transaction_id"]).startswith("H")


def test_a_pending_refund_that_the_bank_refuses_is_not_there(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    number = bank.simulator.act("pay", reference=reference)["number"]
    message = a_refund(bank, reference, number, 100_000)
    bank.simulator.misbehave("pending", match={"reference": message.payload["refund_id"]})
    sent(bank, message)
    bank.simulator.act("settle_refund", refund_id=message.payload["refund_id"], done=False)
    assert bank.sender(Kind.REFUND).enquire(message).knowledge is Knowledge.HAS_IT_NOT


def test_a_batch_gives_each_message_its_own_outcome(bank: Counterpart) -> None:
    good, bad = a_payment_request(bank), a_payment_request(bank)
    bank.simulator.misbehave("refuse", match={"reference": bad.payload["reference"]}, code="13")
    sender = bank.sender(Kind.PAYMENT_REQUEST_CREATE)
    outcomes = {
        message.message_id: found.code for message, found in sender.send([(m, sender.encode(m)) for m in (bad, good)])
    }
    assert outcomes == {bad.message_id: "bank-refused-amount", good.message_id: ""}


def test_a_simulator_that_crashed_remembers_everything(banking_pki: Path, tmp_path: Path) -> None:
    bank = Simulator("bank", state=tmp_path, certs=banking_pki, environ={}, arguments=["--name", "bank-b"])
    bank.act("transfer_in", amount=5_000, text="chuyen tien")
    bank.restart()
    assert bank.holds()["entries"] == 1
    bank.stop()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 1.5}, "bad-amount"),
        ({"amount": "1e3"}, "bad-amount"),
        ({"amount": 0}, "bad-amount"),
        ({"amount": -5}, "bad-amount"),
        ({"amount": True}, "bad-amount"),
        ({"channel": "cod"}, "not-in-bank-contract"),
        ({"channel": "pigeon"}, "not-in-bank-contract"),
        ({"payer_name": ""}, "payload-incomplete"),
        ({"reference": "x" * 26}, "bad-vietqr"),
        ({"reference": "lower-case"}, "soap-request-invalid"),
        ({"expires_at": "tomorrow"}, "soap-request-invalid"),
        ({"expires_at": "2026-12-01T00:00:00"}, "soap-request-invalid"),
        ({"payer_name": "Nguyễn\x00Thị"}, "soap-request-invalid"),
        ({"account": "12 34"}, "bad-vietqr"),
    ],
)
def test_what_the_contract_cannot_say_is_not_sent(bank_a: Counterpart, change: dict[str, object], code: str) -> None:
    message = a_payment_request(bank_a)
    broken = OutboundMessage(1, "bank-a", message.kind, message.message_id, {**message.payload, **change})
    with pytest.raises(Malformed) as raised:
        bank_a.sender(message.kind).encode(broken)
    assert raised.value.code == code
