"""SOAP envelopes for the tests, and python-xmlsec as the other party."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xmlsec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from gateway.security.pem import read_certificate_file
from gateway.security.wsnames import BASE64_BINARY, GATEWAY, SOAP_11, SOAP_12, WSA, WSSE, WSU, X509_V3

DS = "http://www.w3.org/2000/09/xmldsig#"
BODY = '<p:Pay xmlns:p="urn:bank"><p:Reference>QN0001</p:Reference><p:Amount>150000</p:Amount></p:Pay>'


def plain(soap: str = SOAP_12, body: str = BODY) -> bytes:
    return f'<soap:Envelope xmlns:soap="{soap}"><soap:Header/><soap:Body>{body}</soap:Body></soap:Envelope>'.encode()


def foreign_headers() -> bytes:
    """An envelope that carries addressing headers already, as a SOAP library may put them."""
    root = etree.fromstring(plain())
    _sub(root[0], f"{{{WSA}}}MessageID", "urn:uuid:old")
    _sub(root[0], f"{{{WSA}}}To", "urn:old")
    return etree.tostring(root)


def foreign(
    folder: Path,
    name: str,
    *,
    soap: str = SOAP_11,
    environment: str | None = "test",
    unsigned: tuple[str, ...] = (),
    sha1: bool = False,
    rsa_sha1: bool = False,
    prefixes: str = "",
    body: str = BODY,
    created: datetime | None = None,
) -> bytes:
    """An envelope that python-xmlsec signed with ``name``'s key; ``unsigned`` are local names left out of it."""
    root = etree.fromstring(plain(soap, body))
    header, soap_body = root[0], root[1]
    at = created or datetime.now(UTC)
    parts = [soap_body]
    for tag, text in (("MessageID", "urn:uuid:1"), ("To", "urn:gateway"), ("Action", "urn:pay")):
        parts.append(_sub(header, f"{{{WSA}}}{tag}", text))
    if environment is not None:
        parts.append(_sub(header, f"{{{GATEWAY}}}Environment", environment))
    security = _sub(header, f"{{{WSSE}}}Security")
    token = _sub(security, f"{{{WSSE}}}BinarySecurityToken")
    token.text = base64.b64encode(read_certificate_file(folder / f"{name}.crt")).decode()
    token.set("ValueType", X509_V3)
    token.set("EncodingType", BASE64_BINARY)
    token.set(f"{{{WSU}}}Id", "token")
    timestamp = _sub(security, f"{{{WSU}}}Timestamp")
    _sub(timestamp, f"{{{WSU}}}Created", at.isoformat())
    _sub(timestamp, f"{{{WSU}}}Expires", (at + timedelta(minutes=5)).isoformat())
    parts.append(timestamp)
    for number, part in enumerate(parts):
        part.set(f"{{{WSU}}}Id", f"part-{number}")
    signed = [part for part in parts if etree.QName(part).localname not in unsigned]
    _sign(security, signed, (folder / f"{name}.key").read_bytes(), sha1=sha1, rsa_sha1=rsa_sha1, prefixes=prefixes)
    return etree.tostring(root)


def _sign(
    security: etree._Element, signed: list[etree._Element], key: bytes, *, sha1: bool, rsa_sha1: bool, prefixes: str
) -> None:
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem)
    elliptic = isinstance(load_pem_private_key(key, None), ec.EllipticCurvePrivateKey)
    method = xmlsec.constants.TransformEcdsaSha256 if elliptic else xmlsec.constants.TransformRsaSha256
    if rsa_sha1:
        method = xmlsec.constants.TransformRsaSha1
    signature = xmlsec.template.create(security, xmlsec.constants.TransformExclC14N, method, ns="ds")
    security.append(signature)
    digest = xmlsec.constants.TransformSha1 if sha1 else xmlsec.constants.TransformSha256
    for part in signed:
        context.register_id(part, "Id", WSU)
        reference = xmlsec.template.add_reference(signature, digest, uri="#" + str(part.get(f"{{{WSU}}}Id")))
        transform = xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        if prefixes:
            xmlsec.template.transform_add_c14n_inclusive_namespaces(transform, prefixes)
    pointer = _sub(xmlsec.template.ensure_key_info(signature), f"{{{WSSE}}}SecurityTokenReference")
    target = _sub(pointer, f"{{{WSSE}}}Reference")
    target.set("URI", "#token")
    target.set("ValueType", X509_V3)
    context.sign(signature)


def xmlsec_verifies(raw: bytes, certificate: Path) -> int:
    """How many references python-xmlsec verified with the certificate; raises xmlsec.Error where it does not verify."""
    root = etree.fromstring(raw)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(str(certificate), xmlsec.constants.KeyDataFormatCertPem)
    for element in root.iter(etree.Element):
        if element.get(f"{{{WSU}}}Id"):
            context.register_id(element, "Id", WSU)
    context.verify(signature)
    return len(list(signature.iter(f"{{{DS}}}Reference")))


def _sub(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, tag)
    element.text = text
    return element
