"""The demo's people sign with the keys of its PKI without anybody preparing anything by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import bootstrap
from gateway.application import signers
from gateway.application.access import Person, Role
from gateway.local import signatories
from gateway.local.day.people import ROLES
from gateway.local.stage import USERS

pytestmark = pytest.mark.services


def test_each_of_the_demos_offices_has_a_person_who_may_sign(database_url: str, certs: Path) -> None:
    environment = {"GATEWAY_DATABASE_URL": database_url, "GATEWAY_CERTS": str(certs)}
    bootstrap.give_first_roles(ROLES, environment)
    signatories.register(environment)
    with bootstrap.open_desk(environ=environment) as desk:
        found = signers.certificates(desk, Person("khach", frozenset({Role.VIEWER})))
    assert {one.person: one.signs_as for one in found} == dict(signatories.OFFICES)
    assert set(signatories.OFFICES) <= set(USERS)
