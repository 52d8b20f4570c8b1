"""The parts of one bank (or of the payment intermediary) from its configuration: what bootstrap calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adapters.banking.adapter import BankPaymentEnquirer, BankSender, BankStatusReader
from adapters.banking.codec import WSDL
from adapters.banking.collection import Collection, Seals, new_message_id, real_now
from adapters.banking.statement_reader import BankStatementReader
from adapters.wire.confirmations import ConfirmationSender
from adapters.wire.enquiry_answers import SignedAnswerReader, answers_of
from adapters.wire.http import Timeouts
from adapters.wire.signed_files import Offered, SftpDocumentSource, SignedOutbox, address_of, signature_check
from adapters.wire.soap import SoapClient, SoapContract
from gateway.errors import ConfigurationError, Problem
from gateway.partners import Collection as CollectionConfiguration
from gateway.partners import Files, Partner
from gateway.ports import (
    DocumentSource,
    EnquiryAnswerReader,
    PaymentEnquirer,
    Reader,
    Sender,
    StatementReader,
)
from gateway.security.keys import SigningKey
from gateway.security.trust import PartnerCertificates, TrustStore


@dataclass(frozen=True, slots=True)
class BankingParts:
    """The ports that one partner fills; ``close`` gives its connections back."""

    partner: str
    senders: Sequence[Sender]
    source: DocumentSource
    statements: StatementReader
    answers: tuple[DocumentSource, EnquiryAnswerReader]
    enquirer: PaymentEnquirer | None = None
    status_reader: Reader | None = None
    close: Callable[[], None] = field(default=lambda: None, repr=False)


def build(
    partner: Partner,
    *,
    certs: Path,
    trust: TrustStore,
    environment: str,
    now: Callable[[], datetime] = real_now,
) -> BankingParts:
    """The parts of a partner of role ``bank`` or ``intermediary``. Opens no connection. ``now`` is real time.

    Raises ConfigurationError: a key, certificate or contract that cannot be used, or a section that is missing.
    """
    files, certificates = _needed(partner, certs)
    address = address_of(files.sftp, certs)
    senders: list[Sender] = []
    if files.outbox and files.signing_key:
        outbox = SignedOutbox(files.outbox, address, _key(certs, files.signing_key), environment, now)
        senders.append(ConfirmationSender(partner.id, outbox))
    source = SftpDocumentSource(Offered(files.folder, files.archive, files.name_pattern), address)
    signer_of = signature_check(trust, certificates, environment, now)
    reader = BankStatementReader(partner, files, signer_of)
    answers = (answers_of(source), SignedAnswerReader(partner.id, environment, signer_of))
    if partner.collection is None:
        return BankingParts(partner.id, senders, source, reader, answers)
    seals = Seals(_key(certs, partner.collection.signing_key), trust, certificates, environment, now)
    collection = _collection(partner.collection, certs, seals)
    senders.append(BankSender(partner, collection))
    return BankingParts(
        partner.id,
        senders,
        source,
        reader,
        answers,
        BankPaymentEnquirer(partner, collection),
        BankStatusReader(partner, collection.contract, seals),
        collection.client.close,
    )


def _needed(partner: Partner, certs: Path) -> tuple[Files, PartnerCertificates]:
    if partner.statements is None or partner.trust is None:
        missing = Problem(f"{partner.id}.toml", "statements, trust", "a bank or intermediary needs both sections")
        raise ConfigurationError(problems=[missing])
    paths = [certs / name for name in partner.trust.certificates]
    return partner.statements, PartnerCertificates.load(partner.id, paths)


def _collection(configuration: CollectionConfiguration, certs: Path, seals: Seals) -> Collection:
    contract = SoapContract.load(WSDL, version=configuration.soap)
    client = SoapClient(
        contract,
        configuration.endpoint,
        sign=lambda envelope, action: seals.sign(envelope, action, configuration.endpoint, new_message_id()),
        verify=lambda raw: seals.verify(raw).body,
        timeouts=Timeouts(configuration.connect_timeout_seconds, configuration.read_timeout_seconds),
        tls=certs / configuration.tls_ca if configuration.tls_ca else None,
    )
    return Collection(contract, client, seals)


def _key(certs: Path, name: str) -> SigningKey:
    return SigningKey.load(certs / f"{name}.key", certs / f"{name}.crt")
