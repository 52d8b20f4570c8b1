"""Verifies and reads what the dossier system sends: a compact JWS over one CloudEvent."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.dossier import codec, contract
from gateway.model import Incoming, Kind, RawMessage
from gateway.security.jws import verify_compact
from gateway.security.trust import Signer

# base64url makes 4 bytes of 3; the rest is room for the header and the signature.
_MAX_TOKEN_BYTES = codec.MAX_BYTES * 4 // 3 + 4096


class DossierReader:
    """The port ``Reader`` for the dossier system. Only signed content is read; nothing of the transport is believed."""

    def __init__(self, keys: Mapping[str, Signer], environment: str) -> None:
        """``keys``: the signers by key id (``SignerKeys``). ``environment``: the only one whose messages are taken."""
        self._keys = keys
        self._environment = environment
        self._contract = contract.incoming()

    def read(self, raw: RawMessage) -> Incoming:
        """One event, in our words. Freshness is not judged here.

        Raises Untrusted: ``unsigned-message``, ``weak-algorithm``, ``unknown-signer``, ``wrong-signature``,
        ``wrong-environment`` or what is said against the certificate. Raises Malformed: ``malformed-jws``,
        ``message-too-large`` and the codes of ``codec.decode``.
        """
        verified = verify_compact(raw.body, keys=self._keys, environment=self._environment, max_bytes=_MAX_TOKEN_BYTES)
        decoded = codec.decode(verified.payload, self._contract)
        return Incoming(
            message_id=decoded.message_id,
            kind=Kind.DOSSIER_EVENT,
            content=decoded.event,
            transaction_id=decoded.transaction_id,
            fingerprint=decoded.fingerprint,
            dossier_code=decoded.event.dossier_code,
            sent_at=decoded.event.occurred_at,
            signer=verified.signer.thumbprint,
            environment=self._environment,
        )
