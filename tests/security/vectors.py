"""Signatures other people made, judged by us and by python-xmlsec with the same key."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from gateway.errors import GatewayError
from gateway.security.keys import PublicKey
from gateway.security.xml import parse_xml
from gateway.security.xmldsig import DS, LEGACY, WSU, Policy, index_ids, read_signed_info, verify

DS11 = "http://www.w3.org/2009/xmldsig11#"
ID_NAMES = ("Id", "ID")


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every XML file under the folder by relative name; ruby-saml's base64 files are decoded."""
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".xml", ".xml.base64", "xml_base64")):
            raw = path.read_bytes()
            if "base64" in path.name:
                raw = base64.b64decode(raw)
            yield path.relative_to(folder).as_posix(), raw


def signature_of(root: etree._Element) -> etree._Element | None:
    return next(root.iter(f"{{{DS}}}Signature"), None)


def key_of(signature: etree._Element) -> PublicKey | None:
    """The key that the signature's own KeyInfo carries (for vectors only: it proves nothing about who signed)."""
    info = signature.find(f"{{{DS}}}KeyInfo")
    if info is None:
        return None
    for found in info.iter(f"{{{DS}}}X509Certificate"):
        raw = _bytes(found)
        pem = raw.startswith(b"-----BEGIN")  # Microsoft's ADFS encodes twice
        certificate = x509.load_pem_x509_certificate(raw) if pem else x509.load_der_x509_certificate(raw)
        key = certificate.public_key()
        return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None
    for found in info.iter(f"{{{DS}}}RSAKeyValue"):
        modulus, exponent = (_number(found, name) for name in ("Modulus", "Exponent"))
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    for found in info.iter(f"{{{DS11}}}ECKeyValue"):
        point = found.find(f"{{{DS11}}}PublicKey")
        curve = found.find(f"{{{DS11}}}NamedCurve")
        if point is not None and curve is not None and curve.get("URI") in _CURVES:
            return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[str(curve.get("URI"))], _bytes(point))
    for found in info.iter(f"{{{DS11}}}DEREncodedKeyValue"):
        loaded = serialization.load_der_public_key(_bytes(found))
        return loaded if isinstance(loaded, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None
    return None


_CURVES: dict[str, ec.EllipticCurve] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1(),
    "urn:oid:1.3.132.0.34": ec.SECP384R1(),
    "urn:oid:1.3.132.0.35": ec.SECP521R1(),
}


def ours(raw: bytes, key: PublicKey, policy: Policy = LEGACY) -> str:
    """Our verdict: ``verified``, or the code of the refusal."""
    try:
        root = parse_xml(raw)
        signature = signature_of(root)
        assert signature is not None
        verify(
            signature,
            info=read_signed_info(signature, policy),
            public_key=key,
            ids=index_ids(root),
            policy=policy,
        )
    except GatewayError as error:
        return error.code
    return "verified"


def theirs(raw: bytes, key: PublicKey) -> bool:
    """python-xmlsec's verdict with the same key."""
    root = etree.fromstring(raw)
    signature = signature_of(root)
    assert signature is not None
    context = xmlsec.SignatureContext()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    for element in root.iter(etree.Element):
        for name in ID_NAMES:
            if element.get(name):
                context.register_id(element, name)
        if element.get(f"{{{WSU}}}Id"):
            context.register_id(element, "Id", WSU)
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _bytes(element: etree._Element) -> bytes:
    return base64.b64decode("".join((element.text or "").split()))


def _number(parent: etree._Element, name: str) -> int:
    found = parent.find(f"{{{DS}}}{name}")
    assert found is not None
    return int.from_bytes(_bytes(found), "big")
