"""Puts a WS-Security signature on a SOAP envelope (OASIS X.509 token profile 1.0)."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from lxml import etree

from gateway.errors import Malformed
from gateway.security.c14n import canonicalize
from gateway.security.keys import SigningKey
from gateway.security.wsnames import BASE64_BINARY, ENVELOPES, GATEWAY, WSA, WSSE, WSU, X509_V3
from gateway.security.xml import parse_xml
from gateway.security.xmldsig_policy import DS, ECDSA_SHA256, EXCLUSIVE, RSA_SHA256, SHA256

TIME_TO_LIVE = timedelta(minutes=5)


def sign_envelope(
    envelope: bytes,
    key: SigningKey,
    *,
    environment: str,
    message_id: str,
    to: str,
    action: str,
    now: datetime,
    ttl: timedelta = TIME_TO_LIVE,
    relates_to: str | None = None,
) -> bytes:
    """The SOAP 1.1 or 1.2 envelope with addressing, Environment, Timestamp and a signature over these and the Body.

    ``now`` is real time, aware. Addressing headers already there are replaced. Raises Malformed ``not-a-soap-envelope``
    where ``envelope`` is none, or is signed already.
    """
    root = parse_xml(envelope, where="envelope")
    soap = ENVELOPES.get(str(root.tag))
    body = None if soap is None else root.find(f"{{{soap}}}Body")
    if soap is None or body is None:
        raise _malformed("it is not a SOAP 1.1 or 1.2 envelope with a Body")
    header = _header(root, soap)
    addressing = {"MessageID": message_id, "RelatesTo": relates_to, "To": to, "Action": action}
    signed = [body, *_addressing(header, addressing), _text(header, f"{{{GATEWAY}}}Environment", environment)]
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
    security.set(f"{{{soap}}}mustUnderstand", "1")
    mark = uuid.uuid4().hex
    _text(security, f"{{{WSSE}}}BinarySecurityToken", base64.b64encode(key.certificate_der).decode()).attrib.update(
        {f"{{{WSU}}}Id": f"x509-{mark}", "ValueType": X509_V3, "EncodingType": BASE64_BINARY}
    )
    timestamp = _timestamp(security, now, ttl)
    signed.append(timestamp)
    for number, element in enumerate(signed):
        element.set(f"{{{WSU}}}Id", f"id-{mark}-{number}")
    signature = _signature(signed, key, f"x509-{mark}")
    # The signature goes in as bytes, in place of a word that occurs nowhere else: a tree of it would cost half as much
    # as the signature itself.
    timestamp.tail = f"signature-{mark}"
    unsigned: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return unsigned.replace(timestamp.tail.encode(), signature, 1)


def _header(root: etree._Element, soap: str) -> etree._Element:
    header = root.find(f"{{{soap}}}Header")
    if header is None:
        header = etree.Element(f"{{{soap}}}Header")
        root.insert(0, header)
    if header.find(f"{{{WSSE}}}Security") is not None:
        raise _malformed("it has a Security header already")
    return header


def _addressing(header: etree._Element, values: dict[str, str | None]) -> list[etree._Element]:
    for name in (*(f"{{{WSA}}}{name}" for name in values), f"{{{GATEWAY}}}Environment"):
        for old in header.findall(name):
            header.remove(old)
    return [_text(header, f"{{{WSA}}}{name}", value) for name, value in values.items() if value is not None]


def _text(parent: etree._Element, tag: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, tag, nsmap={"wsa": WSA} if tag.startswith(f"{{{WSA}}}") else None)
    element.text = text
    return element


def _timestamp(security: etree._Element, now: datetime, ttl: timedelta) -> etree._Element:
    timestamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
    _text(timestamp, f"{{{WSU}}}Created", _utc(now))
    _text(timestamp, f"{{{WSU}}}Expires", _utc(now + ttl))
    return timestamp


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _signature(signed: list[etree._Element], key: SigningKey, token: str) -> bytes:
    """The ds:Signature, which declares its own namespaces; SignedInfo is written in its canonical form at once."""
    references = "".join(_reference(element) for element in signed)
    method = RSA_SHA256 if key.algorithm == "RS256" else ECDSA_SHA256
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}">'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>{references}</ds:SignedInfo>'
    )
    value = base64.b64encode(key.sign(info.encode())).decode()
    return (
        f'<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo>'
        f'<wsse:SecurityTokenReference xmlns:wsse="{WSSE}"><wsse:Reference URI="#{token}" ValueType="{X509_V3}"/>'
        "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
    ).encode()


def _reference(element: etree._Element) -> str:
    digest = base64.b64encode(hashlib.sha256(canonicalize(element)).digest()).decode()
    return (
        f'<ds:Reference URI="#{element.get(f"{{{WSU}}}Id")}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    )


def _malformed(message: str) -> Malformed:
    return Malformed(message, code="not-a-soap-envelope", where="envelope", action="correct the caller")
