"""Takes a detached CMS signature apart, strictly: one signer, signed attributes, SHA-2; nothing is verified here."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

# tsp registers signingCertificateV2 among the attributes of CMS: it must be there before one is read.
from asn1crypto import cms, core, tsp, x509

from gateway.errors import Malformed, Untrusted

DIGESTS = frozenset({"sha256", "sha384", "sha512"})
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Signature:
    """What a detached signature says. ``attributes_der`` is what ``value`` signs."""

    certificate_der: bytes = field(repr=False)
    digest: str
    family: str
    value: bytes = field(repr=False)
    attributes_der: bytes = field(repr=False)
    message_digest: bytes = field(repr=False)
    signed_at: datetime | None
    environment: str | None


def read_signature(der: bytes, *, environment_oid: str) -> Signature:
    """Raises Malformed ``malformed-cms``, ``message-too-large``; Untrusted ``unsigned-message``, ``weak-algorithm``."""
    if len(der) > MAX_BYTES:
        raise Malformed(f"a signature of {len(der)} bytes", code="message-too-large", where="CMS", action=_ACTION)
    try:
        return _read(der, environment_oid)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise _malformed(
            f"it is not a CMS signature: {str(error).splitlines()[0][:200] if str(error) else ''}"
        ) from error


_ACTION = "ask the partner for a detached CMS signature (DER, SHA-256) beside the file"


def _read(der: bytes, environment_oid: str) -> Signature:
    info = cms.ContentInfo.load(der, strict=True)
    if info["content_type"].native != "signed_data":
        raise _untrusted("unsigned-message", f"it is {info['content_type'].native}, not signed data")
    data = info["content"]
    if data["encap_content_info"]["content"].native is not None:
        raise _malformed("the signature is attached to a copy of the content; a detached one is expected")
    if len(data["signer_infos"]) != 1:
        raise _untrusted("unsigned-message", f"{len(data['signer_infos'])} signers; exactly one is expected")
    signer = data["signer_infos"][0]
    digest = signer["digest_algorithm"]["algorithm"].native
    if digest not in DIGESTS:
        raise _untrusted("weak-algorithm", f"digest {digest} is not accepted")
    attributes = _attributes(signer)
    certificate = _certificate(data, signer)
    _check_signing_certificate(attributes, certificate)
    content_type = _only(attributes, "content_type")
    if content_type is None or content_type.native != "data":
        raise _malformed("its contentType attribute is missing or is not data")
    message_digest = _only(attributes, "message_digest")
    if message_digest is None:
        raise _malformed("its messageDigest attribute is missing")
    return Signature(
        certificate_der=certificate.dump(),
        digest=digest,
        family=_family(signer["signature_algorithm"], digest),
        value=signer["signature"].native,
        attributes_der=signer["signed_attrs"].untag().dump(force=False),
        message_digest=message_digest.native,
        signed_at=_signed_at(attributes),
        environment=_environment(attributes, environment_oid),
    )


def _attributes(signer: cms.SignerInfo) -> dict[str, list[core.Asn1Value]]:
    if not isinstance(signer["signed_attrs"], cms.CMSAttributes) or not len(signer["signed_attrs"]):
        raise _malformed("it has no signed attributes")
    found: dict[str, list[core.Asn1Value]] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name in found:
            raise _malformed(f"the attribute {name} occurs twice")
        found[name] = list(attribute["values"])
    return found


def _only(attributes: dict[str, list[core.Asn1Value]], name: str) -> core.Asn1Value | None:
    values = attributes.get(name)
    if values is None:
        return None
    if len(values) != 1:
        raise _malformed(f"the attribute {name} has {len(values)} values")
    return values[0]


def _signed_at(attributes: dict[str, list[core.Asn1Value]]) -> datetime | None:
    value = _only(attributes, "signing_time")
    if value is None:
        return None
    moment: datetime = value.native
    return moment.astimezone(UTC)


def _environment(attributes: dict[str, list[core.Asn1Value]], oid: str) -> str | None:
    value = _only(attributes, oid)
    return None if value is None else str(core.UTF8String.load(value.dump(), strict=True).native)


def _family(algorithm: cms.SignedDigestAlgorithm, digest: str) -> str:
    """RSA (PKCS #1 v1.5) or EC; where the algorithm names a hash of its own, it must be the digest's."""
    name = algorithm["algorithm"].native
    if name in ("rsassa_pkcs1v15", f"{digest}_rsa"):
        return "rsa"
    if name == f"{digest}_ecdsa":
        return "ec"
    raise _untrusted("weak-algorithm", f"signature algorithm {name} with {digest} is not accepted")


def _certificate(data: cms.SignedData, signer: cms.SignerInfo) -> x509.Certificate:
    sid = signer["sid"]
    for choice in data["certificates"] or ():
        if choice.name != "certificate":
            continue
        certificate = choice.chosen
        if sid.name == "issuer_and_serial_number":
            same = (
                certificate.serial_number == sid.chosen["serial_number"].native
                and certificate.issuer == sid.chosen["issuer"]
            )
        else:
            same = certificate.key_identifier == sid.native
        if same:
            return certificate
    raise Untrusted(
        "the signer's certificate is not in the signature", code="unknown-signer", where="CMS", action=_ACTION
    )


def _check_signing_certificate(attributes: dict[str, list[core.Asn1Value]], certificate: x509.Certificate) -> None:
    """Where the signer named its certificate under the signature (RFC 5035), it must be this one."""
    named = _only(attributes, "signing_certificate_v2")
    if named is None:
        return
    assert isinstance(named, tsp.SigningCertificateV2)
    first = named["certs"][0]
    algorithm = first["hash_algorithm"]["algorithm"].native
    if algorithm not in DIGESTS:
        raise _untrusted("weak-algorithm", f"digest {algorithm} of the signing certificate is not accepted")
    if not hmac.compare_digest(hashlib.new(algorithm, certificate.dump()).digest(), first["cert_hash"].native):
        raise _untrusted("unknown-signer", "the certificate is not the one the signer named")


def _malformed(message: str) -> Malformed:
    return Malformed(message, code="malformed-cms", where="CMS", action=_ACTION)


def _untrusted(code: str, message: str) -> Untrusted:
    return Untrusted(message, code=code, where="CMS", action="never release by hand; ask the partner")
