"""What the tests of outages do on a stage: dossiers published, workers started and killed, what came of it read."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from gateway.bootstrap import open_gateway
from gateway.errors import GatewayError
from gateway.local import stage as stages
from gateway.model import VIETNAM
from simulators.province import life
from simulators.province.population import Dossier, one
from simulators.province.procedures import Fee

MONDAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)
PATIENCE = 180.0
_fork = multiprocessing.get_context("fork")
_numbers = iter(range(7000, 9000))


def new_dossier(payment: str) -> Dossier:
    number = next(_numbers)
    return one(MONDAY, number, "1.013225", payment, seed=number, fees=[Fee("phi", "Phí thẩm định", 50_000 + number)])


def publish(stage: stages.Stage, dossiers: list[Dossier], steps: int = 3) -> None:
    """The first ``steps`` events of each: submitted, accepted, a fee requested."""
    events = [
        event
        for dossier in dossiers
        for event in (
            life.submitted(dossier, MORNING),
            life.accepted(dossier, MORNING),
            life.fee_requested(dossier, MORNING),
        )[:steps]
    ]
    stage.simulators["dossier"].act(act="publish", events=events)


def published_and_drained(stage: stages.Stage, dossier: Dossier) -> None:
    """A dossier with its fee; by post its result is ready, too."""
    publish(stage, [dossier])
    if dossier.returns_by_post:
        stage.simulators["dossier"].act(act="publish", events=[life.result_ready(dossier, MORNING)])
    until(lambda: drained(stage))


def drained(stage: stages.Stage) -> bool:
    try:
        with open_gateway(environ=stage.environment) as gateway:
            gateway.drain_dossier_events()
    except GatewayError:
        return False
    return True


def settled(stage: stages.Stage, flow: str) -> bool:
    """Ask and send at later and later times until nothing of the flow is open."""
    for hours in (1, 3, 9):
        stage.set_clock(MORNING + timedelta(hours=hours))
        with open_gateway(environ=stage.environment) as gateway:
            gateway.dispatch(flow)
    return count(stage, "direction = 'out' AND state IN ('sending', 'in_doubt')") == 0


def started(stage: stages.Stage, work: Callable[[Any], object]) -> multiprocessing.context.ForkProcess:
    environment: Mapping[str, str] = dict(stage.environment)

    def run() -> None:
        try:
            with open_gateway(environ=environment) as gateway:
                work(gateway)
        except (GatewayError, psycopg.Error):
            os._exit(3)  # what was away is tried again by the next run

    process = _fork.Process(target=run)
    process.start()
    return process


def kill_while(
    stage: stages.Stage, work: Callable[[Any], object], seen: Callable[[], bool], *, after_seconds: float = 0.0
) -> None:
    """Kill the worker as soon as ``seen`` (or when it is done before anybody saw it)."""
    process = started(stage, work)
    deadline = time.monotonic() + PATIENCE
    while process.is_alive() and not seen() and time.monotonic() < deadline:
        process.join(0.002)
    process.join(after_seconds)
    kill(process)


def kill(process: multiprocessing.context.ForkProcess) -> None:
    """SIGKILL, where it lives still."""
    if process.is_alive():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE)


@contextmanager
def locked(stage: stages.Stage, table: str) -> Iterator[None]:
    """Nobody can write to ``table`` meanwhile: a worker stops exactly there."""
    with psycopg.connect(stage.database_url) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
        yield


@contextmanager
def in_mid_batch(stage: stages.Stage, dossiers: list[Dossier]) -> Iterator[multiprocessing.context.ForkProcess]:
    """A worker that has applied a part of a batch and stands in the next: nobody gets at the last event's dossier.

    The batch is larger than what one transaction applies (500 messages), and its last event is of a dossier that is
    known already and held meanwhile. The worker goes on when this ends, if it still lives and is connected.
    """
    assert len(dossiers) * 3 > 501
    last = dossiers.pop()
    publish(stage, [last], steps=2)
    until(lambda: drained(stage))
    before = count(stage, "state = 'applied'")
    holder = psycopg.connect(stage.database_url)
    try:
        holder.execute("SELECT FROM gateway.dossier WHERE dossier_code = %s FOR UPDATE", (last.code,))
        publish(stage, dossiers)
        stage.simulators["dossier"].act(act="publish", events=[life.fee_requested(last, MORNING)])
        dossiers.append(last)
        worker = started(stage, lambda gateway: gateway.drain_dossier_events())
        until(lambda: blocked(stage) and count(stage, "state = 'stored'") > 0)
        assert before < count(stage, "state = 'applied'") < before + len(dossiers) * 3 - 2
        yield worker
    finally:
        holder.close()


def applied_once(stage: stages.Stage, dossiers: list[Dossier]) -> None:
    """Each of the three events of each dossier was applied once, and its fee asked for once."""
    codes = [dossier.code for dossier in dossiers]
    for table, condition, each in (("message", "direction = 'in' AND state = 'applied'", 3), ("fee", "true", 1)):
        query = f"SELECT dossier_code, count(*) FROM gateway.{table} WHERE {condition} AND dossier_code = ANY(%s)"
        assert dict(rows(stage, f"{query} GROUP BY 1", codes)) == dict.fromkeys(codes, each)
    asked = rows(stage, "SELECT dossier_code FROM gateway.payment_request WHERE dossier_code = ANY(%s)", codes)
    assert sorted(code for (code,) in asked) == sorted(codes)


def blocked(stage: stages.Stage) -> bool:
    """Whether somebody waits for a lock."""
    return rows(stage, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == [(True,)]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"


def rows(stage: stages.Stage, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def count(stage: stages.Stage, condition: str) -> int:
    return int(rows(stage, f"SELECT count(*) FROM gateway.message WHERE {condition}")[0][0])


def states(stage: stages.Stage, condition: str, *values: object) -> set[str]:
    return {row[0] for row in rows(stage, f"SELECT state FROM gateway.message WHERE {condition}", *values)}


def applied(stage: stages.Stage, dossier: Dossier) -> int:
    return int(
        rows(
            stage,
            "SELECT count(*) FROM gateway.message WHERE direction = 'in' AND state = 'applied' AND dossier_code = %s",
            dossier.code,
        )[0][0]
    )


def expire_leases(stage: stages.Stage) -> None:
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE gateway.message SET claimed_until = now() - interval '1 s' WHERE claimed_until IS NOT NULL"
        )
