"""Payment Platform 1.0.6 over real HTTPS: INIT, QUERY, and every answer that must not be believed."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.national_portal.platform import PlatformParts
from gateway.errors import Malformed, NotFound, Unavailable, Untrusted
from gateway.model import (
    Channel,
    Incoming,
    Kind,
    Knowledge,
    OutboundMessage,
    PaymentBill,
    PaymentState,
    PaymentStatus,
    SendOutcome,
    SendVerdict,
)
from gateway.security.secret import Secret
from tests.simulator_process import Simulator

pytestmark = pytest.mark.scenario
_NUMBERS = itertools.count(1)


def request(*, amount: int = 150_000, reference: str = "") -> OutboundMessage:
    reference = reference or f"QNPF{next(_NUMBERS):08d}"
    payload = {
        "reference": reference,
        "channel": "platform",
        "dossier_code": "H49.12-20261123-0001",
        "procedure_code": "1.005129",
        "procedure_name": "Đăng ký kinh doanh",
        "unit_code": "H49.12",
        "unit_name": "Sở Tài chính",
        "payer_name": "Nguyễn Thị Hoa",
        "payer_id_number": "022185000123",
        "payer_address": "Số 5 Lê Lợi",
        "amount": amount,
        "account": "9704790000001",
        "account_name": "TK PHI LE PHI",
        "description": f"Lệ phí | {reference}",
        "expires_at": "2026-11-24T10:00:00+07:00",
        "fees": [{"fee_id": "f1", "kind": "le_phi", "name": "Lệ phí", "amount": amount}],
    }
    return OutboundMessage(1, "intermediary", Kind.PAYMENT_REQUEST_CREATE, f"p-{reference}", payload)


def send(payments: PlatformParts, message: OutboundMessage) -> SendOutcome:
    ((_, outcome),) = payments.sender.send([(message, payments.sender.encode(message))])
    return outcome


def ask(payments: PlatformParts, message: OutboundMessage) -> Incoming:
    raw = payments.enquirer.ask(str(message.payload["reference"]), request=message.payload)
    assert raw.kind is Kind.PAYMENT_STATUS
    return payments.reader.read(raw)


def status(payments: PlatformParts, message: OutboundMessage) -> PaymentStatus:
    content = ask(payments, message).content
    assert isinstance(content, PaymentStatus)
    return content


def reference_of(message: OutboundMessage) -> str:
    return str(message.payload["reference"])


def test_a_payment_request_is_accepted_and_the_payers_address_is_told(
    intermediary: Simulator, payments: PlatformParts
) -> None:
    message = request()
    outcome = send(payments, message)
    assert outcome.verdict is SendVerdict.DELIVERED
    assert outcome.facts == {"payment_url": f"https://thanhtoan.example/{reference_of(message)}"}
    (kept,) = [r for r in intermediary.holds()["requests"] if r["MaThamChieu"] == reference_of(message)]
    assert kept["ThongTinBienLai"]["MaDichVu"] == "2"
    assert kept["ThongTinBienLai"]["PhiLePhi"] == [
        {"LoaiPhiLePhi": "1", "MaPhiLePhi": "LEPHI", "TenPhiLePhi": "Lệ phí", "SoTien": "150000"}
    ]


def test_the_same_request_again_is_one_request(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    assert send(payments, message).facts == send(payments, message).facts
    kept = [r for r in intermediary.holds()["requests"] if r["MaThamChieu"] == reference_of(message)]
    assert len(kept) == 1


def test_a_reference_used_for_another_amount_is_refused(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    outcome = send(payments, request(amount=9_000, reference=reference_of(message)))
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "platform-refused")
    assert outcome.facts["partner_code"] == "94"


def test_a_refused_request_is_given_up_with_the_platforms_code(
    intermediary: Simulator, payments: PlatformParts
) -> None:
    intermediary.misbehave("refuse", code="55", message="Đơn vị chưa đăng ký")
    outcome = send(payments, request())
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "platform-refused")
    assert outcome.facts == {"partner_code": "55", "partner_message": "MaLoi 55: Đơn vị chưa đăng ký"}


def test_a_tampered_answer_to_a_request_leaves_it_in_doubt(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    intermediary.misbehave("tamper")
    outcome = send(payments, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "wrong-signature")
    enquiry = payments.sender.enquire(message)
    assert enquiry.knowledge is Knowledge.HAS_IT
    assert enquiry.facts == {"payment_url": f"https://thanhtoan.example/{reference_of(message)}"}


def test_a_time_out_after_processing_is_settled_by_asking(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    intermediary.misbehave("timeout_after", seconds=2)
    outcome = send(payments, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "http-no-answer-in-time")
    assert payments.sender.enquire(message).knowledge is Knowledge.HAS_IT


def test_a_time_out_before_processing_is_settled_as_not_there(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    intermediary.misbehave("timeout_before", seconds=2)
    assert send(payments, message).verdict is SendVerdict.IN_DOUBT
    assert payments.sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT


def test_without_the_shared_secret_nothing_is_believed_on_either_side(
    intermediary: Simulator, payments: PlatformParts
) -> None:
    message = request()
    stranger = replace(payments.sender, secret=Secret(b"sai", "env:NOTHING"))
    outcome = send(replace(payments, sender=stranger), message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "wrong-signature")
    assert payments.sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT


def test_a_garbage_answer_is_in_doubt(intermediary: Simulator, payments: PlatformParts) -> None:
    intermediary.misbehave("garbage")
    outcome = send(payments, request())
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "bad-platform-reply")


def test_a_platform_that_is_away_costs_lateness_only(intermediary: Simulator, payments: PlatformParts) -> None:
    intermediary.misbehave("refuse_http", count=2)
    assert send(payments, request()).verdict is SendVerdict.UNAVAILABLE
    with pytest.raises(Unavailable) as caught:
        payments.sender.enquire(request())
    assert caught.value.code == "http-not-now"


def test_an_error_answer_to_a_query_says_nothing_of_the_request(
    intermediary: Simulator, payments: PlatformParts
) -> None:
    message = request()
    send(payments, message)
    intermediary.misbehave("refuse", count=2)
    assert payments.sender.enquire(message).knowledge is Knowledge.UNKNOWN
    assert status(payments, message).state is PaymentState.PENDING


def test_a_payment_is_pending_until_it_is_paid(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    pending = ask(payments, message)
    assert isinstance(pending.content, PaymentStatus)
    assert (pending.content.state, pending.transaction_id) == (PaymentState.PENDING, None)
    (payment,) = intermediary.act("pay", reference=reference_of(message))["payments"]
    paid = ask(payments, message)
    assert paid.transaction_id == payment["MaGiaoDich"]
    assert paid.message_id != pending.message_id
    assert paid.content == PaymentStatus(
        partner="intermediary",
        channel=Channel.PLATFORM,
        reference=reference_of(message),
        state=PaymentState.PAID,
        amount=150_000,
        account="9704790000001",
        partner_transaction_id=payment["MaGiaoDich"],
        business_on=date.fromisoformat(payment["paid_at"][:10]),
    )


def test_a_long_pending_payment_may_fail_in_the_end(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pend", reference=reference_of(message))
    assert [status(payments, message).state for _ in range(3)] == [PaymentState.PENDING] * 3
    intermediary.act("fail", reference=reference_of(message))
    assert status(payments, message).state is PaymentState.FAILED


def test_what_the_payer_paid_is_told_even_where_it_is_less(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message), amount=90_000)
    assert status(payments, message).amount == 90_000


def test_a_second_payment_shows_in_the_file_alone(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message), times=2)
    first = ask(payments, message)
    held = [p for p in intermediary.holds()["payments"] if p["MaThamChieu"] == reference_of(message)]
    assert len(held) == 2
    assert first.transaction_id == held[0]["MaGiaoDich"]


def test_the_same_answer_again_is_the_same_message(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message))
    assert ask(payments, message) == ask(payments, message)


def test_a_twelve_hour_clock_does_not_move_the_payment_to_another_day(
    intermediary: Simulator, payments: PlatformParts
) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message))
    intermediary.misbehave("half_day_clock")
    told = status(payments, message)
    assert told.business_on == datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    assert told.paid_at is None


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("unknown_status", "unknown-status"),
        ("decimal_amount", "bad-amount"),
        ("scientific_amount", "bad-amount"),
        ("garbage", "bad-platform-reply"),
    ],
)
def test_an_answer_that_breaks_its_contract_is_refused(
    intermediary: Simulator, payments: PlatformParts, behaviour: str, code: str
) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message))
    intermediary.misbehave(behaviour)
    with pytest.raises(Malformed) as caught:
        ask(payments, message)
    assert caught.value.code == code


def test_a_tampered_answer_to_a_query_is_not_believed(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.misbehave("tamper")
    with pytest.raises(Untrusted) as caught:
        ask(payments, message)
    assert caught.value.code == "wrong-signature"


def test_an_answer_about_another_reference_settles_nothing(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.misbehave("other_reference")
    with pytest.raises(Unavailable) as caught:
        payments.sender.enquire(message)
    assert caught.value.code == "bad-platform-reply"


def test_a_moved_separator_cannot_move_a_field(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message))
    raw = payments.enquirer.ask(reference_of(message), request=message.payload)
    envelope = json.loads(raw.body)
    inner = json.loads(envelope["message"])
    inner["SoTien"], inner["MaTienTe"] = f"{inner['SoTien']}|VND", ""
    shifted = json.dumps({**envelope, "message": json.dumps(inner)}).encode()
    with pytest.raises(Malformed) as caught:
        payments.reader.read(type(raw)(raw.partner, raw.kind, shifted))
    assert caught.value.code == "bad-platform-reply"


@pytest.mark.parametrize("amount", [0, -5, 1.5, True, "150000"])
def test_a_request_of_no_whole_positive_amount_is_never_sent(payments: PlatformParts, amount: object) -> None:
    message = request()
    broken = OutboundMessage(1, "intermediary", message.kind, "x", {**message.payload, "amount": amount})
    with pytest.raises(Malformed) as caught:
        payments.sender.encode(broken)
    assert caught.value.code == "bad-amount"


def test_an_unknown_reference_is_pending_and_never_failed(intermediary: Simulator, payments: PlatformParts) -> None:
    told = status(payments, request())
    assert (told.state, told.amount) == (PaymentState.PENDING, 0)
    assert told.detail.startswith("MaLoi 02")


def test_the_bill_of_a_payment_is_the_pdf_as_the_platform_sent_it(
    intermediary: Simulator, payments: PlatformParts
) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message))
    raw = payments.bills.fetch(reference_of(message))
    assert (raw.kind, raw.content_type) == (Kind.PAYMENT_BILL, "application/pdf")
    assert raw.body.startswith(b"%PDF-")
    assert reference_of(message).encode() in raw.body
    found = payments.bill_reader.read(raw)
    assert found.content == PaymentBill("intermediary", reference_of(message), hashlib.sha256(raw.body).hexdigest())
    assert found.transaction_id is None, "a bill moves no money"


def test_a_payment_without_a_bill_yet_is_asked_for_again(intermediary: Simulator, payments: PlatformParts) -> None:
    message = request()
    send(payments, message)
    with pytest.raises(NotFound) as unpaid:
        payments.bills.fetch(reference_of(message))
    assert unpaid.value.code == "platform-has-no-bill"
    intermediary.misbehave("tamper")
    with pytest.raises(Unavailable) as tampered:
        payments.bills.fetch(reference_of(message))
    assert tampered.value.code == "wrong-signature"


@pytest.mark.parametrize("behaviour", ["half_a_bill", "garbage"])
def test_what_is_no_whole_pdf_is_no_bill(intermediary: Simulator, payments: PlatformParts, behaviour: str) -> None:
    message = request()
    send(payments, message)
    intermediary.act("pay", reference=reference_of(message))
    intermediary.misbehave(behaviour)
    raw = payments.bills.fetch(reference_of(message))
    with pytest.raises(Malformed) as caught:
        payments.bill_reader.read(raw)
    assert caught.value.code == "bad-platform-bill"
