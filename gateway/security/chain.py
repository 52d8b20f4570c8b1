"""From a certificate to a trusted CA (RFC 5280), every certificate on the way not revoked.

pyhanko-certvalidator does the path; its errors end here. Revocation is always required ("require": "hard-fail" would
ignore the lists it is given where a certificate names none). Nothing is fetched.
"""

from __future__ import annotations

import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from asn1crypto import crl, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    StaleRevinfoError,
    ValidationError,
)

from gateway.errors import Untrusted

_T = TypeVar("_T")

_ONE_PATH_AT_A_TIME = threading.Lock()
"""asn1crypto parses certificates, and sets up its own classes, when they are first looked at: threads that share a CA
would see half of it. Building a path holds the interpreter's lock anyhow, so nobody waits longer than without this."""

MAX_INTERMEDIATES = 8
"""Two known chains make a path builder run for ever; no honest one needs more CAs than this."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What paths are built from."""

    anchors: Sequence[x509.Certificate]
    intermediates: Sequence[x509.Certificate]
    crls: Sequence[crl.CertificateList]


def chain_end(chain: Chain, certificate_der: bytes, *, at: datetime) -> datetime:
    """Until when the certificate's path to a trusted CA, found valid at ``at``, may be believed without looking again.

    Safe in threads. Raises Untrusted: certificate-expired, certificate-not-yet-valid, certificate-revoked,
    certificate-wrong-ca, crl-missing, crl-stale, weak-key.
    """
    try:
        with _ONE_PATH_AT_A_TIME:
            return _chain_end(chain, x509.Certificate.load(certificate_der), at)
    except (ValueError, TypeError) as error:  # asn1crypto reads lazily: a broken extension is found on the way
        raise _untrusted("certificate-wrong-ca", "a certificate on its path cannot be read", "") from error


def _chain_end(chain: Chain, certificate: x509.Certificate, at: datetime) -> datetime:
    where = str(certificate.subject.human_friendly)
    _require_few(chain.intermediates, certificate, where)
    context = ValidationContext(
        trust_roots=list(chain.anchors),
        other_certs=list(chain.intermediates),
        moment=at,
        allow_fetching=False,
        crls=list(chain.crls),
        revocation_mode="require",
        time_tolerance=timedelta(0),
    )
    try:
        path = without_waiting(CertificateValidator(certificate, validation_context=context).async_validate_path())
    except PathBuildingError as error:
        raise _untrusted("certificate-wrong-ca", "no trusted CA vouches for the certificate", where) from error
    except ValidationError as error:
        raise _told(error, where) from error
    ends = [found.not_valid_after for found in path if isinstance(found, x509.Certificate)]
    ends += [end for end in (_next_update(one) for one in chain.crls) if end is not None and end > at]
    end: datetime = min(ends)
    return end.astimezone(UTC)


def _require_few(intermediates: Sequence[x509.Certificate], certificate: x509.Certificate, where: str) -> None:
    """Counts the CAs that can be on a path: those whose subject issued the certificate, or issued one of those."""
    count, wanted, seen = 0, [certificate.issuer.hashable], set[str]()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        issuers = [candidate for candidate in intermediates if candidate.subject.hashable == name]
        count += len(issuers)
        wanted += [issuer.issuer.hashable for issuer in issuers]
    if count > MAX_INTERMEDIATES:
        raise _untrusted("certificate-wrong-ca", f"more than {MAX_INTERMEDIATES} CAs would be on its path", where)


def without_waiting(work: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that never waits (nothing is fetched), inside an event loop or not."""
    try:
        work.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    work.close()
    raise RuntimeError("path validation tried to wait for the network")


def _next_update(one: crl.CertificateList) -> datetime | None:
    value = one["tbs_cert_list"]["next_update"].native
    return value if isinstance(value, datetime) else None


def _told(error: ValidationError, where: str) -> Untrusted:
    """The vendor's error in our words; the most telling class first."""
    if isinstance(error, RevokedError):
        return _untrusted("certificate-revoked", "a certificate on its path was revoked", where)
    if isinstance(error, ExpiredError):
        return _untrusted("certificate-expired", "a certificate on its path has expired", where)
    if isinstance(error, NotYetValidError):
        return _untrusted("certificate-not-yet-valid", "a certificate on its path is not valid yet", where)
    if isinstance(error, StaleRevinfoError):
        return _untrusted("crl-stale", "the revocation list is past its next update", where)
    if isinstance(error, InsufficientRevinfoError):
        return _untrusted("crl-missing", "no usable revocation list of its CA is at hand", where)
    if isinstance(error, DisallowedAlgorithmError):
        return _untrusted("weak-key", "a certificate on its path is signed with a weak algorithm", where)
    return _untrusted("certificate-wrong-ca", f"no trusted CA vouches for it: {error.failure_msg}", where)


_ACTIONS = {
    "certificate-revoked": "never release by hand; ask the partner for messages signed with its new certificate",
    "certificate-expired": "ask the partner to renew its certificate and send again",
    "certificate-not-yet-valid": "check the clocks; ask the partner to sign with its current certificate",
    "crl-stale": "fetch the CA's current revocation list into the folder of CRLs",
    "crl-missing": "fetch the CA's revocation list into the folder of CRLs",
    "weak-key": "the partner needs a certificate signed with SHA-256 or stronger",
    "certificate-wrong-ca": "check which CA issued it; never add a CA because a message failed",
}


def _untrusted(code: str, message: str, where: str) -> Untrusted:
    return Untrusted(message, code=code, where=where, action=_ACTIONS[code])
