"""Whom to believe: a certificate that is the partner's own, of a trusted CA, valid, made for signing and not revoked.

The verdict of a certificate is kept (bounded, and never beyond the next update of a revocation list or the end of a
certificate), so that a signed message costs one signature check.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from gateway.errors import Untrusted
from gateway.security.chain import Chain, chain_end
from gateway.security.keys import PublicKey, thumbprint_of
from gateway.security.pem import read_certificate_file, read_certificates, read_crls
from gateway.security.purpose import Purpose, require_purpose, require_strong_key

_K = TypeVar("_K")
_V = TypeVar("_V")

MAX_VERDICTS = 1024
MAX_VERDICT_AGE = timedelta(hours=1)
SECONDS_BETWEEN_LOOKS = 60.0

__all__ = ["PartnerCertificates", "Purpose", "Signer", "TrustStore"]


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose certificate it is that was believed."""

    partner: str
    subject: str
    thumbprint: str
    serial: int
    not_after: datetime
    public_key: PublicKey = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PartnerCertificates:
    """What binds certificates to one partner: it may have several at once, so that they can roll over.

    A certificate is the partner's when its thumbprint is in ``thumbprints``, or its subject in ``subjects`` (RFC 4514
    text; then any certificate that a trusted CA gives that subject counts). ``known_as`` binds nothing: it holds the
    subjects the partner is known by, so that its expired or revoked certificate is told from a stranger's.
    """

    partner: str
    thumbprints: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    known_as: frozenset[str] = frozenset()

    @classmethod
    def load(cls, partner: str, paths: Iterable[Path], *, subjects: Collection[str] = ()) -> PartnerCertificates:
        """The pinned certificates of a partner. Raises ConfigurationError ``certificate-unusable`` naming the file."""
        certificates = [read_certificate_file(path) for path in paths]
        return cls(
            partner=partner,
            thumbprints=frozenset(thumbprint_of(der) for der in certificates),
            subjects=frozenset(subjects),
            known_as=frozenset(_subject(x509.load_der_x509_certificate(der)) for der in certificates),
        )

    def binds(self, subject: str, thumbprint: str) -> bool:
        return thumbprint in self.thumbprints or subject in self.subjects

    def knows(self, subject: str, thumbprint: str) -> bool:
        return self.binds(subject, thumbprint) or subject in self.known_as


