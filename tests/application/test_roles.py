"""Roles of people: granted and revoked by ops, never by oneself, never edited."""

from __future__ import annotations

import psycopg
import pytest

from gateway.application import roles
from gateway.application.access import WHO_MAY, Act, Role
from gateway.bootstrap import give_first_roles
from gateway.errors import ConfigurationError, Conflict, Forbidden
from tests.application.office import Office

pytestmark = pytest.mark.services
STEP = (
    "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
    " VALUES (%s, 'finance_checker', 'grant', %s, now())"
)


def test_ops_grants_a_role_and_takes_it_back_and_both_stay_on_record(office: Office) -> None:
    oanh = office.person("oanh")
    roles.grant(office.desk, oanh, "dung", Role.CHECKER)
    assert office.person("Dung").roles == {Role.CHECKER}
    with pytest.raises(Conflict) as twice:
        roles.grant(office.desk, oanh, "dung", Role.CHECKER)
    assert twice.value.code == "role-held-already"
    roles.revoke(office.desk, oanh, "dung", Role.CHECKER)
    assert office.person("dung").roles == frozenset()
    with pytest.raises(Conflict) as gone:
        roles.revoke(office.desk, oanh, "dung", Role.CHECKER)
    assert gone.value.code == "role-not-held"
    told = [(one.act, one.by_user) for one in roles.steps(office.desk, oanh) if one.person == "dung"]
    assert told == [("grant", "oanh"), ("revoke", "oanh")]
    assert "dung" not in {one.person for one in roles.people(office.desk, oanh)}


def test_nobody_changes_the_own_roles_also_not_in_other_letters(office: Office) -> None:
    for name in ("oanh", "OANH", " oanh "):
        with pytest.raises(Forbidden) as own:
            roles.grant(office.desk, office.person("oanh"), name, Role.CHECKER)
        assert own.value.code == "own-role"


def test_a_stranger_has_no_role_and_may_nothing(office: Office) -> None:
    stranger = office.person("nobody")
    assert stranger.roles == frozenset()
    assert [act for act in Act if stranger.may(act)] == []
    assert set(WHO_MAY) == set(Act)


@pytest.mark.parametrize(("person", "by"), [("oanh", "oanh"), ("dung", "an"), ("dung", "nobody"), ("dung", "OANH ")])
def test_the_console_cannot_grant_past_the_rules_in_sql(office: Office, person: str, by: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        office.desk.connection.execute(STEP, (person, by))
    assert refused.value.diag.constraint_name == "role_by_ops"


def test_the_first_roles_are_given_once_by_the_owner_of_the_database(office: Office) -> None:
    environ = {"GATEWAY_DATABASE_URL": office.desk.settings.database_url}
    with pytest.raises(Conflict) as begun:
        give_first_roles({"dung": ["ops"]}, environ)
    assert begun.value.code == "roles-begun"
    with pytest.raises(ConfigurationError) as unknown:
        roles.role_named("king")
    assert unknown.value.code == "role-unknown"


def test_an_empty_database_takes_its_first_roles(database_url: str) -> None:
    give_first_roles({"admin": ["ops", "auditor"]}, {"GATEWAY_DATABASE_URL": database_url})
    with psycopg.connect(database_url) as conn:
        rows = conn.execute("SELECT person, role, by_user FROM gateway.person_role_now ORDER BY role").fetchall()
    assert rows == [("admin", "auditor", "installation"), ("admin", "ops", "installation")]
