"""What an attacker, or a careless partner, may do to a signed SOAP message: each has its own exact code."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from gateway.errors import GatewayError
from gateway.security.trust import PartnerCertificates
from gateway.security.wsnames import SOAP_11, WSA, WSSE, WSU
from gateway.security.wssecurity import MAX_BYTES, VerifiedEnvelope, sign_envelope, verify_envelope
from tests.security import envelopes
from tests.security.conftest import Pki

pytestmark = pytest.mark.unit
DS = envelopes.DS
BODY = f"{{{SOAP_11}}}Body"
HEADER = f"{{{SOAP_11}}}Header"
SECURITY = f"{{{WSSE}}}Security"


def _verify(
    pki: Pki,
    raw: bytes,
    *,
    partner: PartnerCertificates | None = None,
    at: datetime | None = None,
    max_bytes: int = MAX_BYTES,
) -> VerifiedEnvelope:
    return verify_envelope(
        raw,
        trust=pki.trust,
        partner_certificates=partner or pki.partner("bank-a"),
        environment="test",
        at=at,
        max_bytes=max_bytes,
    )


def _code(call: Callable[[], object]) -> str:
    try:
        call()
    except GatewayError as error:
        return error.code if error.action else f"{error.code} without advice"
    return "believed"


def _attacked(pki: Pki, attack: Callable[[etree._Element], object]) -> str:
    """The code that an honest envelope of bank-a gets after ``attack`` has changed its tree."""
    root = etree.fromstring(envelopes.foreign(pki.folder, "bank-a"))
    attack(root)
    return _code(lambda: _verify(pki, etree.tostring(root)))


def _evil_body(root: etree._Element) -> etree._Element:
    evil = etree.SubElement(root, BODY)
    pay = etree.SubElement(evil, "{urn:bank}Pay")
    etree.SubElement(pay, "{urn:bank}Amount").text = "999000000"
    return evil


def _find(root: etree._Element, tag: str) -> etree._Element:
    return next(root.iter(tag))


def test_the_honest_envelope_is_believed(pki: Pki) -> None:
    assert _attacked(pki, lambda root: None) == "believed"


# signature wrapping


def _moved_into_header(root: etree._Element) -> None:
    wrapper = etree.SubElement(root[0], "{urn:evil}Wrapper")
    wrapper.append(_find(root, BODY))
    _evil_body(root)


def _moved_into_security(root: etree._Element) -> None:
    body = _find(root, BODY)
    _find(root, SECURITY).append(body)
    _evil_body(root)


def _moved_directly_into_header(root: etree._Element) -> None:
    root[0].append(_find(root, BODY))
    _evil_body(root)


def _moved_into_object(root: etree._Element) -> None:
    holder = etree.SubElement(_find(root, f"{{{DS}}}Signature"), f"{{{DS}}}Object")
    holder.append(_find(root, BODY))
    _evil_body(root)


def _moved_into_evil_body(root: etree._Element) -> None:
    body = _find(root, BODY)
    _evil_body(root).append(body)


def _second_body_after(root: etree._Element) -> None:
    _evil_body(root)


def _second_body_before(root: etree._Element) -> None:
    root.insert(1, _evil_body(root))


def _second_header(root: etree._Element) -> None:
    root.insert(0, etree.Element(HEADER))


def _foreign_sibling(root: etree._Element) -> None:
    etree.SubElement(root, "{urn:evil}Body")


def _second_security(root: etree._Element) -> None:
    root[0].append(copy.deepcopy(_find(root, SECURITY)))


def _second_signature(root: etree._Element) -> None:
    _find(root, SECURITY).append(etree.Element(f"{{{DS}}}Signature"))


def _reference_to_nothing(root: etree._Element) -> None:
    del _find(root, BODY).attrib[f"{{{WSU}}}Id"]


def _token_elsewhere(root: etree._Element) -> None:
    root[0].append(_find(root, f"{{{WSSE}}}BinarySecurityToken"))


@pytest.mark.parametrize(
    "attack",
    [
        _moved_into_header, _moved_into_security, _moved_directly_into_header, _moved_into_object,
        _moved_into_evil_body, _second_body_after, _second_body_before, _second_header, _foreign_sibling,
        _second_security, _second_signature, _reference_to_nothing, _token_elsewhere,
    ],
)  # fmt: skip
def test_a_wrapped_or_moved_body_is_refused(pki: Pki, attack: Callable[[etree._Element], None]) -> None:
    assert _attacked(pki, attack) == "signature-wrapping"


# ids


@pytest.mark.parametrize("name", [f"{{{WSU}}}Id", "Id", "ID", "{http://www.w3.org/XML/1998/namespace}id"])
def test_an_id_that_occurs_twice_is_refused(pki: Pki, name: str) -> None:
    def attack(root: etree._Element) -> None:
        etree.SubElement(root[0], "{urn:evil}Copy").set(name, "part-0")

    assert _attacked(pki, attack) == "ambiguous-id"


def test_a_copy_of_the_body_with_the_same_id_is_refused(pki: Pki) -> None:
    assert _attacked(pki, lambda root: root[0].append(copy.deepcopy(_find(root, BODY)))) == "ambiguous-id"


# content


def _set(tag: str, text: str) -> Callable[[etree._Element], None]:
    def attack(root: etree._Element) -> None:
        _find(root, tag).text = text

    return attack


@pytest.mark.parametrize(
    "attack",
    [
        _set("{urn:bank}Amount", "950000"),
        _set(f"{{{WSA}}}MessageID", "urn:uuid:2"),
        _set(f"{{{WSA}}}To", "urn:other"),
        _set(f"{{{WSA}}}Action", "urn:refund"),
        _set(f"{{{WSU}}}Expires", "2099-01-01T00:00:00Z"),
        _set("{urn:quangninh:gateway:1}Environment", "production"),
        lambda root: _find(root, "{urn:bank}Pay").append(etree.Element("{urn:bank}Extra")),
        lambda root: _find(root, "{urn:bank}Amount").append(etree.ProcessingInstruction("x")),
    ],
)
def test_a_change_after_the_signature_is_found(pki: Pki, attack: Callable[[etree._Element], None]) -> None:
    assert _attacked(pki, attack) == "digest-mismatch"


def test_comments_in_a_value_change_nothing_that_is_read(pki: Pki) -> None:
    """A comment is not signed; whoever reads only the text before it would read another amount."""
    raw = envelopes.foreign(pki.folder, "bank-a").replace(b">150000<", b">15<!-- x -->0000<")
    raw = raw.replace(b">urn:uuid:1<", b">urn:<!---->uuid:1<")
    found = _verify(pki, raw)
    amount = found.body.find(".//{urn:bank}Amount")
    assert amount is not None
    assert (amount.text, len(amount)) == ("150000", 0)
    assert found.message_id == "urn:uuid:1"


def test_a_comment_in_a_digest_changes_nothing(pki: Pki) -> None:
    """The digest is read from the canonical bytes of SignedInfo, never from the document (CVE-2025-29775)."""

    def attack(root: etree._Element) -> None:
        _find(root, "{urn:bank}Amount").text = "950000"
        digest = _find(root, f"{{{DS}}}DigestValue")
        comment = etree.Comment("forged")
        comment.tail = digest.text
        digest.text = "AAAA"
        digest.append(comment)

    assert _attacked(pki, attack) == "wrong-signature"


def test_a_forged_digest_is_found_by_the_signature(pki: Pki) -> None:
    assert _attacked(pki, _set(f"{{{DS}}}DigestValue", "A" * 43 + "=")) == "wrong-signature"


def test_a_forged_signature_value_is_refused(pki: Pki) -> None:
    assert _attacked(pki, _set(f"{{{DS}}}SignatureValue", "A" * 86 + "==")) == "wrong-signature"


@pytest.mark.parametrize(
    ("tag", "text"), [("SignatureValue", "not base64!"), ("DigestValue", "%%%%"), ("SignatureValue", "")]
)
def test_values_that_are_not_base64_are_refused(pki: Pki, tag: str, text: str) -> None:
    assert _attacked(pki, _set(f"{{{DS}}}{tag}", text)) in {"malformed-signature", "wrong-signature"}


# what is not signed


@pytest.mark.parametrize(
    ("unsigned", "code"),
    [
        ("Body", "signature-wrapping"),
        ("Timestamp", "timestamp-not-signed"),
        ("MessageID", "header-not-signed"),
        ("To", "header-not-signed"),
        ("Action", "header-not-signed"),
        ("Environment", "header-not-signed"),
    ],
)
def test_a_part_that_is_not_signed_is_not_believed(pki: Pki, unsigned: str, code: str) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a", unsigned=(unsigned,))
    assert _code(lambda: _verify(pki, raw)) == code


def _remove(tag: str) -> Callable[[etree._Element], None]:
    def attack(root: etree._Element) -> None:
        found = _find(root, tag)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return attack


@pytest.mark.parametrize("tag", [SECURITY, f"{{{DS}}}Signature", HEADER])
def test_an_unsigned_message_is_told_as_such(pki: Pki, tag: str) -> None:
    assert _attacked(pki, _remove(tag)) == "unsigned-message"


def test_a_relates_to_that_was_added_later_is_refused(pki: Pki) -> None:
    def attack(root: etree._Element) -> None:
        etree.SubElement(root[0], f"{{{WSA}}}RelatesTo").text = "urn:uuid:other"

    assert _attacked(pki, attack) == "header-not-signed"


def test_a_second_message_id_is_refused(pki: Pki) -> None:
    def attack(root: etree._Element) -> None:
        etree.SubElement(root[0], f"{{{WSA}}}MessageID").text = "urn:uuid:other"

    assert _attacked(pki, attack) == "header-not-signed"


# algorithms


def test_sha1_digests_are_refused(pki: Pki) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a", sha1=True)
    assert _code(lambda: _verify(pki, raw)) == "weak-algorithm"


def test_rsa_with_sha1_is_refused(pki: Pki) -> None:
    raw = envelopes.foreign(pki.folder, "national-portal", rsa_sha1=True)
    partner = pki.partner("national-portal")
    assert _code(lambda: _verify(pki, raw, partner=partner)) == "weak-algorithm"


@pytest.mark.parametrize(
    ("tag", "algorithm"),
    [
        ("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),  # the key is EC
        ("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        ("Transform", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
        ("DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#md5"),
    ],
)
def test_other_algorithms_are_refused(pki: Pki, tag: str, algorithm: str) -> None:
    def attack(root: etree._Element) -> None:
        _find(root, f"{{{DS}}}{tag}").set("Algorithm", algorithm)

    assert _attacked(pki, attack) == "weak-algorithm"


def test_a_reference_without_canonicalisation_is_refused(pki: Pki) -> None:
    assert _attacked(pki, _remove(f"{{{DS}}}Transforms")) == "weak-algorithm"


def test_parameters_of_an_algorithm_are_refused(pki: Pki) -> None:
    def attack(root: etree._Element) -> None:
        etree.SubElement(_find(root, f"{{{DS}}}Transform"), f"{{{DS}}}XPath").text = "1=1"

    assert _attacked(pki, attack) == "weak-algorithm"


def test_a_reference_outside_the_message_is_not_followed(pki: Pki) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a")
    for uri in (b"", b"file:///etc/hostname", b"#xpointer(/)"):
        forged = raw.replace(b'URI="#part-0"', b'URI="' + uri + b'"')
        assert _code(lambda forged=forged: _verify(pki, forged)) == "wrong-signature"  # type: ignore[misc]  # bound now


# who


def test_another_environment_is_refused(pki: Pki, now: datetime) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a", environment="production")
    assert _code(lambda: _verify(pki, raw)) == "wrong-environment"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("expired", "certificate-expired"),
        ("revoked", "certificate-revoked"),
        ("wrong-ca", "certificate-wrong-ca"),
        ("wrong-purpose", "certificate-wrong-purpose"),
    ],
)
def test_a_bad_certificate_of_the_bank_is_told_apart(pki: Pki, name: str, code: str) -> None:
    raw = envelopes.foreign(pki.folder / "bad", name)
    assert _code(lambda: _verify(pki, raw)) == code


def test_the_certificate_of_another_partner_is_refused(pki: Pki) -> None:
    raw = envelopes.foreign(pki.folder, "bank-b")
    assert _code(lambda: _verify(pki, raw)) == "unknown-signer"


def test_a_swapped_certificate_does_not_verify(pki: Pki) -> None:
    """The token is exchanged for another trusted one of the same partner: the signature is not its."""
    other = etree.fromstring(envelopes.foreign(pki.folder, "bank-b"))
    token = f"{{{WSSE}}}BinarySecurityToken"
    root = etree.fromstring(envelopes.foreign(pki.folder, "bank-a"))
    _find(root, token).text = _find(other, token).text
    partner = pki.partner("bank", "bank-a", "bank-b")
    assert _code(lambda: _verify(pki, etree.tostring(root), partner=partner)) == "wrong-signature"


# form


def test_hostile_or_broken_xml_is_refused(pki: Pki) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a")
    deep = b"<a>" * 200 + b"</a>" * 200
    assert _code(lambda: _verify(pki, raw[:-5])) == "malformed-xml"
    assert _code(lambda: _verify(pki, b"")) == "malformed-xml"
    assert _code(lambda: _verify(pki, deep)) == "malformed-xml"
    assert _code(lambda: _verify(pki, b"<!DOCTYPE x []>" + raw)) == "dtd-forbidden"
    assert _code(lambda: _verify(pki, b"<?a?><!-- > -->\n<!doctype x>" + raw)) == "dtd-forbidden"
    assert _code(lambda: _verify(pki, raw, max_bytes=1000)) == "message-too-large"
    assert _code(lambda: _verify(pki, b"<a/>")) == "not-a-soap-envelope"


def test_a_doctype_in_another_encoding_is_found(pki: Pki) -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'
    assert _code(lambda: _verify(pki, text.encode("utf-16"))) == "dtd-forbidden"


@pytest.mark.parametrize(
    ("created", "expires"),
    [
        ("2026-01-01T00:00:00", "2026-01-01T00:05:00Z"),
        ("soon", "later"),
        ("2026-01-01T00:05:00Z", "2026-01-01T00:00:00Z"),
    ],
)
def test_a_timestamp_that_says_no_time_is_malformed(
    pki: Pki, created: str, expires: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.security import envelope_signing

    moments = iter([created, expires])
    monkeypatch.setattr(envelope_signing, "_utc", lambda at: next(moments))
    raw = sign_envelope(
        envelopes.plain(), pki.key("bank-a"), environment="test", message_id="m", to="t", action="a",
        now=datetime.now(UTC),
    )  # fmt: skip
    assert _code(lambda: _verify(pki, raw)) == "malformed-timestamp"


def test_a_certificate_is_judged_at_the_time_of_the_message(pki: Pki, now: datetime) -> None:
    raw = envelopes.foreign(pki.folder, "bank-a")
    assert _code(lambda: _verify(pki, raw, at=now + timedelta(days=380))) == "certificate-expired"
    assert _code(lambda: _verify(pki, raw, at=now + timedelta(days=410))) == "crl-stale"
    assert _code(lambda: _verify(pki, raw, at=now - timedelta(days=1))) == "certificate-not-yet-valid"
