"""What the dossier system says is understood whole, or refused with the code that says why."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable

import pytest

from adapters.dossier import codec, contract
from gateway.errors import Malformed
from gateway.model import EventType, Kind, OutboundMessage
from tests.dossier.events import AT, CODE, DATA, as_bytes, event

pytestmark = pytest.mark.unit

IN = contract.incoming()
OUT = contract.outgoing()
COMING_IN = [name for name in DATA if not name.startswith("gateway.")]


def refused(payload: bytes) -> Malformed:
    with pytest.raises(Malformed) as raised:
        codec.decode(payload, IN)
    return raised.value


def test_every_event_type_has_a_schema_and_an_example() -> None:
    assert {f"vn.quangninh.{name}" for name in DATA} == {*EventType, contract.DAY_APPROVED}
    assert set(IN.data) | set(OUT.data) == {*EventType, contract.DAY_APPROVED}


@pytest.mark.parametrize("name", COMING_IN)
def test_an_event_is_understood_whole(name: str) -> None:
    found = codec.decode(as_bytes(event(name)), IN)
    assert found.message_id == "/quang-ninh/dossier#e-0001"
    assert found.event.type == f"vn.quangninh.{name}"
    assert found.event.dossier_code == CODE
    assert found.event.occurred_at.isoformat() == AT
    assert found.event.data == DATA[name]


def test_a_counter_receipt_is_one_business_transaction_whatever_event_tells_it() -> None:
    one = codec.decode(as_bytes(event("payment.counter.v1")), IN)
    again = codec.decode(as_bytes(event("payment.counter.v1", id="e-0002")), IN)
    assert one.message_id != again.message_id
    assert one.transaction_id == again.transaction_id == "1K26TQN#0000123"
    assert one.fingerprint == again.fingerprint == "400000"
    other = codec.decode(as_bytes(event("payment.counter.v1", {"amount": 1})), IN)
    assert other.fingerprint != one.fingerprint


def test_events_that_move_no_money_are_known_by_their_id_alone() -> None:
    assert codec.decode(as_bytes(event("fee.requested.v1")), IN).transaction_id is None


@pytest.mark.parametrize("code", ["000.00.12.H49-261123-0001", "H49.12-20261123-0000001", "H49-261123-1234"])
def test_old_and_new_dossier_codes_are_taken(code: str) -> None:
    assert codec.decode(as_bytes(event("dossier.withdrawn.v1", subject=code)), IN).event.dossier_code == code


@pytest.mark.parametrize(
    "code", ["", "123", "H49-2611-0001", "h49-261123-0001", "H49-261123-0001\n", "H49-261123-٠٠٠١"]
)
def test_a_dossier_code_outside_the_grammar_is_refused(code: str) -> None:
    assert refused(as_bytes(event("dossier.withdrawn.v1", subject=code))).code == "dossier-code-invalid"


@pytest.mark.parametrize(
    "literal", ["350000.0", "350000.5", "3.5e5", "1e3", "-1e3", "1E400", '"350000"', "true", "null"]
)
def test_an_amount_that_is_not_a_whole_number_is_refused(literal: str) -> None:
    payload = as_bytes(event("payment.counter.v1")).replace(b'"amount": 400000', f'"amount": {literal}'.encode())
    error = refused(payload)
    assert (error.code, error.where) == ("amount-not-whole", "event.data.amount")


def test_an_amount_beyond_all_sense_is_refused() -> None:
    assert refused(as_bytes(event("payment.counter.v1", {"amount": 10**12}))).code == "amount-not-positive"


@pytest.mark.parametrize("amount", [0, -5000])
def test_a_fee_of_nothing_or_less_is_refused(amount: int) -> None:
    lines = [{"fee_id": "1", "kind": "phi", "name": "Phí", "amount": amount}]
    error = refused(as_bytes(event("fee.requested.v1", {"lines": lines})))
    assert (error.code, error.where) == ("amount-not-positive", "event.data.lines.0.amount")


def test_foreign_money_is_refused() -> None:
    assert refused(as_bytes(event("payment.counter.v1", {"currency": "USD"}))).code == "currency-foreign"


@pytest.mark.parametrize("status", [0, 11, "4", True])
def test_a_status_nobody_agreed_is_refused_and_not_guessed(status: object) -> None:
    assert refused(as_bytes(event("dossier.step.v1", {"status": status}))).code == "dossier-status-unknown"


def test_a_type_nobody_agreed_is_refused() -> None:
    unknown = event("dossier.step.v1", type="vn.quangninh.dossier.lost.v1")
    assert refused(as_bytes(unknown)).code == "event-unexpected"


def test_what_the_gateway_says_is_not_taken_from_outside() -> None:
    assert refused(as_bytes(event("gateway.payment.confirmed.v1"))).code == "event-unexpected"


@pytest.mark.parametrize(
    "at", ["2026-11-23 08:15:00+07:00", "2026-11-23T08:15:00", "2026-02-30T08:15:00Z", "20261123081500"]
)
def test_a_time_without_offset_or_outside_the_calendar_is_refused(at: str) -> None:
    assert refused(as_bytes(event("dossier.withdrawn.v1", time=at))).code == "bad-time"
    assert refused(as_bytes(event("dossier.withdrawn.v1", {"withdrawn_at": at}))).code == "bad-time"


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "not JSON at all": (lambda _: b"<event/>", "not-json"),
    "cut in the middle": (lambda body: body[:-40], "not-json"),
    "NaN": (lambda body: body.replace(b"400000", b"NaN"), "not-json"),
    "nested without end": (lambda _: b"[" * 100_000 + b"]" * 100_000, "not-json"),
    "a number of 5000 digits": (lambda body: body.replace(b"400000", b"9" * 5000), "not-json"),
    "something behind the end": (lambda body: body + b"{}", "not-json"),
    "a byte-order mark": (lambda body: b"\xef\xbb\xbf" + body, "not-json"),
    "a key twice": (lambda body: body.replace(b'"cashier"', b'"amount": 1, "cashier"'), "duplicate-key"),
    "a key twice, once escaped": (
        lambda body: body.replace(b'"cashier"', rb'"a\u006dount": 1, "cashier"'),
        "duplicate-key",
    ),
    "not UTF-8": (lambda body: body.replace("ị".encode(), b"\xff"), "not-text-in-encoding"),
    "half a surrogate pair": (lambda body: body.replace(b"POS001", rb"\ud800"), "not-text-in-encoding"),
    "a NUL in a text": (lambda body: body.replace("Vũ".encode(), rb"V\u0000"), "not-text-in-encoding"),
    "too large": (lambda body: body + b" " * codec.MAX_BYTES, "message-too-large"),
    "a list": (lambda _: b"[]", "event-data-invalid"),
    "a field too many": (lambda body: body.replace(b'"cashier"', b'"discount": 5, "cashier"'), "event-data-invalid"),
    "a field too few": (lambda body: body.replace(b'"cashier"', b'"kashier"'), "event-data-invalid"),
    "CloudEvents 0.3": (lambda body: body.replace(b'"1.0"', b'"0.3"'), "event-data-invalid"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_bytes_are_refused_with_their_reason(case: str) -> None:
    spoil, code = BROKEN[case]
    assert refused(spoil(as_bytes(event("payment.counter.v1")))).code == code


def test_a_refusal_never_repeats_what_the_message_says_of_a_person() -> None:
    error = refused(as_bytes(event("dossier.submitted.v1", {"owner_id_number": "022099123456 ?"})))
    assert "022099123456" not in error.explain()


def test_names_are_kept_in_nfc_however_they_were_typed() -> None:
    typed = unicodedata.normalize("NFD", "Trần Thị Huệ")
    plain = as_bytes(event("result.returned.v1", {"received_by": typed}))
    escaped = json.dumps(event("result.returned.v1", {"received_by": typed})).encode()
    for payload in (plain, escaped):
        assert codec.decode(payload, IN).event.data["received_by"] == "Trần Thị Huệ"


def outbound(name: str, **fields: object) -> OutboundMessage:
    payload = {"type": f"vn.quangninh.{name}", "subject": CODE, "occurred_at": AT, "data": DATA[name], **fields}
    return OutboundMessage(1, "dossier", Kind.EVENT, "m-1", payload, dossier_code=CODE)


@pytest.mark.parametrize("name", [name for name in DATA if name.startswith("gateway.") and "day" not in name])
def test_what_the_gateway_says_is_a_cloud_event_with_our_message_id(name: str) -> None:
    said = json.loads(codec.encode(outbound(name), OUT))
    assert said == event(name, id="m-1", source=codec.SOURCE)


def test_every_attempt_says_the_same_bytes() -> None:
    message = outbound("gateway.portal.status.v1")
    assert codec.encode(message, OUT) == codec.encode(message, OUT)


def test_a_payload_outside_the_contract_is_not_sent() -> None:
    with pytest.raises(Malformed) as raised:
        codec.encode(outbound("gateway.payment.refunded.v1", data={"refund_id": "1", "amount": 1.5, "reason": ""}), OUT)
    assert raised.value.code == "amount-not-whole"
    with pytest.raises(Malformed) as raised:
        codec.encode(OutboundMessage(1, "dossier", Kind.EVENT, "m-1", {}), OUT)
    assert raised.value.code == "event-data-invalid"


def test_an_approved_day_is_told_as_an_event() -> None:
    message = OutboundMessage(1, "broker", Kind.DAY_APPROVED, "m-2", DATA["gateway.day.approved.v1"])
    said = json.loads(codec.encode(message, OUT))
    assert (said["type"], said["subject"]) == (contract.DAY_APPROVED, "bank-a:2026-11-23")