@dataclass(frozen=True, slots=True)
class TrustFiles:
    """Where the CAs and their revocation lists are read from."""

    anchors: tuple[Path, ...]
    intermediates: tuple[Path, ...]
    crls: tuple[Path, ...]

    def read(self) -> Chain:
        """Raises ConfigurationError ``certificate-unusable`` or ``crl-unusable`` naming the file."""
        return Chain(
            anchors=tuple(read_certificates(self.anchors)),
            intermediates=tuple(read_certificates(self.intermediates)),
            crls=tuple(read_crls(self.crls)),
        )

    def state(self) -> frozenset[tuple[str, int, int]]:
        """Name, size and time of every file: differs where one was changed, added or removed."""
        folders = [path for path in (*self.anchors, *self.intermediates, *self.crls) if path.is_dir()]
        files = [path for path in (*self.anchors, *self.intermediates, *self.crls) if path.is_file()]
        files += [file for folder in folders for file in folder.iterdir() if file.is_file()]
        return frozenset((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)


@dataclass(frozen=True, slots=True)
class _Verdict:
    from_at: datetime
    until_at: datetime


class TrustStore:
    """The trusted CAs with their revocation lists, and the verdicts on certificates seen lately. Safe in threads.

    A store that was loaded looks once a minute whether its files were changed, and then reads them and judges anew: a
    fresh revocation list needs no restart.
    """

    def __init__(self, chain: Chain, *, files: TrustFiles | None = None) -> None:
        self._chain = chain
        self._files = files
        self._state = None if files is None else files.state()
        self._look_after = time.monotonic() + SECONDS_BETWEEN_LOOKS
        self._verdicts: OrderedDict[tuple[str, str], _Verdict] = OrderedDict()
        self._certificates: OrderedDict[str, x509.Certificate] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls, *, anchors: Path | Iterable[Path], crls: Path | Iterable[Path], intermediates: Path | Iterable[Path] = ()
    ) -> TrustStore:
        """A store from files or folders (PEM or DER).

        Raises ConfigurationError ``certificate-unusable`` or ``crl-unusable`` naming the file.
        """
        files = TrustFiles(_paths(anchors), _paths(intermediates), _paths(crls))
        return cls(files.read(), files=files)

    def check(
        self,
        certificate_der: bytes,
        *,
        partner_certificates: PartnerCertificates,
        at: datetime,
        purpose: Purpose = "signature",
    ) -> Signer:
        """Whose certificate this is, believed at ``at`` (aware; real time, never the business clock).

        Raises Untrusted: unknown-signer, weak-key, certificate-expired, certificate-not-yet-valid,
        certificate-revoked, certificate-wrong-ca, certificate-wrong-purpose, crl-missing, crl-stale.
        """
        self._refresh()
        thumbprint = thumbprint_of(certificate_der)
        certificate = self._parse(certificate_der, thumbprint)
        subject = _subject(certificate)
        if not partner_certificates.knows(subject, thumbprint):
            raise _unknown(partner_certificates.partner, subject)
        public_key = require_strong_key(certificate, subject)
        if not self._believed(thumbprint, purpose, at):
            chain = self._chain
            until_at = chain_end(chain, certificate_der, at=at)
            require_purpose(certificate, purpose, subject)
            self._remember(chain, thumbprint, purpose, _Verdict(at, min(until_at, at + MAX_VERDICT_AGE)))
        if not partner_certificates.binds(subject, thumbprint):
            raise _unknown(partner_certificates.partner, subject)
        return Signer(
            partner=partner_certificates.partner,
            subject=subject,
            thumbprint=thumbprint,
            serial=certificate.serial_number,
            not_after=certificate.not_valid_after_utc,
            public_key=public_key,
        )

    def _refresh(self) -> None:
        """Reads the files again where they were changed. Raises ConfigurationError where they are unusable now."""
        if self._files is None or time.monotonic() < self._look_after:
            return
        state = self._files.state()
        chain = self._chain if state == self._state else self._files.read()
        with self._lock:
            if chain is not self._chain:
                self._chain, self._state = chain, state
                self._verdicts.clear()
            self._look_after = time.monotonic() + SECONDS_BETWEEN_LOOKS

    def _parse(self, der: bytes, thumbprint: str) -> x509.Certificate:
        with self._lock:
            found = self._certificates.get(thumbprint)
        if found is not None:
            return found
        try:
            certificate = x509.load_der_x509_certificate(der)
            certificate.subject.rfc4514_string()
        except ValueError as error:
            raise Untrusted(
                "the signer's certificate cannot be read",
                code="unknown-signer",
                action="ask the partner which certificate it signs with",
            ) from error
        with self._lock:
            _keep(self._certificates, thumbprint, certificate)
        return certificate

    def _believed(self, thumbprint: str, purpose: Purpose, at: datetime) -> bool:
        with self._lock:
            verdict = self._verdicts.get((thumbprint, purpose))
        return verdict is not None and verdict.from_at <= at < verdict.until_at

    def _remember(self, chain: Chain, thumbprint: str, purpose: Purpose, verdict: _Verdict) -> None:
        with self._lock:
            if chain is self._chain:  # another thread may have read newer lists meanwhile
                _keep(self._verdicts, (thumbprint, purpose), verdict)


def _paths(where: Path | Iterable[Path]) -> tuple[Path, ...]:
    return (where,) if isinstance(where, Path) else tuple(where)


def _keep(store: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > MAX_VERDICTS:
        store.popitem(last=False)


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _unknown(partner: str, subject: str) -> Untrusted:
    return Untrusted(
        "this certificate is not one of the partner's",
        code="unknown-signer",
        where=f"{partner}: {subject}",
        action="if the partner renewed its certificate, add the new file to its [trust] certificates",
    )
