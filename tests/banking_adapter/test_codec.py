"""What the bank's words mean to us, without any bank."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.banking import codec
from adapters.banking.codec import Answer
from adapters.banking.vietqr import VietQr, build_vietqr
from adapters.wire.soap import SoapContract
from gateway.errors import Malformed
from gateway.model import Channel, Kind, Knowledge, PaymentState, SendVerdict
from gateway.reasons import REASONS
from simulators.bank import collection as bank_side
from simulators.bank.habits import load

pytestmark = pytest.mark.unit

HAS_IT, HAS_IT_NOT, UNKNOWN = Knowledge.HAS_IT, Knowledge.HAS_IT_NOT, Knowledge.UNKNOWN


@pytest.fixture(scope="module", params=["1.1", "1.2"])
def contract(request: pytest.FixtureRequest) -> SoapContract:
    return SoapContract.load(codec.WSDL, version=request.param)


@pytest.mark.parametrize("code", sorted(codec.REFUSALS))
def test_a_listed_refusal_has_a_reason_of_ours(code: str) -> None:
    outcome = codec.outcome(Kind.REFUND, Answer("RefundPayment", {"ResponseCode": code, "RefundId": "r"}))
    assert outcome.verdict is SendVerdict.REFUSED
    assert outcome.code in REASONS


@pytest.mark.parametrize("code", ["01", "05", "99", "ZZ", "0A"])
def test_an_unlisted_code_is_never_guessed(code: str) -> None:
    for kind in (Kind.PAYMENT_REQUEST_CREATE, Kind.PAYMENT_REQUEST_CANCEL, Kind.REFUND):
        outcome = codec.outcome(kind, Answer("x", {"ResponseCode": code}))
        assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "bank-code-unlisted")
        assert codec.knowledge(kind, Answer("x", {"ResponseCode": code})).knowledge is UNKNOWN


@pytest.mark.parametrize(
    ("kind", "code", "state", "expected"),
    [
        (Kind.PAYMENT_REQUEST_CREATE, "00", "OPEN", HAS_IT),
        (Kind.PAYMENT_REQUEST_CREATE, "00", "PAID", HAS_IT),
        (Kind.PAYMENT_REQUEST_CREATE, "68", "PENDING", HAS_IT),
        (Kind.PAYMENT_REQUEST_CREATE, "68", "", UNKNOWN),
        (Kind.PAYMENT_REQUEST_CREATE, "25", "", HAS_IT_NOT),
        (Kind.PAYMENT_REQUEST_CREATE, "96", "", UNKNOWN),
        (Kind.PAYMENT_REQUEST_CREATE, "91", "", UNKNOWN),
        (Kind.PAYMENT_REQUEST_CANCEL, "00", "CANCELLED", HAS_IT),
        (Kind.PAYMENT_REQUEST_CANCEL, "00", "EXPIRED", HAS_IT),
        (Kind.PAYMENT_REQUEST_CANCEL, "00", "OPEN", HAS_IT_NOT),
        (Kind.PAYMENT_REQUEST_CANCEL, "00", "PAID", HAS_IT_NOT),
        (Kind.PAYMENT_REQUEST_CANCEL, "68", "PENDING", UNKNOWN),
        (Kind.PAYMENT_REQUEST_CANCEL, "25", "", HAS_IT_NOT),
        (Kind.REFUND, "00", "DONE", HAS_IT),
        (Kind.REFUND, "68", "PENDING", UNKNOWN),
        (Kind.REFUND, "68", "DONE", UNKNOWN),
        (Kind.REFUND, "57", "REFUSED", HAS_IT_NOT),
        (Kind.REFUND, "25", "", HAS_IT_NOT),
        (Kind.REFUND, "00", "", UNKNOWN),
    ],
)
def test_what_an_enquiry_tells(kind: Kind, code: str, state: str, expected: Knowledge) -> None:
    assert codec.knowledge(kind, Answer("Query", {"ResponseCode": code, "State": state or None})).knowledge is expected


@pytest.mark.parametrize(
    ("code", "state", "expected"),
    [
        ("00", "OPEN", PaymentState.PENDING),
        ("00", "PENDING", PaymentState.PENDING),
        ("68", "PENDING", PaymentState.PENDING),
        ("68", "FAILED", PaymentState.PENDING),
        ("25", None, PaymentState.PENDING),
        ("96", None, PaymentState.PENDING),
        ("00", "FAILED", PaymentState.FAILED),
        ("00", "CANCELLED", PaymentState.FAILED),
        ("00", "EXPIRED", PaymentState.FAILED),
    ],
)
def test_only_a_clear_word_settles_a_payment(code: str, state: str | None, expected: PaymentState) -> None:
    fields = {"ResponseCode": code, "State": state, "Reference": "QN1", "Message": None}
    status = codec.payment_status(Answer("QueryPaymentRequest", fields), "bank-a", Channel.QR)
    assert (status.state, status.amount, status.partner_transaction_id) == (expected, 0, "")


def test_a_payment_is_told_in_our_words() -> None:
    payment = {
        "TransactionNumber": "B1",
        "Amount": 150_000,
        "Currency": "VND",
        "Account": "1120000000101",
        "Channel": "POS",
        "PaidAt": datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
        "BusinessDate": date(2026, 11, 23),
    }
    fields = {"ResponseCode": "00", "State": "PAID", "Reference": "QN1", "Payment": payment}
    status = codec.payment_status(Answer("QueryPaymentRequest", fields), "bank-b", Channel.QR)
    assert (status.channel, status.amount, status.state) == (Channel.POS, 150_000, PaymentState.PAID)
    with pytest.raises(Malformed) as raised:
        codec.payment_status(Answer("QueryPaymentRequest", {**fields, "Payment": None}), "bank-b", Channel.QR)
    assert raised.value.code == "paid-without-payment"


@pytest.mark.parametrize("amount", ["1e3", "1.0", "+5", "007", "-1", "0", "", " ", "1 000", "1,000", "٣", "9" * 16])
def test_the_contract_knows_whole_dong_only(contract: SoapContract, amount: str) -> None:
    refund = {"RefundId": "r", "Reference": "QN1", "TransactionNumber": "B1", "Account": "1120000000101"}
    call = {**refund, "Amount": amount, "Currency": "VND", "Reason": "x"}
    with pytest.raises(Malformed) as raised:
        contract.build("RefundPayment", call)
    assert raised.value.code == "soap-request-invalid"
    assert amount.strip() == "" or amount not in raised.value.message


@pytest.mark.parametrize("currency", ["USD", "vnd", ""])
def test_the_contract_knows_vnd_only(contract: SoapContract, currency: str) -> None:
    refund = {"RefundId": "r", "Reference": "QN1", "TransactionNumber": "B1", "Account": "1120000000101"}
    with pytest.raises(Malformed):
        contract.build("RefundPayment", {**refund, "Amount": "5", "Currency": currency, "Reason": "x"})


@pytest.mark.property
@given(
    amount=st.integers(min_value=1, max_value=10**13 - 1),
    reference=st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=25),
)
def test_the_bank_accepts_every_qr_that_we_build(amount: int, reference: str) -> None:
    habits = load("bank-a", None, "test")
    account = next(iter(habits.accounts))
    payload = build_vietqr(VietQr(habits.bin, account, amount, reference))
    sent = {"QrPayload": payload, "Account": account, "Amount": str(amount), "Reference": reference}
    assert bank_side._qr_problem(sent, habits) == ""
    assert bank_side._qr_problem({**sent, "Amount": str(amount + 1)}, habits) != ""
    assert bank_side._qr_problem({**sent, "Account": "1120000000202"}, habits) != ""
