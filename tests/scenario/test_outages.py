"""What an unstable network costs: lateness, and nothing else. Services and partners really go away and come back."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from gateway.bootstrap import open_gateway
from gateway.errors import GatewayError
from gateway.local import stage as stages
from gateway.model import VIETNAM
from simulators.province import life
from simulators.province.population import Dossier, one
from simulators.province.procedures import Fee

pytestmark = [pytest.mark.scenario, pytest.mark.services]

MONDAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)
PATIENCE = 60.0
_fork = multiprocessing.get_context("fork")
_numbers = iter(range(7000, 9000))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stages.Stage]:
    built = stages.build(tmp_path_factory.mktemp("outages"), lambda _: None, with_airflow=False, began_at=MORNING)
    yield built
    built.close()


@pytest.fixture(autouse=True)
def _morning(stage: stages.Stage) -> None:
    stage.set_clock(MORNING)


def test_a_worker_killed_in_mid_drain_loses_and_doubles_no_event(stage: stages.Stage) -> None:
    dossiers = [new_dossier("internet_banking") for _ in range(40)]
    publish(stage, dossiers)
    kill_while(stage, lambda gateway: gateway.drain_dossier_events(), lambda: count(stage, "state = 'stored'") > 0)
    until(lambda: drained(stage) and count(stage, "state = 'stored'") == 0)
    for dossier in dossiers:
        assert applied(stage, dossier) == 3, dossier.code
    asked = rows(stage, "SELECT dossier_code, count(*) FROM gateway.payment_request GROUP BY 1")
    assert {asked_of for _, asked_of in asked} == {1}


@pytest.mark.parametrize(
    ("flow", "partner", "payment"),
    [("payment_requests", "bank-a", "internet_banking"), ("portal_sync", "national-portal", "internet_banking")],
)
def test_a_worker_killed_while_a_partner_answers_slowly_sends_nothing_twice(
    stage: stages.Stage, flow: str, partner: str, payment: str
) -> None:
    dossier = new_dossier(payment)
    publish(stage, [dossier])
    until(lambda: drained(stage))
    stage.simulators[partner].misbehave("slow", seconds=3)
    kill_while(
        stage, lambda gateway: gateway.dispatch(flow), lambda: count(stage, "state = 'sending'") > 0, after_seconds=0.5
    )
    stage.simulators[partner].reset()
    expire_leases(stage)
    until(lambda: settled(stage, flow))
    sent = rows(
        stage,
        "SELECT kind, state, count(*) FROM gateway.message WHERE partner = %s AND dossier_code = %s GROUP BY 1, 2",
        partner,
        dossier.code,
    )
    assert {state for _, state, _ in sent} == {"delivered"}
    if partner == "bank-a":
        reference = rows(stage, "SELECT reference FROM gateway.payment_request WHERE dossier_code = %s", dossier.code)
        assert len(reference) == 1


def test_a_statement_load_that_is_killed_is_finished_by_the_next(stage: stages.Stage) -> None:
    stage.simulators["bank-b"].act(act="transfer_in", amount=70_000, text="NOP PHI")
    stage.set_clock(MORNING + timedelta(hours=22))
    stage.simulators["bank-b"].act(act="make_statement", date=MONDAY.isoformat())
    kill_while(
        stage,
        lambda gateway: gateway.load_statements("bank-b", MONDAY),
        lambda: count(stage, "kind = 'statement_file'") > 0,
    )
    with open_gateway(environ=stage.environment) as gateway:
        summary = gateway.load_statements("bank-b", MONDAY)
    assert f"bank-b:{MONDAY}" in summary.keys
    found = rows(stage, "SELECT count(*) FROM gateway.statement_entry WHERE partner = 'bank-b' AND amount = 70000")
    assert found == [(1,)]


def test_postgresql_restarted_in_mid_batch_loses_and_doubles_nothing(stage: stages.Stage) -> None:
    dossiers = [new_dossier("internet_banking") for _ in range(60)]
    publish(stage, dossiers)
    worker = started(stage, lambda gateway: gateway.drain_dossier_events())
    until(lambda: queue_was_touched(stage))
    stage.restart_database()
    worker.join(PATIENCE)
    until(lambda: drained(stage) and count(stage, "state = 'stored'") == 0)
    for dossier in dossiers:
        assert applied(stage, dossier) == 3, dossier.code
    assert rows(stage, "SELECT DISTINCT count(*) FROM gateway.payment_request GROUP BY dossier_code") == [(1,)]


def test_rabbitmq_restarted_in_mid_batch_loses_and_doubles_nothing(stage: stages.Stage) -> None:
    dossiers = [new_dossier("internet_banking") for _ in range(60)]
    publish(stage, dossiers)
    worker = started(stage, lambda gateway: gateway.drain_dossier_events())
    stage.restart_broker()
    worker.join(PATIENCE)
    until(lambda: drained(stage) and count(stage, "state = 'stored'") == 0)
    for dossier in dossiers:
        assert applied(stage, dossier) == 3, dossier.code


@pytest.mark.parametrize(
    ("begin", "hours"),
    [(MORNING, 48), (datetime(2027, 2, 4, 8, 0, tzinfo=VIETNAM), 7 * 24)],
    ids=["two days", "over Tết"],
)
def test_a_partner_that_is_away_costs_lateness_and_nothing_else(
    stage: stages.Stage, begin: datetime, hours: int
) -> None:
    stage.set_clock(begin)
    dossiers = [new_dossier("internet_banking") for _ in range(8)]
    publish(stage, dossiers)
    until(lambda: drained(stage))
    stage.stop_simulator("bank-a")
    for hour in range(0, hours, 6):
        stage.set_clock(begin + timedelta(hours=hour))
        with open_gateway(environ=stage.environment) as gateway:
            gateway.dispatch("payment_requests")
            gateway.check_lateness()
    ours = [dossier.code for dossier in dossiers]
    waiting = "partner = 'bank-a' AND kind = 'payment_request_create' AND dossier_code = ANY(%s)"
    assert states(stage, waiting, ours) == {"waiting"}
    causes = rows(stage, "SELECT cause, count(*) FROM gateway.alert WHERE cleared_at IS NULL GROUP BY cause")
    assert "messages-waiting-long:bank-a:waiting" in dict(causes)
    assert {number for _, number in causes} == {1}, "one alert per cause"
    stage.start_simulator("bank-a")
    for hour in range(hours, hours + 24, 2):
        stage.set_clock(begin + timedelta(hours=hour))
        with open_gateway(environ=stage.environment) as gateway:
            gateway.dispatch("payment_requests")
            gateway.check_lateness()
    assert states(stage, waiting, ours) == {"delivered"}
    cleared = rows(
        stage, "SELECT count(*) FROM gateway.alert WHERE cause LIKE '%%bank-a:waiting' AND cleared_at IS NULL"
    )
    assert cleared == [(0,)]


def new_dossier(payment: str) -> Dossier:
    number = next(_numbers)
    return one(MONDAY, number, "1.013225", payment, seed=number, fees=[Fee("phi", "Phí thẩm định", 50_000 + number)])


def publish(stage: stages.Stage, dossiers: list[Dossier]) -> None:
    events = [
        event
        for dossier in dossiers
        for event in (
            life.submitted(dossier, MORNING),
            life.accepted(dossier, MORNING),
            life.fee_requested(dossier, MORNING),
        )
    ]
    stage.simulators["dossier"].act(act="publish", events=events)


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
    if process.is_alive():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE)


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


def queue_was_touched(stage: stages.Stage) -> bool:
    return count(stage, "direction = 'in' AND state IN ('stored', 'applied')") > 0
