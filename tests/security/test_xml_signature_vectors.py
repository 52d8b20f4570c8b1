"""Other implementations' XML signatures and attack files, with python-xmlsec as the oracle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.errors import Malformed
from gateway.security.keys import PublicKey
from gateway.security.xml import parse_xml
from gateway.security.xmldsig import LEGACY, STRICT, Covered, index_ids, read_signed_info, verify
from tests.security import vectors

pytestmark = pytest.mark.golden

# The only files that xmlsec verifies and the wide policy does not, for another reason than a refused algorithm.
REFUSED_FOR_FORM = {"aleksey-xmldsig-01/enveloped-ecdsa-java-bug.xml": "wrong-signature"}  # r and s of odd width
# Files with a manifest of outside files, which xmlsec follows into the file system. We follow nothing; the manifest
# itself is verified, and what it lists is not read.
MANIFESTS_NOT_FOLLOWED = frozenset(
    {
        "phaos-xmldsig-three/signature-rsa-detached-b64-transform.xml",
        "phaos-xmldsig-three/signature-rsa-detached-xpath-transform.xml",
        "phaos-xmldsig-three/signature-rsa-detached-xslt-transform.xml",
        "phaos-xmldsig-three/signature-rsa-manifest-x509-data-cert-chain.xml",
        "phaos-xmldsig-three/signature-rsa-manifest-x509-data-cert.xml",
        "phaos-xmldsig-three/signature-rsa-manifest.xml",
        "phaos-xmldsig-three/signature-rsa-~x509-data-crl.xml",
        "xades/xades-with-enveloped-manifest.xml",
    }
)
# xmlsec does not know the address that Microsoft uses for SHA-384.
UNKNOWN_TO_XMLSEC = frozenset({"adfs_response_sha384.xml"})
REFUSED_BY_POLICY = frozenset({"weak-algorithm", "ambiguous-id", "signature-wrapping", "dtd-forbidden"})


def _verdicts(folder: Path) -> dict[str, tuple[str, bool]]:
    """Ours and theirs for each file with an RSA or EC key of its own and no id twice."""
    verdicts: dict[str, tuple[str, bool]] = {}
    for name, raw in vectors.documents(folder):
        try:
            signature = vectors.signature_of(parse_xml(raw))
            key = None if signature is None else vectors.key_of(signature)
        except (Malformed, ValueError):
            continue  # not XML by design, or a certificate that is cut off
        if key is not None:
            mine = vectors.ours(raw, key)
            verdicts[name] = (mine, mine != "ambiguous-id" and vectors.theirs(raw, key))
    return verdicts


@pytest.mark.parametrize(("corpus", "agreeing"), [("xmlsec-interop", 44), ("signxml", 30), ("ruby-saml", 20)])
def test_what_xmlsec_verifies_we_verify_and_nothing_else(corpora: Path, corpus: str, agreeing: int) -> None:
    verdicts = _verdicts(corpora / "xmlsig" / corpus)
    accepted_by_us_only = {name for name, (mine, theirs) in verdicts.items() if mine == "verified" and not theirs}
    refused_by_us_only = {
        name: mine
        for name, (mine, theirs) in verdicts.items()
        if theirs and mine != "verified" and mine not in REFUSED_BY_POLICY
    }
    assert accepted_by_us_only <= MANIFESTS_NOT_FOLLOWED | UNKNOWN_TO_XMLSEC
    assert refused_by_us_only.items() <= REFUSED_FOR_FORM.items()
    assert Counter(mine == "verified" and theirs for mine, theirs in verdicts.values())[True] >= agreeing


@pytest.mark.parametrize("name", ["adfs_response_sha256.xml", "adfs_response_sha384.xml", "adfs_response_sha512.xml"])
def test_signatures_of_microsoft_adfs_verify(corpora: Path, name: str) -> None:
    raw = (corpora / "xmlsig" / "ruby-saml" / name).read_bytes()
    signature = vectors.signature_of(parse_xml(raw))
    assert signature is not None
    key = vectors.key_of(signature)
    assert key is not None
    assert vectors.ours(raw, key) == "verified"
    assert vectors.ours(raw, key, STRICT) == "weak-algorithm"


def _wss(corpora: Path, name: str) -> tuple[bytes, PublicKey]:
    folder = corpora / "xmlsig" / "signxml" / "interop" / "ws-security" / "ws.js"
    key = x509.load_pem_x509_certificate((folder / "examples" / "server_public.pem").read_bytes()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return (folder / "test" / "unit" / "client" / "files" / name).read_bytes(), key


def test_a_ws_security_response_of_another_stack_verifies(corpora: Path) -> None:
    """Made by .NET in 2012 with SHA-1: right, but nothing that the gateway itself would believe."""
    raw, key = _wss(corpora, "valid wss resp.xml")
    assert vectors.ours(raw, key) == "verified"
    assert vectors.ours(raw, key, STRICT) == "weak-algorithm"


def test_a_changed_ws_security_response_does_not(corpora: Path) -> None:
    raw, key = _wss(corpora, "invalid wss resp - changed content.xml")
    assert vectors.ours(raw, key) == "digest-mismatch"


@pytest.mark.parametrize("name", ["cyclic", "dtd", "external", "external_file", "quadratic", "xmlbomb", "xmlbomb2"])
def test_bombs_and_external_entities_are_refused(corpora: Path, name: str) -> None:
    raw = (corpora / "xmlsig" / "signxml" / "defusedxml-test-data" / f"{name}.xml").read_bytes()
    with pytest.raises(Malformed) as caught:
        parse_xml(raw)
    assert caught.value.code == "dtd-forbidden"


def test_an_external_entity_in_a_saml_response_is_refused(corpora: Path) -> None:
    with pytest.raises(Malformed) as caught:
        parse_xml((corpora / "xmlsig" / "ruby-saml" / "attackxee.xml").read_bytes())
    assert caught.value.code == "dtd-forbidden"


# ruby-saml's attack files: refused, or only the signed node is given back


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("invalids/signature_wrapping_attack.xml.base64", "ambiguous-id"),
        ("invalids/response_with_concealed_signed_assertion.xml", "weak-algorithm"),
        ("invalids/response_with_doubled_signed_assertion.xml", "weak-algorithm"),
        ("invalids/multiple_signed.xml.base64", "digest-mismatch"),
        ("invalids/multiple_assertions.xml.base64", "wrong-signature"),
        ("response_wrapped.xml.base64", "wrong-signature"),
        ("response_node_text_attack3.xml.base64", "digest-mismatch"),
    ],
)
def test_attacks_on_saml_responses_are_refused(corpora: Path, name: str, code: str) -> None:
    raw = dict(vectors.documents(corpora / "xmlsig" / "ruby-saml"))[name]
    signature = vectors.signature_of(parse_xml(raw))
    assert signature is not None
    key = vectors.key_of(signature)
    assert key is not None
    assert vectors.ours(raw, key) == code
    assert vectors.ours(raw, key, STRICT) in {"weak-algorithm", code}


def test_of_a_wrapped_assertion_only_the_signed_one_is_given_back(corpora: Path) -> None:
    covered = _covered(corpora, "response_assertion_wrapped.xml.base64")
    assert [b"test@onelogin.com" in one.canonical for one in covered] == [True]
    assert not any(b"bogus@onelogin.com" in one.canonical for one in covered)


def test_a_comment_in_a_name_is_gone_from_what_is_given_back(corpora: Path) -> None:
    (one,) = _covered(corpora, "response_node_text_attack2.xml.base64")
    assert b">test@onelogin.com</saml:NameID>" in one.canonical


def _covered(corpora: Path, name: str) -> tuple[Covered, ...]:
    root = parse_xml(dict(vectors.documents(corpora / "xmlsig" / "ruby-saml"))[name])
    signature = vectors.signature_of(root)
    assert signature is not None
    key = vectors.key_of(signature)
    assert key is not None
    info = read_signed_info(signature, LEGACY)
    return verify(signature, info=info, public_key=key, ids=index_ids(root), policy=LEGACY)
