"""Events of the dossier system: verify the ES256 JWS, decode strictly, validate; per second on one core.

``rows()`` gives what ``make bench`` collects. The reference is the bare ECDSA verification of the same signatures.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from adapters.dossier.adapter import DossierReader
from adapters.dossier.signers import SignerKeys
from bench.row import Row
from gateway.model import Kind, RawMessage
from gateway.security import development_pki
from gateway.security.jws import verify_compact
from gateway.security.trust import TrustStore
from simulators.dossier import jose
from simulators.dossier.events import as_json, cloud_event
from simulators.province import life
from simulators.province.population import one

EVENTS = 3000
_PER_SECOND = 6000
_ROUNDS = 3


def rows() -> list[Row]:
    """One row: events read per second of processor time, the best of three rounds."""
    with tempfile.TemporaryDirectory() as folder:
        certs = Path(folder)
        development_pki.create(certs, parties=("dossier",))
        trust = TrustStore.load(
            anchors=certs / "root.crt", crls=certs / "crl", intermediates=certs / "intermediate.crt"
        )
        keys = SignerKeys("dossier", [certs / "dossier.crt"], trust)
        messages = _messages(certs)
        reader = DossierReader(keys, "development")
        ours = _per_second(messages, reader.read)
        bare = _per_second(messages, lambda raw: verify_compact(raw.body, keys=keys, environment="development"))
    return [
        {
            "name": "dossier event: verify ES256, decode, validate (one core)",
            "value": round(ours),
            "unit": "events/s",
            "reference": "verify_compact alone",
            "reference_value": round(bare),
            "ratio": round(ours / bare, 2),
            "target": _PER_SECOND,
            "met": ours >= _PER_SECOND,
        }
    ]


def _messages(certs: Path) -> list[RawMessage]:
    signer = jose.signer(certs, "dossier")
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    bodies = []
    for number in range(EVENTS // 3):
        dossier = one(at.date(), number + 1, "1.004199", "qr", seed=number)
        for event in (life.submitted(dossier, at), life.accepted(dossier, at), life.fee_requested(dossier, at)):
            bodies.append(jose.sign(as_json(cloud_event(event, at)), signer, "development"))
    return [RawMessage("dossier", Kind.DOSSIER_EVENT, body, content_type="application/jose") for body in bodies]


def _per_second(messages: Sequence[RawMessage], read: Callable[[RawMessage], object]) -> float:
    best = 0.0
    for _ in range(_ROUNDS):
        begun = time.process_time()
        for message in messages:
            read(message)
        best = max(best, len(messages) / (time.process_time() - begun))
    return best


if __name__ == "__main__":
    for row in rows():
        print(row)
