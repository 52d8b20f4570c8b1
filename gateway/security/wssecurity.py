"""Verifies signed SOAP messages (WS-Security, X.509 token profile 1.0) strictly, and gives back only what was signed.

The Body must be THE Body child of THE Envelope, the Timestamp the one in THE Security header, and both must be covered,
as must each addressing header that is read. Freshness is a separate question (``check_fresh``): whether a message is
known already is asked first, so that a late resend of a known message is a duplicate and not an error.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lxml import etree

from gateway.errors import Malformed, Untrusted
from gateway.security.envelope_signing import sign_envelope
from gateway.security.trust import PartnerCertificates, Signer, TrustStore
from gateway.security.wsnames import ENVELOPES, GATEWAY, WSA, WSSE, WSU, X509_V3
from gateway.security.xml import parse_xml
from gateway.security.xmldsig import index_ids, read_signed_info, verify
from gateway.security.xmldsig_policy import DS

__all__ = ["VerifiedEnvelope", "check_fresh", "sign_envelope", "verify_envelope"]

MAX_BYTES = 4 * 1024 * 1024
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class VerifiedEnvelope:
    """A signed SOAP message. ``body`` is the soap:Body, parsed anew from the very bytes that were signed.

    ``environment`` is empty where the message has no Environment header and the caller does not require one.
    """

    body: etree._Element = field(repr=False)
    message_id: str
    action: str
    to: str
    relates_to: str | None
    created_at: datetime
    expires_at: datetime
    environment: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where the parts of an envelope stand, each the only one of its kind."""

    soap: str
    body: etree._Element
    header: etree._Element
    security: etree._Element
    signature: etree._Element


def verify_envelope(
    raw: bytes,
    *,
    trust: TrustStore,
    partner_certificates: PartnerCertificates,
    environment: str,
    environment_required: bool = True,
    max_bytes: int = MAX_BYTES,
    at: datetime | None = None,
) -> VerifiedEnvelope:
    """The signed content of ``raw``. ``at`` is the real time for certificates (now).

    Raises Malformed: malformed-xml, dtd-forbidden, message-too-large, not-a-soap-envelope, malformed-signature,
    malformed-timestamp. Raises Untrusted: unsigned-message, wrong-signature, digest-mismatch, weak-algorithm,
    wrong-environment, ambiguous-id, signature-wrapping, timestamp-not-signed, header-not-signed, and the codes of
    ``TrustStore.check``.
    """
    root = parse_xml(raw, max_bytes=max_bytes, where="envelope")
    parts = _parts(root)
    ids = index_ids(root)
    info = read_signed_info(parts.signature)
    signer = trust.check(
        _certificate(parts, ids), partner_certificates=partner_certificates, at=at or datetime.now(UTC)
    )
    covered = verify(parts.signature, info=info, public_key=signer.public_key, ids=ids)
    signed: dict[etree._Element, bytes] = {}
    for item in covered:
        _require_place(item.element, parts)
        signed[item.element] = item.canonical
    if parts.body not in signed:
        raise _wrapping("the Body is not covered by the signature")
    created_at, expires_at = _timestamp(parts, signed)
    return VerifiedEnvelope(
        body=parse_xml(signed[parts.body], max_bytes=max_bytes, where="soap:Body", keep_comments=False),
        message_id=_signed_text(parts, f"{{{WSA}}}MessageID", signed),
        action=_signed_text(parts, f"{{{WSA}}}Action", signed),
        to=_signed_text(parts, f"{{{WSA}}}To", signed),
        relates_to=_signed_text(parts, f"{{{WSA}}}RelatesTo", signed, optional=True) or None,
        created_at=created_at,
        expires_at=expires_at,
        environment=_environment(parts, signed, environment, required=environment_required),
        signer=signer,
    )


def check_fresh(created_at: datetime, expires_at: datetime, *, now: datetime, skew: timedelta = SKEW) -> None:
    """Whether a message that is not known yet is of our time. ``now`` is real time.

    Raises Untrusted ``future-timestamp`` or ``stale-timestamp``.
    """
    if created_at > now + skew:
        raise _untrusted("future-timestamp", f"created at {created_at.isoformat()}, which is still to come")
    if expires_at < now - skew:
        raise _untrusted("stale-timestamp", f"expired at {expires_at.isoformat()}")


