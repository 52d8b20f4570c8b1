"""VNPost for the core: ``build`` joins the configuration, the wires and the codecs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.postal.feed import VnpostFeed
from adapters.postal.feed_search import FeedSearch
from adapters.postal.orders import PostalSender
from adapters.postal.remittance_reader import CodRemittanceReader
from adapters.wire.confirmations import ConfirmationSender
from adapters.wire.enquiry_answers import SignedAnswerReader, answers_of
from adapters.wire.rest import RestClient, SessionClient, client_credentials
from adapters.wire.sign_in import nothing_sent_yet
from adapters.wire.signed_files import Offered, SftpDocumentSource, SignedOutbox, address_of, signature_check
from gateway.errors import ConfigurationError, Problem
from gateway.partners import Files, Partner, PostalApi
from gateway.security.keys import SigningKey
from gateway.security.secret import Secret
from gateway.security.trust import PartnerCertificates, TrustStore


@dataclass(frozen=True, slots=True)
class PostalParts:
    """What one postal partner offers the core. ``confirmations`` is None where it takes none."""

    orders: PostalSender
    feed: VnpostFeed
    remittances: SftpDocumentSource
    remittance_reader: CodRemittanceReader
    answers: tuple[SftpDocumentSource, SignedAnswerReader]
    confirmations: ConfirmationSender | None


def build(partner: Partner, *, certs: Path, environment: str, environ: Mapping[str, str]) -> PostalParts:
    """The parts for a partner of role postal; nothing is connected yet. Raises ConfigurationError."""
    api, files, trust = partner.postal_api, partner.remittances, partner.trust
    if api is None or files is None or trust is None:
        missing = Problem(f"{partner.id}.toml", "postal_api, remittances, trust", "VNPost needs all three sections")
        raise ConfigurationError(problems=[missing], action="add them, then run `gateway partners check`")
    session = _session(api, certs, environ)
    feed = VnpostFeed(partner.id, api, session)
    store = TrustStore.load(anchors=certs / "root.crt", crls=certs / "crl", intermediates=certs / "intermediate.crt")
    pinned = PartnerCertificates.load(partner.id, [certs / name for name in trust.certificates])
    signer_of = signature_check(store, pinned, environment, _real_now)
    offered = Offered(files.folder, files.archive, files.name_pattern)
    source = SftpDocumentSource(offered, address_of(files.sftp, certs))
    return PostalParts(
        orders=PostalSender(partner.id, api, session, FeedSearch(feed)),
        feed=feed,
        remittances=source,
        remittance_reader=CodRemittanceReader(partner.id, environment, api.customer_code, signer_of),
        answers=(answers_of(source), SignedAnswerReader(partner.id, environment, signer_of)),
        confirmations=_confirmations(partner.id, files, certs, environment),
    )


def _session(api: PostalApi, certs: Path, environ: Mapping[str, str]) -> SessionClient:
    client = RestClient(
        api.endpoint,
        connect_timeout=api.connect_timeout_seconds,
        read_timeout=api.read_timeout_seconds,
        verify=certs / api.tls_ca if api.tls_ca else None,
    )
    secret = Secret.from_reference(api.client_secret, environ=environ).value.decode()
    return client.with_session(nothing_sent_yet(client_credentials(api.client_id, secret, path=api.token_path)))


def _confirmations(partner: str, files: Files, certs: Path, environment: str) -> ConfirmationSender | None:
    if not files.outbox:
        return None
    key = SigningKey.load(certs / f"{files.signing_key}.key", certs / f"{files.signing_key}.crt")
    outbox = SignedOutbox(files.outbox, address_of(files.sftp, certs), key, environment, _real_now)
    return ConfirmationSender(partner, outbox)


def _real_now() -> datetime:
    return datetime.now(UTC)
