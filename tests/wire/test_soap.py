"""SOAP over real sockets: contracts, both versions, faults, and answers that are not what they should be."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import zeep.exceptions
from lxml import etree

from adapters.wire import soap
from adapters.wire.http import Timeouts
from adapters.wire.soap import RawReply, SoapClient, SoapContract
from adapters.wire.soap_faults import ENVELOPES, FAULT_CODES, unverified_body
from gateway.errors import ConfigurationError, GatewayError, InDoubt, Malformed, Refused, Unavailable, Untrusted
from gateway.local import processes
from tests.wire.talking_server import TalkingServer, answer

WSDL = Path(__file__).parent / "contracts" / "orders.wsdl"
ORDER = {"Reference": "R1", "Amount": 15000, "Note": "Lệ phí"}


@pytest.fixture(scope="module", params=["1.1", "1.2"])
def contract(request: pytest.FixtureRequest) -> SoapContract:
    return SoapContract.load(WSDL, version=request.param)


def _sign(envelope: bytes, action: str) -> bytes:
    return envelope.replace(b"</", b"<!--signed for " + action.encode() + b"--></", 1)


def _client(
    contract: SoapContract, endpoint: str, verify: Callable[[bytes], etree._Element] = unverified_body
) -> SoapClient:
    return SoapClient(contract, endpoint, sign=_sign, verify=verify, timeouts=Timeouts(connect=1.0, read=0.4))


def _envelope(contract: SoapContract, content: str) -> bytes:
    uri = ENVELOPES[contract.version]
    return f'<s:Envelope xmlns:s="{uri}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


def _response(contract: SoapContract, amount: str = "15000", reference: str = "R1", more: str = "") -> bytes:
    return _envelope(
        contract,
        f'<OrderResponse xmlns="urn:test:orders"><Reference>{reference}</Reference><Amount>{amount}</Amount>{more}'
        "</OrderResponse>",
    )


def _fault(contract: SoapContract, code: str, detail: str = "") -> bytes:
    if contract.version == "1.1":
        inner = f"<faultcode>s:{code}</faultcode><faultstring>no</faultstring>"
        inner += f"<detail>{detail}</detail>" if detail else ""
    else:
        inner = f'<s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang="vi">no</s:Text></s:Reason>'
        inner += f"<s:Detail>{detail}</s:Detail>" if detail else ""
    return _envelope(contract, f"<s:Fault>{inner}</s:Fault>")


def _read_failure(contract: SoapContract, kind: type[GatewayError], content: bytes, status: int = 200) -> GatewayError:
    with _client(contract, "http://localhost:1/") as client, pytest.raises(kind) as caught:
        client.read("Order", RawReply(status, content))
    assert type(caught.value) is kind
    return caught.value


def test_an_order_is_built_signed_posted_and_its_answer_read(contract: SoapContract) -> None:
    words = answer(_response(contract, more="<Rate>0.10</Rate>"))
    with TalkingServer(lambda _: words) as server, _client(contract, server.url + "/o") as client:
        request = client.prepare("Order", ORDER)
        raw = client.post(request)
        assert client.read("Order", raw) == {"Reference": "R1", "Amount": 15000, "Rate": Decimal("0.10")}
    (heard,) = server.heard
    assert heard.body == request.content
    assert b"signed for urn:test:orders:Order" in heard.body
    assert contract.decode_request("Order", unverified_body(heard.body)) == ORDER
    assert contract.operation_of(unverified_body(heard.body)) == "Order"
    if contract.version == "1.1":
        assert heard.headers["soapaction"] == '"urn:test:orders:Order"'
        assert heard.headers["content-type"] == "text/xml; charset=utf-8"
    else:
        assert heard.headers["content-type"] == 'application/soap+xml; charset=utf-8; action="urn:test:orders:Order"'


@pytest.mark.parametrize(
    "arguments",
    [
        {"Reference": "R1"},
        {"Reference": "longer-than-ten", "Amount": 1},
        {"Reference": "R1", "Amount": "1e3"},
        {"Reference": "R1", "Amount": 1, "Unknown": 1},
        {"Reference": "bad\0", "Amount": 1},
    ],
)
def test_arguments_that_break_the_contract_are_never_sent(contract: SoapContract, arguments: dict[str, object]) -> None:
    with pytest.raises(Malformed) as caught:
        contract.build("Order", arguments)
    assert caught.value.code == "soap-request-invalid"
    assert "longer-than-ten" not in str(caught.value)


def test_an_unknown_operation_is_a_setting_to_correct(contract: SoapContract) -> None:
    for call in (lambda: contract.build("Nothing", {}), lambda: contract.action("Nothing")):
        with pytest.raises(ConfigurationError) as caught:
            call()
        assert caught.value.code == "soap-operation-unknown"
    with pytest.raises(Malformed) as malformed:
        contract.operation_of(unverified_body(_envelope(contract, '<Steal xmlns="urn:test:orders"/>')))
    assert malformed.value.code == "soap-operation-not-offered"


@pytest.mark.parametrize("amount", ["1e3", "15000.0", "", "0x10", "99999999999999999999"])
def test_an_amount_in_another_notation_is_malformed_and_never_none(contract: SoapContract, amount: str) -> None:
    error = _read_failure(contract, Malformed, _response(contract, amount=amount))
    assert error.code == "soap-answer-invalid"
    assert "Amount" in error.where


def test_a_value_longer_than_the_schema_allows_is_malformed_and_not_shown(contract: SoapContract) -> None:
    error = _read_failure(contract, Malformed, _response(contract, reference="012345678901"))
    assert error.code == "soap-answer-invalid"
    assert "Reference" in error.where
    assert "012345678901" not in str(error)


@pytest.mark.parametrize(
    "content",
    [
        "",
        '<Order xmlns="urn:test:orders"><Reference>R</Reference><Amount>1</Amount></Order>',
        '<OrderResponse xmlns="urn:other"/>',
        '<OrderResponse xmlns="urn:test:orders"/><OrderResponse xmlns="urn:test:orders"/>',
    ],
)
def test_an_answer_of_another_shape_is_malformed(contract: SoapContract, content: str) -> None:
    assert _read_failure(contract, Malformed, _envelope(contract, content)).code == "soap-answer-invalid"


def test_an_answer_in_the_other_soap_version_is_malformed(contract: SoapContract) -> None:
    other = SoapContract.load(WSDL, version="1.2" if contract.version == "1.1" else "1.1")
    assert _read_failure(contract, Malformed, _response(other)).code == "soap-version-mismatch"


@pytest.mark.parametrize("attack", ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'])
def test_a_document_type_is_refused_before_anything_is_verified(contract: SoapContract, attack: str) -> None:
    def verify(_: bytes) -> etree._Element:
        raise AssertionError("must not be reached")

    with _client(contract, "http://localhost:1/", verify) as client, pytest.raises(Malformed) as caught:
        client.read("Order", RawReply(200, attack.encode() + _response(contract)))
    assert caught.value.code == "dtd-forbidden"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (200, Malformed, "malformed-xml"),
        (404, Refused, "http-refused"),
        (503, Unavailable, "http-not-now"),
        (502, InDoubt, "http-server-failed"),
    ],
)
def test_an_answer_that_is_no_xml_means_what_its_status_says(
    contract: SoapContract, status: int, kind: type[GatewayError], code: str
) -> None:
    assert _read_failure(contract, kind, b"<html><br>proxy", status).code == code


def test_what_is_not_verified_is_not_read(contract: SoapContract) -> None:
    def verify(_: bytes) -> etree._Element:
        raise Untrusted("not signed", code="signature-missing")

    for content in (_response(contract), _fault(contract, "Client")):
        with _client(contract, "http://localhost:1/", verify) as client, pytest.raises(Untrusted):
            client.read("Order", RawReply(200, content))


def test_a_fault_of_the_sender_is_refused_with_the_partners_code(contract: SoapContract) -> None:
    code = "Client" if contract.version == "1.1" else "Sender"
    detail = '<OrderFault xmlns="urn:test:orders"><Code>wrong-environment</Code></OrderFault>'
    error = _read_failure(contract, Refused, _fault(contract, code, detail), 500)
    assert isinstance(error, Refused)
    assert (error.code, error.partner_code) == ("soap-fault-refused", "wrong-environment")
    bare = _read_failure(contract, Refused, _fault(contract, code), 500)
    assert isinstance(bare, Refused)
    assert bare.partner_code == code


def test_a_fault_of_the_receiver_is_in_doubt(contract: SoapContract) -> None:
    code = "Server" if contract.version == "1.1" else "Receiver"
    assert _read_failure(contract, InDoubt, _fault(contract, code), 500).code == "soap-fault-receiver"
    assert _read_failure(contract, InDoubt, _fault(contract, "Strange"), 500).code == "soap-fault-receiver"


@pytest.mark.unit
def test_every_fault_code_of_both_versions_has_a_meaning() -> None:
    soap_11 = {"VersionMismatch", "MustUnderstand", "Client", "Server"}
    soap_12 = {"VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver"}
    assert soap_11 | soap_12 == set(FAULT_CODES)


@pytest.mark.parametrize(
    ("words", "kind"), [(TalkingServer.SILENCE, InDoubt), (TalkingServer.RESET, InDoubt), (b"garbage\r\n", InDoubt)]
)
def test_a_lost_answer_is_in_doubt_unless_asking_twice_is_harmless(
    contract: SoapContract, words: bytes, kind: type[GatewayError]
) -> None:
    with TalkingServer(lambda _: words) as server, _client(contract, server.url) as client:
        request = client.prepare("Order", ORDER)
        with pytest.raises(kind):
            client.post(request)
        with pytest.raises(Unavailable):
            client.post(request, idempotent=True)


def test_a_bank_that_is_away_is_unavailable(contract: SoapContract) -> None:
    nobody = f"http://127.0.0.1:{processes.free_port()}/"
    with _client(contract, nobody) as client, pytest.raises(Unavailable) as caught:
        client.post(client.prepare("Order", ORDER))
    assert caught.value.code == "http-unreachable"


def test_an_envelope_without_a_body_is_malformed() -> None:
    for content in (b"<x/>", b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>'):
        with pytest.raises(Malformed) as caught:
            unverified_body(content)
        assert caught.value.code == "soap-envelope-missing"


def test_a_contract_that_names_the_network_is_refused(tmp_path: Path) -> None:
    wsdl = WSDL.read_text().replace('schemaLocation="orders.xsd"', 'schemaLocation="http://127.0.0.1:1/orders.xsd"')
    (tmp_path / "orders.wsdl").write_text(wsdl)
    with pytest.raises(ConfigurationError) as caught:
        SoapContract.load(tmp_path / "orders.wsdl")
    assert caught.value.code == "soap-contract-unusable"


@pytest.mark.parametrize("text", ["", "<x/>", "<!DOCTYPE x><x/>", '<wsdl:definitions xmlns:wsdl="x"/>'])
def test_a_contract_that_cannot_be_used_is_a_setting_to_correct(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.wsdl").write_text(text)
    for path in (tmp_path / "bad.wsdl", tmp_path / "absent.wsdl"):
        with pytest.raises(ConfigurationError) as caught:
            SoapContract.load(path)
        assert caught.value.code == "soap-contract-unusable"


def test_a_version_that_the_contract_does_not_offer_is_a_setting_to_correct() -> None:
    with pytest.raises(ConfigurationError):
        SoapContract.load(WSDL, version="1.3")


@pytest.mark.unit
def test_every_exception_of_zeep_has_a_meaning_in_every_step() -> None:
    kinds = {
        kind
        for kind in vars(zeep.exceptions).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
    }
    for table in (soap.LOADING, soap.BUILDING, soap.DECODING):
        assert kinds - set(table) == set()
