"""The dossier system's certificates by key id, each judged when a message names it.

One that has expired or was revoked spoils the messages it signed and no others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.security.jws import key_id
from gateway.security.keys import thumbprint_of
from gateway.security.pem import read_certificate_file
from gateway.security.trust import PartnerCertificates, Signer, TrustStore

_JUDGED_AGAIN_AFTER_SECONDS = 30.0


def _real_time() -> datetime:
    return datetime.now(UTC)


class SignerKeys(Mapping[str, Signer]):
    """Looks up a ``kid`` for ``verify_compact``; what the trust store says against a certificate is raised from here.

    A good verdict is kept for 30 seconds, so that a batch of thousands costs one.
    """

    def __init__(
        self, partner: str, files: Sequence[Path], trust: TrustStore, now: Callable[[], datetime] = _real_time
    ) -> None:
        """Raises ConfigurationError ``certificate-unusable``, which names the file."""
        ders = [read_certificate_file(file) for file in files]
        self._ders = {key_id(thumbprint_of(der)): der for der in ders}
        self._pinned = PartnerCertificates.load(partner, files)
        self._trust, self._now = trust, now
        self._judged: dict[str, tuple[float, Signer]] = {}

    def __getitem__(self, kid: str) -> Signer:
        """Raises KeyError for an unknown key id, Untrusted as ``TrustStore.check`` does."""
        known = self._judged.get(kid)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        signer = self._trust.check(self._ders[kid], partner_certificates=self._pinned, at=self._now())
        self._judged[kid] = (time.monotonic() + _JUDGED_AGAIN_AFTER_SECONDS, signer)
        return signer

    def __iter__(self) -> Iterator[str]:
        return iter(self._ders)

    def __len__(self) -> int:
        return len(self._ders)
