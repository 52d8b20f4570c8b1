"""Whose certificate is whose: registered by operations, never by the person it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.reports import signed
from gateway.security.certificate_facts import CertificateFacts, certificate_facts


@dataclass(frozen=True, slots=True)
class PersonCertificate:
    """A certificate in force: who signs with it, as what, until when."""

    person: str
    signs_as: str
    subject: str
    thumbprint: str
    not_after: datetime


def register_certificate(desk: Desk, person: Person, user: str, signs_as: str, certificate: bytes) -> CertificateFacts:
    """Say that ``user`` signs as ``signs_as`` (a field of the minutes) with this certificate (PEM or DER).

    Raises Forbidden ``act-not-allowed`` or ``certificate-of-oneself``, Malformed ``certificate-unreadable``, Conflict
    ``office-unknown``. Whether a CA vouches for it is judged at every signature.
    """
    person.require(Act.GRANT_ROLE)
    facts = certificate_facts(certificate)
    _put(desk, person, user, signs_as, facts, in_force=True)
    return facts


def withdraw_certificate(desk: Desk, person: Person, user: str, signs_as: str, certificate: bytes) -> None:
    """From now on nothing signed with it is accepted from ``user``; what was accepted stands."""
    person.require(Act.GRANT_ROLE)
    _put(desk, person, user, signs_as, certificate_facts(certificate), in_force=False)


def certificates(desk: Desk, person: Person) -> list[PersonCertificate]:
    """The certificates in force, by person."""
    person.require(Act.SEE)
    found = desk.connection.execute(
        "SELECT person, signs_as, subject, thumbprint, not_after FROM (SELECT DISTINCT ON (thumbprint) *"
        " FROM gateway.person_certificate ORDER BY thumbprint, certificate_pk DESC) latest WHERE in_force"
        " ORDER BY lower(person), signs_as, thumbprint"
    ).fetchall()
    return [
        PersonCertificate(str(row[0]), str(row[1]), str(row[2]), str(row[3]), row[4])
        for row in found
        if isinstance(row[4], datetime)
    ]


def _put(desk: Desk, person: Person, user: str, signs_as: str, facts: CertificateFacts, *, in_force: bool) -> None:
    signed.put_certificate(
        desk.connection, user, signs_as, facts, in_force=in_force, by_user=person.user, now=desk.clock.now()
    )
