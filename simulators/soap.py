"""WS-Security for the simulators, with xmlsec: another library than the gateway's, so that no bug is on both sides.

Signed are Body, Timestamp, the WS-Addressing headers and the Environment header (project-defined), by a reference each,
exclusive C14N, SHA-256; the key is in a BinarySecurityToken. A verifier trusts the certificates it is given and nothing
else.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree

SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
CONTENT_TYPES = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
GATEWAY = "urn:quangninh:gateway:1"
DS = "http://www.w3.org/2000/09/xmldsig#"
_PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_LIFETIME = timedelta(minutes=5)
_SKEW = timedelta(minutes=5)


class SoapRejected(Exception):
    """A message that a partner would refuse; ``code`` is a fault code of the collection contract."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: private key and certificate, PEM."""

    key: bytes = field(repr=False)
    certificate: bytes

    @classmethod
    def load(cls, certs: Path, name: str) -> Identity:
        return cls((certs / f"{name}.key").read_bytes(), (certs / f"{name}.crt").read_bytes())


@dataclass(frozen=True, slots=True)
class Signed:
    """What a verified message says of itself: only signed parts."""

    version: str
    body: etree._Element
    message_id: str
    action: str
    relates_to: str
    environment: str


def envelope(
    payload: etree._Element,
    identity: Identity,
    *,
    version: str,
    action: str,
    environment: str,
    relates_to: str = "",
    to: str = "http://www.w3.org/2005/08/addressing/anonymous",
    message_id: str = "",
    created: datetime | None = None,
) -> bytes:
    """A signed envelope around ``payload``; ``created`` may be told to make a stale one."""
    soap = SOAP[version]
    root = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap, "wsa": WSA, "wsu": WSU})
    header = etree.SubElement(root, f"{{{soap}}}Header")
    body = etree.SubElement(root, f"{{{soap}}}Body")
    body.append(payload)
    headers = {
        f"{{{WSA}}}Action": action,
        f"{{{WSA}}}MessageID": message_id or f"urn:uuid:{uuid.uuid4()}",
        f"{{{WSA}}}To": to,
        f"{{{GATEWAY}}}Environment": environment,
    }
    if relates_to:
        headers[f"{{{WSA}}}RelatesTo"] = relates_to
    signed = [body]
    for name, value in headers.items():
        element = etree.SubElement(header, name)
        element.text = value
        signed.append(element)
    security = _security(header, soap, version, identity)
    signed.append(_timestamp(security, created or datetime.now(UTC)))
    for number, element in enumerate(signed):
        element.set(f"{{{WSU}}}Id", f"id-{number}")
    _sign(security, signed, identity)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _security(header: etree._Element, soap: str, version: str, identity: Identity) -> etree._Element:
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    security.set(f"{{{soap}}}mustUnderstand", "1" if version == "1.1" else "true")
    token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken")
    token.set("EncodingType", _BASE64)
    token.set("ValueType", _PROFILE)
    token.set(f"{{{WSU}}}Id", "X509")
    certificate = x509.load_pem_x509_certificate(identity.certificate)
    token.text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
    return security


def _timestamp(security: etree._Element, created: datetime) -> etree._Element:
    timestamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
    etree.SubElement(timestamp, f"{{{WSU}}}Created").text = _utc(created)
    etree.SubElement(timestamp, f"{{{WSU}}}Expires").text = _utc(created + _LIFETIME)
    return timestamp


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _sign(security: etree._Element, signed: Sequence[etree._Element], identity: Identity) -> None:
    elliptic = isinstance(load_pem_private_key(identity.key, None), EllipticCurvePrivateKey)
    method = xmlsec.constants.TransformEcdsaSha256 if elliptic else xmlsec.constants.TransformRsaSha256
    signature = xmlsec.template.create(security, xmlsec.constants.TransformExclC14N, method, ns="ds")
    security.append(signature)
    for element in signed:
        uri = "#" + str(element.get(f"{{{WSU}}}Id"))
        reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri=uri)
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    key_info = xmlsec.template.ensure_key_info(signature)
    pointer = etree.SubElement(key_info, f"{{{WSSE}}}SecurityTokenReference")
    target = etree.SubElement(pointer, f"{{{WSSE}}}Reference")
    target.set("URI", "#X509")
    target.set("ValueType", _PROFILE)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(identity.key, xmlsec.constants.KeyDataFormatPem)
    for element in signed:
        context.register_id(element, "Id", WSU)
    context.sign(signature)


