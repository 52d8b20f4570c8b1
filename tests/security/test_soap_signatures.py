"""Signed SOAP both ways with python-xmlsec as the other party, and what a partner's honest variations may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import Malformed, Untrusted
from gateway.security.wsnames import SOAP_11, SOAP_12
from gateway.security.wssecurity import VerifiedEnvelope, check_fresh, sign_envelope, verify_envelope
from tests.security import envelopes
from tests.security.conftest import Pki

pytestmark = pytest.mark.unit


def _signed(pki: Pki, key: str, raw: bytes, now: datetime) -> bytes:
    return sign_envelope(
        raw, pki.key(key), environment="test", message_id="urn:uuid:7", to="urn:bank-a", action="urn:pay", now=now
    )


def _verify(pki: Pki, raw: bytes, *partner: str) -> VerifiedEnvelope:
    return verify_envelope(
        raw, trust=pki.trust, partner_certificates=pki.partner(*(partner or ("bank-a",))), environment="test"
    )


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("key", ["gateway-rsa", "gateway-ec"])
def test_xmlsec_verifies_what_we_sign(pki: Pki, now: datetime, key: str, soap: str) -> None:
    """Body, MessageID, To, Action, Environment and Timestamp: six references."""
    raw = _signed(pki, key, envelopes.plain(soap), now)
    assert envelopes.xmlsec_verifies(raw, pki.folder / f"{key}.crt") == 6


def test_xmlsec_refuses_what_was_changed_after_we_signed(pki: Pki, now: datetime) -> None:
    raw = _signed(pki, "gateway-rsa", envelopes.plain(), now).replace(b"150000", b"950000")
    with pytest.raises(xmlsec.Error):
        envelopes.xmlsec_verifies(raw, pki.folder / "gateway-rsa.crt")


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("prefixes", ["", "soap", "soap wsu"])
@pytest.mark.parametrize("name", ["bank-a", "national-portal"])
def test_we_verify_what_xmlsec_signs(pki: Pki, name: str, soap: str, prefixes: str) -> None:
    raw = envelopes.foreign(pki.folder, name, soap=soap, prefixes=prefixes)
    found = _verify(pki, raw, name)
    assert (found.message_id, found.action, found.to, found.relates_to) == (
        "urn:uuid:1",
        "urn:pay",
        "urn:gateway",
        None,
    )
    assert found.environment == "test"
    assert found.signer.partner == name
    assert found.expires_at - found.created_at == timedelta(minutes=5)
    assert found.body.tag == f"{{{soap}}}Body"
    assert found.body.findtext(".//{urn:bank}Amount") == "150000"


def test_the_body_is_parsed_anew_and_stands_alone(pki: Pki) -> None:
    found = _verify(pki, envelopes.foreign(pki.folder, "bank-a"))
    assert found.body.getparent() is None
    assert b"MessageID" not in etree.tostring(found.body.getroottree())


def test_a_reply_names_the_message_it_answers(pki: Pki, now: datetime) -> None:
    raw = sign_envelope(
        envelopes.plain(), pki.key("gateway-ec"), environment="test", message_id="m", to="t", action="a", now=now,
        relates_to="urn:uuid:1",
    )  # fmt: skip
    assert _verify(pki, raw, "gateway", "gateway-ec").relates_to == "urn:uuid:1"


def test_a_partner_without_the_environment_header_is_accepted_only_where_configured(pki: Pki) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a", environment=None)
    found = verify_envelope(
        raw, trust=pki.trust, partner_certificates=pki.partner("bank-a"), environment="test",
        environment_required=False,
    )  # fmt: skip
    assert found.environment == ""
    with pytest.raises(Untrusted) as caught:
        _verify(pki, raw)
    assert caught.value.code == "wrong-environment"


def test_addressing_headers_of_the_caller_are_replaced(pki: Pki, now: datetime) -> None:
    twice = _signed(pki, "gateway-ec", envelopes.foreign_headers(), now)
    assert _verify(pki, twice, "gateway", "gateway-ec").message_id == "urn:uuid:7"


def test_a_signed_envelope_is_not_signed_again(pki: Pki, now: datetime) -> None:
    with pytest.raises(Malformed) as caught:
        _signed(pki, "gateway-ec", envelopes.foreign(pki.folder, "bank-a"), now)
    assert caught.value.code == "not-a-soap-envelope"


def test_what_is_not_soap_is_not_signed(pki: Pki, now: datetime) -> None:
    with pytest.raises(Malformed) as caught:
        _signed(pki, "gateway-ec", b"<a/>", now)
    assert caught.value.code == "not-a-soap-envelope"


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)


@pytest.mark.property
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=_TEXT, attribute=_TEXT)
def test_any_text_comes_back_as_it_was_signed(pki: Pki, text: str, attribute: str) -> None:
    root = etree.fromstring(envelopes.plain(body="<a/>"))
    element = root[1][0]
    element.text, element.attrib["b"] = text or None, attribute
    raw = _signed(pki, "gateway-ec", etree.tostring(root), datetime.now(UTC))
    found = _verify(pki, raw, "gateway", "gateway-ec").body[0]
    assert (found.text or "", found.get("b")) == (text, attribute)
    assert envelopes.xmlsec_verifies(raw, pki.folder / "gateway-ec.crt") == 6


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("created", "expires", "code"),
    [
        (-2 * MINUTE, 3 * MINUTE, "fresh"),
        (4 * MINUTE, 9 * MINUTE, "fresh"),
        (6 * MINUTE, 11 * MINUTE, "future-timestamp"),
        (-9 * MINUTE, -4 * MINUTE, "fresh"),
        (-11 * MINUTE, -6 * MINUTE, "stale-timestamp"),
    ],
)
def test_freshness_allows_five_minutes_of_skew(
    now: datetime, created: timedelta, expires: timedelta, code: str
) -> None:
    try:
        check_fresh(now + created, now + expires, now=now)
        found = "fresh"
    except Untrusted as error:
        found = error.code
    assert found == code


def test_a_late_resend_still_verifies_so_that_it_can_be_found_a_duplicate(pki: Pki, now: datetime) -> None:
    """Freshness is judged apart: the spine looks up duplicates first."""
    old = envelopes.foreign(pki.folder, "bank-a", created=now - timedelta(days=2))
    found = _verify(pki, old)
    with pytest.raises(Untrusted) as caught:
        check_fresh(found.created_at, found.expires_at, now=now)
    assert caught.value.code == "stale-timestamp"
