"""The adapters of every configured partner, joined to the ports. Nothing is connected until it is used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Problem
from gateway.messages.receipts import Issuer
from gateway.model import Kind
from gateway.partners import Partner
from gateway.ports import (
    BillSource,
    DocumentSource,
    EnquiryAnswerReader,
    PaymentEnquirer,
    Reader,
    Sender,
    TrackingFeed,
)
from gateway.security.keys import SigningKey
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.flows.documents import Files
    from gateway.flows.dossier_events import Drain
    from gateway.security.trust import TrustStore

DOSSIER = "dossier"


class Need(StrEnum):
    """Groups of adapters; a flow imports and opens those it needs and no other."""

    BANKING = "banking"
    PLATFORM = "platform"
    POSTAL = "postal"
    PORTAL = "portal"
    BROKER = "broker"


EVERYTHING = frozenset(Need)


@dataclass(frozen=True, slots=True)
class EventLine:
    """The dossier system's queue, how its messages are believed, and how they are answered."""

    events: Drain
    dead_letters: Drain
    reader: Reader
    issuer: Issuer
    batch: int


@dataclass(slots=True)
class Parts:
    """What the configured partners offer, by partner id where there is one each.

    ``problems``: why the parts of some partner are not among them. The others work; what the flow was asked for is not
    done until these are mended (``require_whole``).
    """

    senders: list[Sender] = field(default_factory=list)
    files: dict[str, Files] = field(default_factory=dict)
    answers: dict[str, tuple[DocumentSource, EnquiryAnswerReader]] = field(default_factory=dict)
    enquirers: dict[str, tuple[PaymentEnquirer, Reader]] = field(default_factory=dict)
    bills: dict[str, tuple[BillSource, Reader]] = field(default_factory=dict)
    feeds: dict[str, tuple[TrackingFeed, str]] = field(default_factory=dict)
    approvals: Drain | None = None
    problems: list[Problem] = field(default_factory=list)

    def require_whole(self) -> None:
        """Raises ConfigurationError ``configuration-invalid`` where a partner could not be joined, by file and key."""
        if self.problems:
            raise ConfigurationError(
                problems=self.problems, action="correct these, then run `gateway partners check`; the others went on"
            )

    def senders_of(self, kinds: frozenset[Kind]) -> Sequence[Sender]:
        return [sender for sender in self.senders if sender.kinds & kinds]


def trust_store(certs: Path) -> TrustStore:
    """Whom we believe: the roots, intermediates and revocation lists of ``certs``."""
    from gateway.security.trust import TrustStore

    return TrustStore.load(anchors=certs / "root.crt", crls=certs / "crl", intermediates=certs / "intermediate.crt")


def build(
    settings: Settings,
    partners: Mapping[str, Partner],
    environ: Mapping[str, str] | None = None,
    needs: frozenset[Need] = EVERYTHING,
) -> Parts:
    """What ``needs`` names of these partners; one that cannot be joined is in ``problems`` and hinders no other."""
    env = os.environ if environ is None else environ
    parts = Parts()
    for partner in partners.values():
        for add in _additions(parts, settings, partner, env, needs):
            try:
                add()
            except ConfigurationError as error:
                parts.problems += _problems(settings, partner, env, error)
    parts.problems = list(dict.fromkeys(parts.problems))
    return parts


def _additions(
    parts: Parts, settings: Settings, partner: Partner, env: Mapping[str, str], needs: frozenset[Need]
) -> Iterator[Callable[[], None]]:
    if Need.BANKING in needs and partner.role in ("bank", "intermediary"):
        yield partial(_add_banking, parts, settings, partner)
    if Need.PLATFORM in needs and partner.platform is not None:
        yield partial(_add_platform, parts, settings, partner, env)
    if Need.POSTAL in needs and partner.role == "postal":
        yield partial(_add_postal, parts, settings, partner, env)
    if Need.PORTAL in needs and partner.role == "national_portal":
        yield partial(_add_portal, parts, settings, partner, env)
    if Need.BROKER in needs and partner.role == "dossier" and settings.amqp_url:
        yield partial(_add_dossier, parts, settings, partner)


def _problems(
    settings: Settings, partner: Partner, env: Mapping[str, str], error: ConfigurationError
) -> Sequence[Problem]:
    """All keys of the partner that refer to nothing usable, where that is why; else what was raised."""
    from gateway.bootstrap import references

    found = references.of_files(settings.certs, partner, env)
    return found or error.problems or [Problem(f"{partner.id}.toml", error.where or "(whole file)", error.message)]


def _add_portal(parts: Parts, settings: Settings, partner: Partner, env: Mapping[str, str]) -> None:
    from adapters.national_portal import adapter as national_portal

    parts.senders.append(
        national_portal.build(partner, certs=settings.certs, environment=settings.environment, environ=env)
    )


