"""Business dates: the calendar of their states, one day whole, and the steps of people under four eyes."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.application.access import Act, Person
from gateway.application.break_effects import require_reason
from gateway.application.day_reading import calendar, day, waiting_days
from gateway.application.day_views import DayState, DayView, State
from gateway.application.desk import Desk
from gateway.ledger.attribution import confirmations
from gateway.messages import outbox
from gateway.reconciliation import completeness, decisions, reopening, seal
from gateway.security.cms import VerifiedFile
from gateway.security.keys import SigningKey
from gateway.security.trust import TrustStore

__all__ = [
    "DayState", "DayView", "State", "approve", "calendar", "day", "propose", "reject", "release", "reopen",
    "verify_seal", "waiting_days",
]  # fmt: skip


def propose(desk: Desk, person: Person, partner: str, business_on: date, *, snapshot_sha256: str = "") -> None:
    """Propose the day: binds the snapshot's digest and the decisions in force. ``snapshot_sha256``: what was seen.

    Raises Forbidden ``act-not-allowed``; NotFound ``day-unknown``; Conflict ``breaks-open``, ``snapshot-changed``,
    ``step-not-allowed``.
    """
    person.require(Act.PROPOSE_DAY)
    with desk.connection.transaction():
        decisions.propose(
            desk.connection,
            desk.partner(partner),
            business_on,
            person.user,
            now=desk.clock.now(),
            snapshot_sha256=snapshot_sha256,
        )


def approve(desk: Desk, person: Person, partner: str, business_on: date, *, snapshot_sha256: str = "") -> None:
    """Approve a proposed day: sealed with the gateway's key, attributions carried out, the partner and settlement told.

    Raises Forbidden ``act-not-allowed``, ``same-person``; NotFound ``day-unknown``; Conflict ``snapshot-changed``,
    ``step-not-allowed``, ``amount-does-not-fit``; ConfigurationError ``signing-key-unusable``.
    """
    person.require(Act.APPROVE_DAY)
    whose = desk.partner(partner)
    certs, name = desk.settings.certs, desk.settings.seal_key
    key = SigningKey.load(certs / f"{name}.key", certs / f"{name}.crt")
    now = desk.clock.now()
    with desk.connection.transaction():
        rows = decisions.approve(
            desk.connection, whose, business_on, person.user, now=now, snapshot_sha256=snapshot_sha256
        )
        seal.write(
            desk.connection,
            whose.id,
            business_on,
            key,
            environment=desk.settings.environment,
            now=now,
            real_time=datetime.now(UTC),  # signatures say real time (design.md, the spine, 11)
        )
        rows += confirmations(desk.connection, whose.id, business_on, partners=desk.partners, now=now)
        outbox.enqueue(desk.connection, rows, now=now)


def reject(desk: Desk, person: Person, partner: str, business_on: date, *, reason: str) -> None:
    """Send a proposed day back. Raises Forbidden ``act-not-allowed``; NotFound; Conflict ``reason-missing``."""
    person.require(Act.REJECT_DAY)
    require_reason(reason, f"{partner} {business_on}")
    with desk.connection.transaction():
        decisions.reject(
            desk.connection, desk.partner(partner), business_on, person.user, reason.strip(), now=desk.clock.now()
        )


def release(desk: Desk, person: Person, partner: str, business_on: date, *, reason: str) -> None:
    """Vouch for the strange files that stopped the day; the next run judges it.

    Raises as ``reject``, and Conflict ``day-not-stopped``, ``day-stopped`` (money that only a missing file confirms).
    """
    person.require(Act.RELEASE_DAY)
    require_reason(reason, f"{partner} {business_on}")
    with desk.connection.transaction():
        completeness.release(
            desk.connection, desk.partner(partner), business_on, person.user, reason.strip(), desk.clock.now()
        )


def reopen(desk: Desk, person: Person, partner: str, business_on: date, *, reason: str) -> int:
    """Reopen an approved day as a new version of the same bytes; its number. Raises as ``reject``."""
    person.require(Act.REOPEN_DAY)
    require_reason(reason, f"{partner} {business_on}")
    return reopening.reopen(
        desk.connection, desk.partner(partner).id, business_on, person.user, reason.strip(), now=desk.clock.now()
    )


def verify_seal(desk: Desk, person: Person, partner: str, business_on: date, version: int) -> VerifiedFile:
    """Hold a sealed version to its signature. Raises Forbidden, and what ``seal.verify`` raises."""
    person.require(Act.SEE)
    certs = desk.settings.certs
    return seal.verify(
        desk.connection,
        desk.partner(partner).id,
        business_on,
        version,
        trust=TrustStore.load(anchors=certs / "root.crt", crls=certs / "crl", intermediates=certs / "intermediate.crt"),
        certificate=certs / f"{desk.settings.seal_key}.crt",
        environment=desk.settings.environment,
        at=datetime.now(UTC),
    )
