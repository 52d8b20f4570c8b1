"""Damaged messages: every outcome is a typed error, or a belief in exactly what was signed. Never a crash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import GatewayError
from gateway.security.c14n import canonicalize
from gateway.security.jws import keys_by_id, sign_compact, verify_compact
from gateway.security.pem import read_certificate_file
from gateway.security.wssecurity import VerifiedEnvelope, verify_envelope
from gateway.security.xml import parse_xml
from tests.security import envelopes
from tests.security.conftest import Pki

pytestmark = [pytest.mark.unit, pytest.mark.property]
_SETTINGS = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def honest(pki: Pki) -> tuple[bytes, VerifiedEnvelope]:
    raw = envelopes.foreign(pki.folder, "bank-a")
    return raw, _verify(pki, raw)


def _verify(pki: Pki, raw: bytes) -> VerifiedEnvelope:
    return verify_envelope(raw, trust=pki.trust, partner_certificates=pki.partner("bank-a"), environment="test")


def _same(found: VerifiedEnvelope, honest: VerifiedEnvelope) -> bool:
    def told(one: VerifiedEnvelope) -> tuple[object, ...]:
        return canonicalize(one.body), one.message_id, one.action, one.to, one.created_at, one.expires_at

    return told(found) == told(honest)


@_SETTINGS
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_never_changes_what_is_believed(
    pki: Pki, honest: tuple[bytes, VerifiedEnvelope], position: int, value: int
) -> None:
    damaged = bytearray(honest[0])
    damaged[position % len(damaged)] = value
    try:
        found = _verify(pki, bytes(damaged))
    except GatewayError:
        return
    assert _same(found, honest[1])


@_SETTINGS
@given(data=st.data())
def test_a_moved_or_copied_element_never_changes_what_is_believed(
    pki: Pki, honest: tuple[bytes, VerifiedEnvelope], data: st.DataObject
) -> None:
    root = etree.fromstring(honest[0])
    elements = list(root.iter(etree.Element))
    moved = data.draw(st.sampled_from(elements[1:]))
    target = data.draw(st.sampled_from(elements))
    if target in list(moved.iter()):
        return
    target.insert(data.draw(st.integers(0, len(target))), moved)
    try:
        found = _verify(pki, etree.tostring(root))
    except GatewayError:
        return
    assert _same(found, honest[1])


@_SETTINGS
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_xml_or_malformed(raw: bytes) -> None:
    for given_bytes in (raw, b'<?xml version="1.0" encoding="' + raw[:12] + b'"?><a/>', b"<a>" + raw + b"</a>"):
        try:
            code = "" if len(parse_xml(given_bytes).tag) else "no tag"
        except GatewayError as error:
            code = error.code
        assert code in {"", "malformed-xml", "dtd-forbidden"}


@_SETTINGS
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_of_a_token_is_never_believed(pki: Pki, position: int, value: int) -> None:
    at = datetime.now(UTC)
    der = read_certificate_file(pki.folder / "dossier.crt")
    keys = keys_by_id([pki.trust.check(der, partner_certificates=pki.partner("dossier"), at=at)])
    token = bytearray(sign_compact(b'{"id":"1"}', pki.key("dossier"), environment="test"))
    token[position % len(token)] = value
    try:
        payload = verify_compact(bytes(token), keys=keys, environment="test").payload
    except GatewayError:
        return
    assert payload == b'{"id":"1"}'