def parse(raw: bytes) -> etree._Element:
    """The envelope of ``raw``; a DTD is refused. Raises SoapRejected."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise SoapRejected("invalid-message", f"not XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapRejected("invalid-message", "a document type declaration is not accepted")
    return root


def claimed_message_id(raw: bytes) -> str:
    """The MessageID that an unverified message claims, for the RelatesTo of a fault; empty where it has none."""
    try:
        root = parse(raw)
    except SoapRejected:
        return ""
    return (root.findtext(f".//{{{WSA}}}MessageID") or "").strip()[:200]


def verify(raw: bytes, trusted: Sequence[bytes], *, now: datetime | None = None) -> Signed:
    """The signed message in ``raw``, signed by one of the ``trusted`` certificates (PEM). Raises SoapRejected."""
    root = parse(raw)
    version = next((v for v, ns in SOAP.items() if root.tag == f"{{{ns}}}Envelope"), "")
    if not version:
        raise SoapRejected("invalid-message", f"{root.tag} is not a SOAP envelope")
    names = {"s": SOAP[version], "wsse": WSSE, "wsu": WSU, "ds": DS, "wsa": WSA, "g": GATEWAY}
    body = _only(root, "s:Body", names)
    security = _only(root, "s:Header/wsse:Security", names)
    timestamp = _only(security, "wsu:Timestamp", names)
    must_be_signed = [body, timestamp]
    must_be_signed += [_only(root, f"s:Header/wsa:{name}", names) for name in ("MessageID", "Action", "To")]
    must_be_signed += [_only(root, "s:Header/g:Environment", names), *root.findall("s:Header/wsa:RelatesTo", names)]
    _check_signature(security, must_be_signed, trusted, names)
    _check_fresh(timestamp, names, now or datetime.now(UTC))
    payload = list(body)
    if len(payload) != 1:
        raise SoapRejected("invalid-message", "the Body holds not exactly one element")
    return Signed(
        version,
        payload[0],
        root.findtext("s:Header/wsa:MessageID", "", names).strip(),
        root.findtext("s:Header/wsa:Action", "", names).strip(),
        root.findtext("s:Header/wsa:RelatesTo", "", names).strip(),
        root.findtext("s:Header/g:Environment", "", names).strip(),
    )


def _only(parent: etree._Element, path: str, names: Mapping[str, str]) -> etree._Element:
    found = parent.findall(path, dict(names))
    if len(found) != 1:
        raise SoapRejected("invalid-signature", f"{path} occurs {len(found)} times instead of once")
    return found[0]


def _check_signature(
    security: etree._Element,
    must_be_signed: Sequence[etree._Element],
    trusted: Sequence[bytes],
    names: Mapping[str, str],
) -> None:
    signature = _only(security, "ds:Signature", names)
    references = {ref.get("URI", "") for ref in signature.findall("ds:SignedInfo/ds:Reference", dict(names))}
    token = _only(security, "wsse:BinarySecurityToken", names)
    sent = base64.b64decode("".join((token.text or "").split()))
    pem = next((pem for pem in trusted if _der(pem) == sent), None)
    if pem is None:
        raise SoapRejected("invalid-signature", "the certificate is not one that was agreed upon")
    _check_valid_now(pem)
    context = xmlsec.SignatureContext()
    for element in must_be_signed:
        identity = element.get(f"{{{WSU}}}Id", "")
        if not identity or f"#{identity}" not in references:
            raise SoapRejected("invalid-signature", f"{etree.QName(element).localname} is not signed")
        context.register_id(element, "Id", WSU)
    if references - {f"#{element.get(f'{{{WSU}}}Id')}" for element in must_be_signed}:
        _register_others(security.getroottree().getroot(), must_be_signed, context)
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(signature)
    except xmlsec.Error as error:
        raise SoapRejected("invalid-signature", f"the signature does not verify: {error}") from error


def _register_others(root: etree._Element, known: Sequence[etree._Element], context: xmlsec.SignatureContext) -> None:
    for element in root.iter(etree.Element):
        if element.get(f"{{{WSU}}}Id") and element not in known:
            context.register_id(element, "Id", WSU)


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def _check_valid_now(pem: bytes) -> None:
    certificate = x509.load_pem_x509_certificate(pem)
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise SoapRejected("invalid-signature", "the certificate is not valid today")


def _check_fresh(timestamp: etree._Element, names: Mapping[str, str], now: datetime) -> None:
    try:
        created = datetime.fromisoformat(timestamp.findtext("wsu:Created", "", dict(names)).strip())
        expires = datetime.fromisoformat(timestamp.findtext("wsu:Expires", "", dict(names)).strip())
    except ValueError as error:
        raise SoapRejected("stale-message", f"the timestamp cannot be read: {error}") from error
    if created > now + _SKEW or expires < now - _SKEW:
        raise SoapRejected("stale-message", "the message is not fresh")
