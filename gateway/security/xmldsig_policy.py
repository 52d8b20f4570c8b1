"""Which algorithms of XML signatures are accepted: the gateway's strict list, and a wider one for vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
EXCLUSIVE_COMMENTS = EXCLUSIVE + "WithComments"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_COMMENTS = INCLUSIVE + "#WithComments"
ENVELOPED = DS + "enveloped-signature"
BASE64 = DS + "base64"

RSA_SHA256 = MORE + "rsa-sha256"
ECDSA_SHA256 = MORE + "ecdsa-sha256"
SHA256 = XENC + "sha256"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier accepts. ``signatures`` maps an algorithm to its family and hash, ``digests`` to its hash."""

    name: str
    signatures: Mapping[str, tuple[str, str]]
    digests: Mapping[str, str]
    canonicalizations: frozenset[str]
    transforms: frozenset[str]
    whole_document: bool  # may a reference name the whole document (URI="")?
    max_references: int = 16


STRICT = Policy(
    name="strict",
    signatures=MappingProxyType({RSA_SHA256: ("rsa", "sha256"), ECDSA_SHA256: ("ec", "sha256")}),
    digests=MappingProxyType({SHA256: "sha256"}),
    canonicalizations=frozenset({EXCLUSIVE}),
    transforms=frozenset({EXCLUSIVE}),
    whole_document=False,
)

# For comparing with other implementations on their vectors. The gateway itself never uses it.
LEGACY = Policy(
    name="legacy",
    signatures=MappingProxyType(
        {
            DS + "rsa-sha1": ("rsa", "sha1"),
            MORE + "rsa-sha224": ("rsa", "sha224"),
            RSA_SHA256: ("rsa", "sha256"),
            MORE + "rsa-sha384": ("rsa", "sha384"),
            MORE + "rsa-sha512": ("rsa", "sha512"),
            MORE + "ecdsa-sha1": ("ec", "sha1"),
            MORE + "ecdsa-sha224": ("ec", "sha224"),
            ECDSA_SHA256: ("ec", "sha256"),
            MORE + "ecdsa-sha384": ("ec", "sha384"),
            MORE + "ecdsa-sha512": ("ec", "sha512"),
        }
    ),
    digests=MappingProxyType(
        {
            DS + "sha1": "sha1",
            MORE + "sha224": "sha224",
            SHA256: "sha256",
            MORE + "sha384": "sha384",
            XENC + "sha384": "sha384",  # as Microsoft's ADFS spells it
            XENC + "sha512": "sha512",
        }
    ),
    canonicalizations=frozenset({EXCLUSIVE, EXCLUSIVE_COMMENTS, INCLUSIVE, INCLUSIVE_COMMENTS}),
    transforms=frozenset({EXCLUSIVE, EXCLUSIVE_COMMENTS, INCLUSIVE, INCLUSIVE_COMMENTS, ENVELOPED, BASE64}),
    whole_document=True,
    max_references=64,
)
