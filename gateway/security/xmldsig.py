"""The strict verifier of XML signatures under WS-Security.

A verification gives back what was signed: for each reference the element and the very bytes that were digested.
Nothing else of a document may be read. References are resolved against unique ids only; algorithms and transforms come
from a named policy (``STRICT`` unless a test compares vectors with another implementation).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from gateway.errors import Malformed, Untrusted
from gateway.security.c14n import canonicalize
from gateway.security.keys import PublicKey
from gateway.security.signature_value import verify_value
from gateway.security.transforms import Transform, apply_transforms
from gateway.security.xml import parse_xml
from gateway.security.xmldsig_policy import DS, EXCLUSIVE, LEGACY, STRICT, Policy

__all__ = ["DS", "LEGACY", "STRICT", "Covered", "Policy", "SignedInfo", "index_ids", "read_signed_info", "verify"]

WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_IDS = etree.XPath("//@wsu:Id | //@Id | //@ID | //@xml:id", namespaces={"wsu": WSU}, smart_strings=True)
_XPOINTER = re.compile(r"""#xpointer\(id\((['"])([^'"]+)\1\)\)\Z""")


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference, as told by the signed bytes of SignedInfo."""

    uri: str
    transforms: tuple[Transform, ...]
    digest: str
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedInfo:
    """What the signature value signs; read from ``canonical``, so that nothing unsigned is believed."""

    canonical: bytes = field(repr=False)
    algorithm: str
    signature_value: bytes = field(repr=False)
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """One thing that was signed: where it stands in the document, and the bytes that were digested."""

    uri: str
    element: etree._Element
    canonical: bytes = field(repr=False)


def index_ids(root: etree._Element) -> Mapping[str, etree._Element]:
    """Every element by its id (wsu:Id, Id, ID, xml:id). Raises Untrusted ``ambiguous-id``."""
    index: dict[str, etree._Element] = {}
    found = _IDS(root)
    assert isinstance(found, list)
    for value in found:
        assert isinstance(value, etree._ElementUnicodeResult)
        element = value.getparent()
        assert element is not None
        if index.setdefault(str(value), element) is not element:
            raise _untrusted("ambiguous-id", f"the id {str(value)[:60]!r} occurs twice")
    return index


def read_signed_info(signature: etree._Element, policy: Policy = STRICT) -> SignedInfo:
    """The content of a ds:Signature, checked against the policy; nothing is verified yet.

    Raises Untrusted ``weak-algorithm`` or Malformed ``malformed-signature``.
    """
    info = _child(signature, "SignedInfo")
    method = _child(info, "CanonicalizationMethod")
    algorithm = _algorithm(method, policy.canonicalizations, "canonicalisation")
    canonical = canonicalize(info, algorithm, _prefixes(method))
    signed = parse_xml(canonical, where="ds:SignedInfo", keep_comments=False)
    references = signed.findall(f"{{{DS}}}Reference")
    if not 0 < len(references) <= policy.max_references:
        raise _malformed(f"{len(references)} references; 1 to {policy.max_references} are accepted")
    return SignedInfo(
        canonical=canonical,
        algorithm=_algorithm(_child(signed, "SignatureMethod"), policy.signatures, "signature"),
        signature_value=_base64(_child(signature, "SignatureValue")),
        references=tuple(_reference(reference, policy) for reference in references),
    )


def verify(
    signature: etree._Element,
    *,
    info: SignedInfo,
    public_key: PublicKey,
    ids: Mapping[str, etree._Element],
    policy: Policy = STRICT,
) -> tuple[Covered, ...]:
    """What the signature covers. The signature value is checked before any reference is followed.

    Raises Untrusted: ``wrong-signature``, ``digest-mismatch``, ``weak-algorithm`` (the key does not fit the algorithm),
    ``signature-wrapping`` (a reference leads nowhere).
    """
    family, hash_name = policy.signatures[info.algorithm]
    verify_value(public_key, info.signature_value, info.canonical, family=family, hash_name=hash_name)
    return tuple(_follow(reference, signature, ids, policy) for reference in info.references)


def _follow(
    reference: Reference, signature: etree._Element, ids: Mapping[str, etree._Element], policy: Policy
) -> Covered:
    element, whole = _resolve(reference.uri, signature, ids, policy)
    octets = apply_transforms(element, reference.transforms, signature=signature, whole=whole, policy=policy)
    digest = hashlib.new(policy.digests[reference.digest], octets).digest()
    if not hmac.compare_digest(digest, reference.value):
        raise _untrusted("digest-mismatch", f"what {reference.uri[:80] or 'the document'} names was changed")
    return Covered(reference.uri, element, octets)


def _resolve(
    uri: str, signature: etree._Element, ids: Mapping[str, etree._Element], policy: Policy
) -> tuple[etree._Element, bool]:
    if policy.whole_document and uri in ("", "#xpointer(/)"):
        return signature.getroottree().getroot(), True
    pointer = _XPOINTER.match(uri) if policy.whole_document else None
    name = pointer.group(2) if pointer else uri[1:] if uri.startswith("#") else ""
    element = ids.get(name)
    if element is None:
        raise _untrusted("signature-wrapping", f"the reference {uri[:80]!r} names nothing in the message")
    return element, False


def _reference(reference: etree._Element, policy: Policy) -> Reference:
    uri = reference.get("URI")
    if uri is None:
        raise _malformed("a reference without URI")
    method = _child(reference, "DigestMethod")
    steps = reference.find(f"{{{DS}}}Transforms")
    transforms = () if steps is None else tuple(_transform(step, policy) for step in steps)
    if policy is STRICT and [step.algorithm for step in transforms] != [EXCLUSIVE]:
        raise _untrusted("weak-algorithm", "each reference needs exclusive canonicalisation, and nothing else")
    return Reference(
        uri=uri,
        transforms=transforms,
        digest=_algorithm(method, policy.digests, "digest"),
        value=_base64(_child(reference, "DigestValue")),
    )


def _transform(step: etree._Element, policy: Policy) -> Transform:
    if step.tag != f"{{{DS}}}Transform":
        raise _malformed("something other than ds:Transform among the transforms")
    return Transform(_algorithm(step, policy.transforms, "transform"), _prefixes(step))


def _prefixes(method: etree._Element) -> tuple[str, ...]:
    children = list(method.iterchildren(etree.Element))
    if not children:
        return ()
    if len(children) > 1 or children[0].tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces":
        raise _untrusted("weak-algorithm", "an algorithm has parameters that are not accepted")
    return tuple((children[0].get("PrefixList") or "").split())


def _algorithm(method: etree._Element, allowed: Mapping[str, object] | frozenset[str], what: str) -> str:
    algorithm = method.get("Algorithm") or ""
    if algorithm not in allowed:
        raise _untrusted("weak-algorithm", f"{what} {algorithm[:100]!r} is not accepted")
    return algorithm


def _child(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise _malformed(f"ds:{name} occurs {len(found)} times, not once")
    return found[0]


def _base64(element: etree._Element) -> bytes:
    if len(element):
        raise _malformed("something other than text in a base64 value")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("a value is not base64") from error


def _malformed(message: str) -> Malformed:
    return Malformed(
        message, code="malformed-signature", where="ds:Signature", action="ask the sender for a correct signature"
    )


def _untrusted(code: str, message: str) -> Untrusted:
    return Untrusted(message, code=code, where="ds:Signature", action="never release by hand; ask the partner")
