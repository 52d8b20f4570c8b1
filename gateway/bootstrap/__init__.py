"""The composition root: joins settings, stores and adapters. The only module that knows the adapters.

A process opens the gateway, does one bounded piece of work with it, and closes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import organisation, retention
from gateway import settings as settings_module
from gateway.errors import ConfigurationError, Problem, Unavailable
from gateway.model import RunContext
from gateway.partners import Partner, load_partners, read_partners
from gateway.ports import Clock
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.application.access import Act
    from gateway.application.desk import Desk
    from gateway.bootstrap.gateway import Gateway
    from gateway.messages.store import Connection
    from gateway.security.development_pki import CertificateStatus

BY_HAND = "by_hand"
"""What stands for the DAG where a person ran the work."""

_ROLES = ("gateway_worker", "gateway_console", "gateway_auditor")


@contextmanager
def open_gateway(
    *, run: RunContext | None = None, environ: Mapping[str, str] | None = None, role: str = "gateway_worker"
) -> Iterator[Gateway]:
    """The gateway for one piece of work, acting with the rights of one database role.

    ``run`` is the Airflow task try that does the work; ``environ`` stands for this process's environment.
    Raises ConfigurationError (all problems at once) and Unavailable ``database-unavailable``.
    """
    from gateway.bootstrap.gateway import Gateway
    from gateway.messages.store import register_run

    env = os.environ if environ is None else environ
    chosen = settings_module.load(env)
    partners = configured(chosen, env)
    refuse_in_production(chosen, partners.values())
    clock = business_clock(chosen)
    with connected(chosen, role) as connection:
        run_pk = register_run(connection, run, clock.now())
        yield Gateway(chosen, partners, connection, clock, run_pk, env)


@contextmanager
def open_desk(*, environ: Mapping[str, str] | None = None, role: str = "gateway_console") -> Iterator[Desk]:
    """Where one act of a person is done, with the rights of the console.

    Raises ConfigurationError (all problems at once) and Unavailable ``database-unavailable``.
    """
    from gateway.application.desk import Desk

    env = os.environ if environ is None else environ
    chosen = settings_module.load(env)
    partners = configured(chosen, env)
    refuse_in_production(chosen, partners.values())
    with connected(chosen, role) as connection:
        yield Desk(connection, business_clock(chosen), partners, chosen)


@contextmanager
def open_gateway_for(user: str, act: Act, *, environ: Mapping[str, str] | None = None) -> Iterator[Gateway]:
    """The gateway for what a person asks a machine to do: the right is checked first, and the run bears the name.

    Raises Forbidden ``act-not-allowed``, and what ``open_gateway`` raises.
    """
    from gateway.application.roles import person_of

    with open_desk(environ=environ) as desk:
        person_of(desk, user).require(act)
        at = desk.clock.now()
    run = RunContext(BY_HAND, f"{user} {at.isoformat()}", act.value)
    with open_gateway(run=run, environ=environ) as gateway:
        yield gateway


def line_to(database_url: str) -> str:
    """The same database, reached with limits: one that vanishes without a word is *unavailable* after a minute.

    Without them the kernel asks first after two hours, and a run hangs until Airflow ends its task.
    """
    from psycopg.conninfo import make_conninfo

    return make_conninfo(
        database_url,
        connect_timeout=10,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=60_000,
    )


@contextmanager
def connected(settings: Settings, role: str) -> Iterator[Connection]:
    """An autocommitting connection with the rights of ``role``.

    Raises Unavailable ``database-unavailable``, also where the database goes away while it is used.
    """
    import psycopg

    if role not in _ROLES:
        raise ValueError(f"{role} is no role of the gateway")
    if not settings.database_url:
        raise ConfigurationError(
            problems=[Problem("environment", "GATEWAY_DATABASE_URL", "is not set")], action="set it, or run `make demo`"
        )
    try:
        with psycopg.connect(line_to(settings.database_url), autocommit=True) as connection:
            connection.execute(f"SET ROLE {role}".encode())
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable(
            (str(error).splitlines() or [type(error).__name__])[0],
            code="database-unavailable",
            where="GATEWAY_DATABASE_URL",
            action="nothing: the run is tried again; is PostgreSQL up?",
        ) from error


def business_clock(settings: Settings) -> Clock:
    """The real clock, or the one that a demo or a test sets."""
    from gateway.clock import FileClock, SystemClock

    return FileClock(settings.business_clock) if settings.business_clock else SystemClock()


def configured(settings: Settings, environ: Mapping[str, str]) -> dict[str, Partner]:
    """The partners. The organisation and the terms of retention are tried with them.

    Raises ConfigurationError with every problem of all of them.
    """
    partners, problems = _read_configuration(settings, environ)
    if problems:
        raise ConfigurationError(problems=problems, action="correct these, then run `gateway partners check`")
    return partners


def _read_configuration(settings: Settings, environ: Mapping[str, str]) -> tuple[dict[str, Partner], list[Problem]]:
    partners, found = read_partners(settings.config / "partners", environ)
    problems = list(found)
    for load in (organisation.load, retention.load):
        try:
            load(settings.config)
        except ConfigurationError as error:
            problems += error.problems
    return partners, problems


def refuse_in_production(settings: Settings, partners: Iterable[Partner]) -> None:
    """Raises ConfigurationError where production has what only a demo may have."""
    if settings.is_production:
        from gateway.bootstrap.production import problems_of

        problems = problems_of(settings, partners)
        if problems:
            raise ConfigurationError(problems=problems, action="production refuses what only a demo may have")


def queue_depth(queue: str, settings: Settings | None = None) -> int:
    """How many messages wait in a queue. Raises Unavailable, NotFound, Untrusted."""
    from adapters.wire.amqp import peek

    return peek((settings or settings_module.load()).amqp_url, queue)


def migrate_database() -> list[str]:
    """Bring the schema up to date as the owner of the database; the files applied now."""
    import psycopg

    from gateway.migrations import migrate

    chosen = settings_module.load()
    try:
        with psycopg.connect(line_to(chosen.database_url)) as connection:
            return migrate(connection)
    except psycopg.OperationalError as error:
        raise Unavailable(
            str(error).splitlines()[0], code="database-unavailable", where="GATEWAY_DATABASE_URL"
        ) from error


def give_first_roles(roles: Mapping[str, Iterable[str]], environ: Mapping[str, str] | None = None) -> None:
    """Give people their first roles, as the owner of the database: somebody must be there who may grant.

    Raises Conflict ``roles-begun`` where somebody is ops already, ConfigurationError ``role-unknown``.
    """
    import psycopg

    from gateway.application.roles import begin

    chosen = settings_module.load(os.environ if environ is None else environ)
    try:
        with psycopg.connect(line_to(chosen.database_url)) as connection:
            begin(connection, roles, business_clock(chosen).now())
    except psycopg.OperationalError as error:
        raise Unavailable(
            str(error).splitlines()[0], code="database-unavailable", where="GATEWAY_DATABASE_URL"
        ) from error


def declare_queues(settings: Settings | None = None) -> None:
    """Declare our exchanges and queues on the broker; harmless where they are there."""
    from gateway.bootstrap import parts

    chosen = settings or settings_module.load()
    parts.declare_queues(chosen, load_partners(chosen.config / "partners"))


def check_partners(environ: Mapping[str, str] | None = None) -> list[Partner]:
    """Every partner, its keys, certificates, contracts, secrets, calendar and rules tried; the limits of alerts, too.

    Raises ConfigurationError with every problem of every file, whatever else is wrong.
    """
    from gateway.bootstrap import parts, references
    from gateway.bootstrap.production import problems_of
    from gateway.clock import vietnam_date
    from gateway.flows.lateness import limits
    from gateway.reconciliation import rules

    env = os.environ if environ is None else environ
    chosen = settings_module.load(env)
    partners, problems = _read_configuration(chosen, env)
    if chosen.is_production:
        problems += problems_of(chosen, partners.values())
    try:
        limits.load(chosen.config)
    except ConfigurationError as error:
        problems.extend(error.problems)
    today = vietnam_date(business_clock(chosen).now())
    for partner in partners.values():
        problems += references.problems_of(chosen, partner, env, today)
        try:
            problems += rules.problems_of(partner)
        except ConfigurationError as error:
            problems.extend(error.problems)
        problems += parts.build(chosen, {partner.id: partner}, env).problems
    if problems:
        problems = list(dict.fromkeys(problems))
        raise ConfigurationError(problems=problems, action="correct these, then run `gateway partners check`")
    return list(partners.values())


def make_development_certificates(*, force: bool = False) -> Path:
    """Make the development PKI in GATEWAY_CERTS; refused in production."""
    from gateway.errors import Forbidden
    from gateway.security import development_pki

    chosen = settings_module.load()
    if chosen.is_production:
        raise Forbidden(
            "production has real certificates only", code="production-refuses", action="mount the real ones"
        )
    development_pki.create(chosen.certs, force=force)
    return chosen.certs


def certificate_status() -> list[CertificateStatus]:
    """Every certificate in GATEWAY_CERTS and how long it lasts."""
    from gateway.security import development_pki

    return development_pki.status(settings_module.load().certs)