def _add_banking(parts: Parts, settings: Settings, partner: Partner) -> None:
    from adapters.banking import building as banking
    from gateway.flows.documents import Files, day_of_statement

    built = banking.build(
        partner, certs=settings.certs, trust=trust_store(settings.certs), environment=settings.environment
    )
    parts.senders.extend(built.senders)
    folder = settings.var / "incoming"
    parts.files[partner.id] = Files(
        built.source, built.statements, Kind.STATEMENT_FILE, folder, day_of_statement(built.statements)
    )
    parts.answers[partner.id] = built.answers
    if built.enquirer is not None and built.status_reader is not None:
        parts.enquirers[partner.id] = (built.enquirer, built.status_reader)


def _add_platform(parts: Parts, settings: Settings, partner: Partner, env: Mapping[str, str]) -> None:
    from adapters.national_portal import platform

    built = platform.build(partner, certs=settings.certs, environment=settings.environment, environ=env)
    parts.senders.append(built.sender)
    parts.enquirers[partner.id] = (built.enquirer, built.reader)
    parts.bills[partner.id] = (built.bills, built.bill_reader)


def _add_postal(parts: Parts, settings: Settings, partner: Partner, env: Mapping[str, str]) -> None:
    from adapters.postal import adapter as postal
    from adapters.postal.tracking import FIRST_CURSOR
    from gateway.flows.documents import Files, day_of_remittance

    built = postal.build(partner, certs=settings.certs, environment=settings.environment, environ=env)
    parts.senders.append(built.orders)
    if built.confirmations is not None:
        parts.senders.append(built.confirmations)
    parts.files[partner.id] = Files(
        built.remittances, built.remittance_reader, Kind.REMITTANCE_FILE, settings.var / "incoming", day_of_remittance
    )
    parts.answers[partner.id] = built.answers
    parts.feeds[partner.id] = (built.feed, FIRST_CURSOR)


def _add_dossier(parts: Parts, settings: Settings, partner: Partner) -> None:
    from adapters.dossier import adapter as dossier
    from adapters.dossier import queues as dossier_queues

    queues = partner.queues
    assert queues is not None  # its role needs them
    key = _signing_key(settings.certs, queues.signing_key)
    line = dossier.BrokerLine(settings.amqp_url, queues.gateway_exchange, key, settings.environment)
    parts.senders.append(dossier.dossier_sender(partner.id, line))
    days = dossier.BrokerLine(settings.amqp_url, dossier.DAYS_EXCHANGE, key, settings.environment)
    parts.senders.append(dossier.broker_sender(days))
    parts.approvals = dossier_queues.DossierInbox(
        settings.amqp_url, dossier_queues.DAYS_QUEUE, "broker", Kind.DAY_APPROVED
    )


def event_line(settings: Settings, partner: Partner) -> EventLine:
    """The dossier system's inbox. Raises ConfigurationError where it cannot be opened."""
    from adapters.dossier import adapter as dossier
    from adapters.dossier import queues as dossier_queues
    from adapters.dossier.signers import SignerKeys
    from gateway.security.jws import sign_compact

    queues = partner.queues
    if queues is None or partner.trust is None or not settings.amqp_url:
        raise ConfigurationError(
            "dossier events need GATEWAY_AMQP_URL and the sections [queues] and [trust]", where=f"{partner.id}.toml"
        )
    key = _signing_key(settings.certs, queues.signing_key)
    certificates = [settings.certs / name for name in partner.trust.certificates]
    keys = SignerKeys(partner.id, certificates, trust_store(settings.certs))
    return EventLine(
        events=dossier_queues.DossierInbox(settings.amqp_url, queues.events_queue, partner.id),
        dead_letters=dossier_queues.DossierInbox(
            settings.amqp_url, dossier_queues.dead_letters(queues.events_queue), partner.id
        ),
        reader=dossier.DossierReader(keys, settings.environment),
        issuer=Issuer(
            partner.id,
            lambda content: sign_compact(content, key, environment=settings.environment, cty="application/json"),
        ),
        batch=queues.batch,
    )


def declare_queues(settings: Settings, partners: Mapping[str, Partner]) -> None:
    """Declare our exchanges and queues; harmless where they are there already."""
    from adapters.dossier import queues as dossier_queues
    from adapters.wire.amqp import declare

    for partner in partners.values():
        if partner.queues is not None:
            for topology in dossier_queues.topology(partner.queues):
                declare(settings.amqp_url, topology)


def _signing_key(certs: Path, name: str) -> SigningKey:
    return SigningKey.load(certs / f"{name}.key", certs / f"{name}.crt")
