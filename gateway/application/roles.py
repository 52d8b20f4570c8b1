"""Who has which role. Roles are granted and revoked, never edited: the history tells who could do what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

from gateway.application.access import Act, Person, Role
from gateway.application.desk import Desk
from gateway.errors import ConfigurationError, Conflict, Forbidden

INSTALLATION = "installation"
"""Who gave the first roles: the owner of the database."""


@dataclass(frozen=True, slots=True)
class RoleStep:
    """One word about a role of a person: granted or revoked, by whom, when."""

    person: str
    role: Role
    act: str
    by_user: str
    at: datetime


def person_of(desk: Desk, user: str) -> Person:
    """The person behind an account of the sign-in, with the roles in force; unknown people have none."""
    return Person(user, roles_of(desk, user))


def roles_of(desk: Desk, user: str) -> frozenset[Role]:
    """The roles of ``user`` that are in force."""
    rows = desk.connection.execute(
        "SELECT role FROM gateway.person_role_now WHERE lower(person) = lower(%s)", (user,)
    ).fetchall()
    return frozenset(Role(str(role)) for (role,) in rows)


def people(desk: Desk, person: Person) -> list[RoleStep]:
    """Every role in force, by person. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    return _steps(
        desk, "SELECT person, role, 'grant' AS act, by_user, at FROM gateway.person_role_now ORDER BY person, role"
    )


def steps(desk: Desk, person: Person) -> list[RoleStep]:
    """Every grant and revocation, oldest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    return _steps(desk, "SELECT person, role, act, by_user, at FROM gateway.person_role ORDER BY step_pk")


def grant(desk: Desk, person: Person, user: str, role: Role) -> None:
    """Give ``user`` a role. Raises Forbidden ``act-not-allowed``, ``own-role``; Conflict ``role-held-already``."""
    _step(desk, person, user, role, "grant")


def revoke(desk: Desk, person: Person, user: str, role: Role) -> None:
    """Take a role from ``user``. Raises Forbidden ``act-not-allowed``, ``own-role``; Conflict ``role-not-held``."""
    _step(desk, person, user, role, "revoke")


def begin(connection: Connection[tuple[object, ...]], roles: Mapping[str, Iterable[str]], now: datetime) -> None:
    """The first roles, given by the owner of the database; afterwards ops grants. ``roles``: user -> names of roles.

    Raises Conflict ``roles-begun`` where somebody is ops already, ConfigurationError ``role-unknown``.
    """
    if connection.execute("SELECT 1 FROM gateway.person_role_now WHERE role = 'ops' LIMIT 1").fetchone():
        raise Conflict("somebody is ops already", code="roles-begun", where="roles", action="ask them to grant")
    for user, names in roles.items():
        for name in names:
            connection.execute(
                "INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES (%s, %s, 'grant', %s, %s)",
                (user, role_named(name).value, INSTALLATION, now),
            )


def role_named(name: str) -> Role:
    """Raises ConfigurationError ``role-unknown``."""
    try:
        return Role(name)
    except ValueError as error:
        raise ConfigurationError(
            f"there is no role {name!r}",
            code="role-unknown",
            action=f"one of {', '.join(Role)}",
            facts={"typed": name},
        ) from error


def _step(desk: Desk, person: Person, user: str, role: Role, act: str) -> None:
    person.require(Act.GRANT_ROLE)
    where = f"{user} {role.value}"
    if user.strip().lower() == person.user.lower():
        raise Forbidden(
            "nobody changes the roles of oneself",
            code="own-role",
            where=where,
            action="ask another person who is ops",
        )
    held = role in roles_of(desk, user)
    if held == (act == "grant"):
        code = "role-held-already" if held else "role-not-held"
        raise Conflict(
            "nothing would change",
            code=code,
            where=where,
            action="look at `gateway role list`",
            facts={"user": user, "role": role.value},
        )
    try:
        with desk.connection.transaction():
            desk.connection.execute(
                "INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES (%s, %s, %s, %s, %s)",
                (user.strip(), role.value, act, person.user, desk.clock.now()),
            )
    except psycopg.errors.CheckViolation as error:
        raise Forbidden(
            error.diag.message_primary or "not allowed",
            code="act-not-allowed",
            where=where,
            action="ask ops",
            facts={"user": person.user, "act": Act.GRANT_ROLE, "roles": [Role.OPS]},
        ) from error


def _steps(desk: Desk, query: str) -> list[RoleStep]:
    with desk.connection.cursor(row_factory=class_row(RoleStep)) as cursor:
        found = cursor.execute(query.encode()).fetchall()
    return [RoleStep(one.person, Role(one.role), one.act, one.by_user, one.at) for one in found]
