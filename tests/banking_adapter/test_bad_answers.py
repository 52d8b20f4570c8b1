"""Every misbehaviour of a bank becomes exactly one outcome and code, and none is ever believed."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.banking.adapter import BankSender
from adapters.banking.building import build
from gateway.errors import GatewayError, Malformed, Unavailable, Untrusted
from gateway.model import Kind, Knowledge, OutboundMessage, RawMessage, SendVerdict
from gateway.security.keys import SigningKey
from gateway.security.wssecurity import sign_envelope
from tests.banking_adapter.test_collection import requested, sent, status_of
from tests.banking_adapter.world import Counterpart, a_payment_request, a_refund, trust_of

pytestmark = pytest.mark.scenario

IN_DOUBT, REFUSED, UNAVAILABLE = SendVerdict.IN_DOUBT, SendVerdict.REFUSED, SendVerdict.UNAVAILABLE
OUTCOMES = [
    # behaviour, its parameters, verdict, code, what the bank says when it is asked afterwards
    ("timeout_after_processing", {"seconds": 20}, IN_DOUBT, "http-no-answer-in-time", Knowledge.HAS_IT),
    ("timeout_before_processing", {"seconds": 20}, IN_DOUBT, "http-no-answer-in-time", Knowledge.HAS_IT_NOT),
    ("unavailable", {}, UNAVAILABLE, "http-not-now", Knowledge.HAS_IT_NOT),
    ("unavailable", {"status": 404}, IN_DOUBT, "http-refused", Knowledge.HAS_IT_NOT),
    ("unavailable", {"status": 500}, IN_DOUBT, "http-server-failed", Knowledge.HAS_IT_NOT),
    ("refuse", {"code": "13"}, REFUSED, "bank-refused-amount", Knowledge.HAS_IT_NOT),
    ("refuse", {"code": "30"}, REFUSED, "bank-refused-contents", Knowledge.HAS_IT_NOT),
    ("refuse", {"code": "91"}, UNAVAILABLE, "bank-closed", Knowledge.HAS_IT_NOT),
    ("refuse", {"code": "96"}, IN_DOUBT, "bank-outcome-unknown", Knowledge.HAS_IT_NOT),
    ("refuse", {"code": "68"}, IN_DOUBT, "bank-outcome-unknown", Knowledge.HAS_IT_NOT),
    ("refuse", {"code": "7Z"}, IN_DOUBT, "bank-code-unlisted", Knowledge.HAS_IT_NOT),
    ("fault", {"code": "invalid-signature"}, REFUSED, "bank-refused-our-signature", Knowledge.HAS_IT_NOT),
    ("fault", {"code": "stale-message"}, REFUSED, "bank-refused-our-timestamp", Knowledge.HAS_IT_NOT),
    ("fault", {"code": "wrong-environment"}, REFUSED, "bank-refused-our-environment", Knowledge.HAS_IT_NOT),
    ("fault", {"code": "invalid-message"}, REFUSED, "bank-refused-our-message", Knowledge.HAS_IT_NOT),
    ("fault", {"code": "internal"}, IN_DOUBT, "soap-fault-receiver", Knowledge.HAS_IT_NOT),
    ("unsigned_fault", {}, IN_DOUBT, "unsigned-message", Knowledge.HAS_IT_NOT),
    ("garbage", {}, IN_DOUBT, "malformed-xml", Knowledge.HAS_IT),
    ("error_500", {}, IN_DOUBT, "http-server-failed", Knowledge.HAS_IT),
    ("tamper", {}, IN_DOUBT, "digest-mismatch", Knowledge.HAS_IT),
    ("unsigned", {}, IN_DOUBT, "unsigned-message", Knowledge.HAS_IT),
    ("replay", {}, IN_DOUBT, "answer-to-another-message", Knowledge.HAS_IT),
    ("wrong_relates_to", {}, IN_DOUBT, "answer-to-another-message", Knowledge.HAS_IT),
    ("stale", {}, IN_DOUBT, "stale-timestamp", Knowledge.HAS_IT),
    ("expired_certificate", {}, IN_DOUBT, "certificate-expired", Knowledge.HAS_IT),
    ("wrong_signer", {"signer": "wrong-ca"}, IN_DOUBT, "certificate-wrong-ca", Knowledge.HAS_IT),
    ("wrong_signer", {"signer": "revoked"}, IN_DOUBT, "certificate-revoked", Knowledge.HAS_IT),
    ("wrong_signer", {"signer": "vnpost"}, IN_DOUBT, "unknown-signer", Knowledge.HAS_IT),
    ("wrong_environment", {}, IN_DOUBT, "wrong-environment", Knowledge.HAS_IT),
    ("wrong_schema", {}, IN_DOUBT, "soap-answer-invalid", Knowledge.HAS_IT),
    ("hostile_dtd", {}, IN_DOUBT, "dtd-forbidden", Knowledge.HAS_IT),
]


@pytest.mark.parametrize(("behaviour", "parameters", "verdict", "code", "knowledge"), OUTCOMES)
def test_each_bad_answer_is_one_outcome_and_the_enquiry_settles_it(
    bank_a: Counterpart,
    behaviour: str,
    parameters: dict[str, object],
    verdict: SendVerdict,
    code: str,
    knowledge: Knowledge,
) -> None:
    sent(bank_a, a_payment_request(bank_a))  # so that there is something to replay
    message = a_payment_request(bank_a)
    bank_a.simulator.misbehave(behaviour, match={"operation": "CreatePaymentRequest"}, **parameters)
    outcome = sent(bank_a, message)
    assert (outcome.verdict, outcome.code) == (verdict, code)
    assert (outcome.reply is None) == behaviour.startswith("timeout")
    assert bank_a.sender(message.kind).enquire(message).knowledge is knowledge
    bank_a.simulator.behave()
    assert sent(bank_a, message).verdict is SendVerdict.DELIVERED


def test_bank_b_is_judged_alike_over_soap_1_1(bank_b: Counterpart) -> None:
    for behaviour, parameters, code in [
        ("tamper", {}, "digest-mismatch"),
        ("fault", {"code": "invalid-signature"}, "bank-refused-our-signature"),
        ("fault", {"code": "internal"}, "soap-fault-receiver"),
        ("unsigned_fault", {}, "unsigned-message"),
        # The expired certificate is bank A's, a stranger here.
        ("expired_certificate", {}, "unknown-signer"),
    ]:
        bank_b.simulator.misbehave(behaviour, **parameters)
        assert sent(bank_b, a_payment_request(bank_b)).code == code


def test_a_slow_answer_is_an_answer(bank: Counterpart) -> None:
    bank.simulator.misbehave("slow", seconds=0.5)
    assert sent(bank, a_payment_request(bank)).verdict is SendVerdict.DELIVERED


def test_a_refund_whose_answer_is_lost_is_found_by_asking(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    number = bank.simulator.act("pay", reference=reference)["number"]
    message = a_refund(bank, reference, number, 100_000)
    bank.simulator.misbehave("tamper", match={"operation": "RefundPayment"})
    assert sent(bank, message).verdict is SendVerdict.IN_DOUBT
    found = bank.sender(Kind.REFUND).enquire(message)
    assert found.knowledge is Knowledge.HAS_IT
    assert str(found.facts["refund_transaction_id"]).startswith("H")


def test_a_refund_that_never_arrived_is_found_missing_by_asking(bank: Counterpart) -> None:
    reference = requested(bank, 100_000)
    number = bank.simulator.act("pay", reference=reference)["number"]
    message = a_refund(bank, reference, number, 100_000)
    bank.simulator.misbehave("error_500", match={"operation": "QueryRefund"})
    bank.simulator.misbehave("unsigned_fault", match={"operation": "RefundPayment"})
    assert sent(bank, message).verdict is SendVerdict.IN_DOUBT
    assert bank.sender(Kind.REFUND).enquire(message).knowledge is Knowledge.UNKNOWN
    assert bank.sender(Kind.REFUND).enquire(message).knowledge is Knowledge.HAS_IT_NOT


@pytest.mark.parametrize("behaviour", ["tamper", "unsigned", "stale", "replay", "garbage", "fault"])
def test_an_enquiry_believes_no_bad_answer_either(bank_a: Counterpart, behaviour: str) -> None:
    message = a_payment_request(bank_a)
    sent(bank_a, message)
    parameters = {"code": "invalid-message"} if behaviour == "fault" else {}
    bank_a.simulator.misbehave(behaviour, match={"operation": "QueryPaymentRequest"}, **parameters)
    found = bank_a.sender(message.kind).enquire(message)
    assert found.knowledge is Knowledge.UNKNOWN
    assert found.reply is not None


@pytest.mark.parametrize(
    ("behaviour", "parameters", "kind", "code"),
    [
        ("tamper", {}, Untrusted, "digest-mismatch"),
        ("unsigned", {}, Untrusted, "unsigned-message"),
        ("replay", {}, Untrusted, "answer-to-another-message"),
        ("expired_certificate", {}, Untrusted, "certificate-expired"),
        ("wrong_signer", {"signer": "revoked"}, Untrusted, "certificate-revoked"),
        ("wrong_environment", {}, Untrusted, "wrong-environment"),
        ("garbage", {}, Malformed, "malformed-xml"),
        ("hostile_dtd", {}, Malformed, "dtd-forbidden"),
        ("wrong_schema", {}, Malformed, "soap-answer-invalid"),
        ("fault", {"code": "internal"}, Malformed, "bank-answered-fault"),
    ],
)
def test_a_bad_payment_status_is_stored_and_not_believed(
    bank_a: Counterpart, behaviour: str, parameters: dict[str, object], kind: type[GatewayError], code: str
) -> None:
    reference = requested(bank_a)
    bank_a.simulator.act("pay", reference=reference)
    bank_a.simulator.misbehave(behaviour, match={"operation": "QueryPaymentRequest"}, **parameters)
    assert bank_a.parts.enquirer is not None
    assert bank_a.parts.status_reader is not None
    raw = bank_a.parts.enquirer.ask(reference, request={})
    assert isinstance(raw, RawMessage)
    with pytest.raises(kind) as raised:
        bank_a.parts.status_reader.read(raw)
    assert raised.value.code == code


@pytest.mark.parametrize("behaviour", ["unavailable", "timeout_before_processing", "error_500"])
def test_a_question_without_an_answer_is_asked_again(bank_a: Counterpart, behaviour: str) -> None:
    reference = requested(bank_a)
    bank_a.simulator.misbehave(behaviour, match={"operation": "QueryPaymentRequest"})
    with pytest.raises(Unavailable):
        status_of(bank_a, reference)
    assert status_of(bank_a, reference).reference == reference


def test_what_we_send_is_refused_when_changed_on_the_way(bank: Counterpart) -> None:
    message = a_payment_request(bank)
    sender = bank.sender(message.kind)
    raw = sender.encode(message)
    changed = re.sub(rb"Amount>(\d+)<", rb"Amount>9\1<", raw)
    assert changed != raw
    [(_, outcome)] = sender.send([(message, changed)])
    assert (outcome.verdict, outcome.code) == (REFUSED, "bank-refused-our-signature")


def test_two_attempts_share_the_message_id_and_nothing_else(bank: Counterpart) -> None:
    message = a_payment_request(bank)
    sender = bank.sender(message.kind)
    first, second = sender.encode(message), sender.encode(message)
    identity = re.compile(rb"MessageID[^>]*>([^<]+)<")
    assert identity.findall(first) == identity.findall(second) != []
    assert first != second


def test_a_key_the_bank_does_not_know_is_refused(bank_a: Counterpart, banking_pki: Path) -> None:
    sender = bank_a.sender(Kind.PAYMENT_REQUEST_CREATE)
    stranger = SigningKey.load(banking_pki / "vnpost.key", banking_pki / "vnpost.crt")
    message = a_payment_request(bank_a)
    assert isinstance(sender, BankSender)
    envelope = sender.encode(message)
    unsigned = re.sub(rb"<wsse:Security.*</wsse:Security>", b"", envelope, flags=re.DOTALL)
    forged = sign_envelope(
        unsigned, stranger, environment="test", message_id=f"urn:quangninh:message:{message.message_id}",
        to="x", action="urn:vn:quangninh:collection:v1:CreatePaymentRequest", now=sender.collection.seals.now(),
    )  # fmt: skip
    [(_, outcome)] = sender.send([(message, forged)])
    assert (outcome.verdict, outcome.code) == (REFUSED, "bank-refused-our-signature")


def test_another_environment_is_refused_by_the_bank(bank_a: Counterpart, banking_pki: Path) -> None:
    other = build(bank_a.partner, certs=banking_pki, trust=trust_of(banking_pki), environment="production")
    message = a_payment_request(bank_a)
    sender = next(found for found in other.senders if message.kind in found.kinds)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    # The bank says no in its own environment, which a production gateway does not believe either.
    assert (outcome.verdict, outcome.code) == (IN_DOUBT, "wrong-environment")
    other.close()


@pytest.fixture
def a_port_nobody_listens_on() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def a_port_that_hangs_up() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def test_a_bank_that_is_down_got_nothing(bank_a: Counterpart, banking_pki: Path, a_port_nobody_listens_on: int) -> None:
    assert outcome_at(bank_a, banking_pki, a_port_nobody_listens_on) == (UNAVAILABLE, "http-unreachable")


def test_a_bank_that_hangs_up_in_the_handshake_got_nothing(
    bank_a: Counterpart, banking_pki: Path, a_port_that_hangs_up: int
) -> None:
    verdict, _ = outcome_at(bank_a, banking_pki, a_port_that_hangs_up)
    assert verdict is UNAVAILABLE


def test_a_server_that_is_not_the_bank_gets_nothing(bank_a: Counterpart, banking_pki: Path) -> None:
    outcome = outcome_at(bank_a, banking_pki, int(bank_a.simulator.greeting["port"]), tls_ca="bad/other-root.crt")
    assert outcome == (UNAVAILABLE, "tls-peer-untrusted")


def outcome_at(bank: Counterpart, pki: Path, port: int, **changes: str) -> tuple[SendVerdict, str]:
    assert bank.partner.collection is not None
    endpoint = f"https://127.0.0.1:{port}/collection"
    collection = bank.partner.collection.model_copy(update={"endpoint": endpoint, **changes})
    partner = bank.partner.model_copy(update={"collection": collection})
    parts = build(partner, certs=pki, trust=trust_of(pki), environment="test")
    message: OutboundMessage = a_payment_request(bank)
    sender = next(found for found in parts.senders if message.kind in found.kinds)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    parts.close()
    return outcome.verdict, outcome.code
