"""NIST PKITS: 172 path-validation tests; each verdict is as NIST says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import crl, x509

from gateway.errors import Untrusted
from gateway.security.chain import Chain
from gateway.security.keys import thumbprint_of
from gateway.security.trust import PartnerCertificates, TrustStore

# Valid for NIST, refused here: DSA is no algorithm of ours.
# The second has no parameters of its own and cannot even be read.
REFUSED_BY_POLICY = {
    "40104_valid_dsa_signatures_test4": "weak-key",
    "40105_valid_dsa_parameter_inheritance_test5": "unknown-signer",
}

EXPECTED_CODES = {
    "40102_invalid_ca_signature_test2": "certificate-wrong-ca",
    "40103_invalid_ee_signature_test3": "certificate-wrong-ca",
    "40106_invalid_dsa_signature_test6": "weak-key",
    "40202_invalid_ee_notbefore_date_test2": "certificate-not-yet-valid",
    "40206_invalid_ee_notafter_date_test6": "certificate-expired",
    "40402_invalid_revoked_ca_test2": "certificate-revoked",
    "40403_invalid_revoked_ee_test3": "certificate-revoked",
    "40401_missing_crl_test1": "crl-missing",
    "40411_invalid_old_crl_nextupdate_test11": "crl-stale",
}


def _load(folder: Path, case: dict[str, object], anchor: str) -> TrustStore:
    intermediates, crls = case["intermediates"], case["crls"]
    assert isinstance(intermediates, list)
    assert isinstance(crls, list)
    return TrustStore(
        Chain(
            anchors=(x509.Certificate.load((folder / "certs" / anchor).read_bytes()),),
            intermediates=tuple(
                x509.Certificate.load((folder / "certs" / name).read_bytes()) for name in intermediates
            ),
            crls=tuple(crl.CertificateList.load((folder / "crls" / name).read_bytes()) for name in crls),
        )
    )


def _verdict(folder: Path, case: dict[str, object], anchor: str) -> str:
    der = (folder / "certs" / str(case["ee"])).read_bytes()
    partner = PartnerCertificates("nist", thumbprints=frozenset({thumbprint_of(der)}))
    try:
        _load(folder, case, anchor).check(
            der, partner_certificates=partner, at=datetime(2020, 1, 1, tzinfo=UTC), purpose="any"
        )
    except Untrusted as error:
        return error.code
    return "valid"


@pytest.mark.golden
def test_every_path_of_pkits_has_the_verdict_of_nist(corpora: Path) -> None:
    """All 172; the only two that differ are DSA and named above."""
    folder = corpora / "x509" / "pkits"
    table = json.loads((folder / "expected-certvalidator.json").read_text())
    verdicts = {case["test"]: _verdict(folder, case, table["trust_anchor"]) for case in table["tests"]}
    differing = {
        case["test"]: verdicts[case["test"]]
        for case in table["tests"]
        if (verdicts[case["test"]] == "valid") != (case["expect"] == "valid")
    }
    assert len(verdicts) == 172
    assert differing == REFUSED_BY_POLICY
    assert {name: verdicts[name] for name in EXPECTED_CODES} == EXPECTED_CODES