def _parts(root: etree._Element) -> _Parts:
    soap = ENVELOPES.get(str(root.tag))
    if soap is None:
        raise _malformed("not-a-soap-envelope", f"{str(root.tag)[:100]} is not a SOAP 1.1 or 1.2 envelope")
    children = list(root.iterchildren(etree.Element))
    bodies = [child for child in children if child.tag == f"{{{soap}}}Body"]
    headers = [child for child in children if child.tag == f"{{{soap}}}Header"]
    if not bodies:
        raise _malformed("not-a-soap-envelope", "the envelope has no Body")
    if len(bodies) > 1 or len(headers) > 1 or len(children) != len(bodies) + len(headers):
        raise _wrapping("the envelope holds more than one Header and one Body")
    security = headers[0].findall(f"{{{WSSE}}}Security") if headers else []
    signatures = [found for one in security for found in one.findall(f"{{{DS}}}Signature")]
    if not signatures:
        raise _untrusted("unsigned-message", "there is no signature in a Security header")
    if len(security) > 1 or len(signatures) > 1:
        raise _wrapping("there is more than one Security header or signature")
    return _Parts(soap, bodies[0], headers[0], security[0], signatures[0])


def _require_place(element: etree._Element, parts: _Parts) -> None:
    """Only the Body, the headers and what stands directly in the Security header can be signed."""
    if element is parts.body or element.getparent() in (parts.header, parts.security):
        return
    raise _wrapping(f"a reference leads to {str(element.tag)[:100]}, which is not where a signed part stands")


def _certificate(parts: _Parts, ids: Mapping[str, etree._Element]) -> bytes:
    """The certificate that KeyInfo names: a BinarySecurityToken in the same Security header."""
    names = {"ds": DS, "wsse": WSSE}
    pointers = parts.signature.findall("ds:KeyInfo/wsse:SecurityTokenReference/wsse:Reference", names)
    if len(pointers) != 1:
        raise _malformed("malformed-signature", "KeyInfo does not name exactly one security token")
    token = ids.get((pointers[0].get("URI") or "").removeprefix("#"))
    if token is None or token.getparent() is not parts.security or token.tag != f"{{{WSSE}}}BinarySecurityToken":
        raise _wrapping("KeyInfo does not lead to a token of the Security header")
    if token.get("ValueType") != X509_V3 or len(token):
        raise _malformed("malformed-signature", "the security token is not one X.509 certificate")
    try:
        return base64.b64decode("".join((token.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("malformed-signature", "the security token is not base64") from error


def _timestamp(parts: _Parts, signed: Mapping[etree._Element, bytes]) -> tuple[datetime, datetime]:
    found = parts.security.findall(f"{{{WSU}}}Timestamp")
    if len(found) != 1 or found[0] not in signed:
        raise _untrusted("timestamp-not-signed", "the Security header needs exactly one Timestamp, and it signed")
    timestamp = parse_xml(signed[found[0]], where="wsu:Timestamp", keep_comments=False)
    created_at, expires_at = (_moment(timestamp, name) for name in ("Created", "Expires"))
    if expires_at <= created_at:
        raise _malformed("malformed-timestamp", "it expires before it is created")
    return created_at, expires_at


def _moment(timestamp: etree._Element, name: str) -> datetime:
    found = timestamp.findall(f"{{{WSU}}}{name}")
    try:
        if len(found) != 1:
            raise ValueError(f"{name} occurs {len(found)} times")
        moment = datetime.fromisoformat((found[0].text or "").strip())
        if moment.tzinfo is None:
            raise ValueError(f"{name} has no time zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _malformed("malformed-timestamp", str(error)[:200]) from error


def _signed_text(parts: _Parts, tag: str, signed: Mapping[etree._Element, bytes], *, optional: bool = False) -> str:
    """The text of the one header ``tag``, read from its signed bytes; empty where it may be, and is, absent."""
    found = parts.header.findall(tag)
    if not found and optional:
        return ""
    if len(found) != 1 or found[0] not in signed:
        raise _untrusted("header-not-signed", f"exactly one signed {tag} is needed, {len(found)} are there")
    element = parse_xml(signed[found[0]], where=tag, keep_comments=False)
    if len(element):
        raise _malformed("malformed-xml", f"{tag} holds more than text")
    return (element.text or "").strip()


def _environment(parts: _Parts, signed: Mapping[etree._Element, bytes], expected: str, *, required: bool) -> str:
    tag = f"{{{GATEWAY}}}Environment"
    if parts.header.find(tag) is None:
        if required:
            raise _untrusted("wrong-environment", "the message names no environment")
        return ""
    found = _signed_text(parts, tag, signed)
    if found != expected:
        raise _untrusted("wrong-environment", f"made for {found[:40]!r}, this is {expected!r}")
    return found


def _wrapping(message: str) -> Untrusted:
    return _untrusted("signature-wrapping", message)


def _untrusted(code: str, message: str) -> Untrusted:
    return Untrusted(message, code=code, where="envelope", action="never release by hand; ask the partner")


def _malformed(code: str, message: str) -> Malformed:
    return Malformed(
        message, code=code, where="envelope", action="ask the partner for a message that fits the contract"
    )
