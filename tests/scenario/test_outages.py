"""What an unstable network costs: lateness, and nothing else. Services and partners really go away and come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.bootstrap import open_gateway
from gateway.local import processes
from gateway.local import stage as stages
from gateway.messages import outbox
from gateway.model import VIETNAM, Kind, OutboxRow
from simulators.province.population import Dossier
from tests.scenario.stage_acts import (
    MONDAY,
    MORNING,
    PATIENCE,
    applied,
    applied_once,
    count,
    drained,
    in_mid_batch,
    kill_while,
    new_dossier,
    publish,
    rows,
    settled,
    states,
    until,
)

pytestmark = [pytest.mark.scenario, pytest.mark.services]


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


def redelivered(stage: stages.Stage, dossiers: list[Dossier]) -> int:
    """How many messages came again, because they were stored and the broker was not told."""
    codes = [dossier.code for dossier in dossiers]
    query = "SELECT count(*) FROM gateway.message WHERE state = 'duplicate' AND dossier_code = ANY(%s)"
    return int(rows(stage, query, codes)[0][0])


def test_postgresql_restarted_in_mid_batch_loses_and_doubles_nothing(stage: stages.Stage) -> None:
    dossiers = [new_dossier("internet_banking") for _ in range(180)]
    with in_mid_batch(stage, dossiers) as worker:
        stage.restart_database()
        worker.join(PATIENCE)
        assert worker.exitcode == 3, "it was cut off"
    until(lambda: drained(stage) and count(stage, "state = 'stored'") == 0)
    applied_once(stage, dossiers)
    assert redelivered(stage, dossiers) > 0


def test_rabbitmq_restarted_in_mid_batch_loses_and_doubles_nothing(stage: stages.Stage) -> None:
    dossiers = [new_dossier("internet_banking") for _ in range(180)]
    with in_mid_batch(stage, dossiers) as worker:
        stage.restart_broker()
    worker.join(PATIENCE)
    until(lambda: drained(stage) and count(stage, "state = 'stored'") == 0)
    applied_once(stage, dossiers)
    assert redelivered(stage, dossiers) > 0, "what it had applied it could not acknowledge"


def test_a_broker_that_is_away_keeps_no_confirmation_from_a_bank(stage: stages.Stage, tmp_path: Path) -> None:
    nobody = tmp_path / "amqp-url"
    nobody.write_text(f"amqp://gateway:nobody@127.0.0.1:{processes.free_port()}/", encoding="ascii")
    payload = {"file_name": "XNDS_bank-a_20261123_v1.csv", "content": "XNDS|1\n"}
    row = OutboxRow("bank-a", Kind.SETTLEMENT_CONFIRMATION, "confirmation-without-a-broker", payload)
    with psycopg.connect(stage.database_url) as connection:
        outbox.enqueue(connection, [row], now=MORNING)
    with open_gateway(environ={**stage.environment, "GATEWAY_AMQP_URL_FILE": str(nobody)}) as gateway:
        assert gateway.dispatch("settlement").counts["hints_unread"] == 1
    assert states(stage, "kind = 'settlement_confirmation'") == {"delivered"}


def test_a_bank_whose_answers_cannot_be_believed_is_left_in_peace_after_a_few(stage: stages.Stage) -> None:
    until(lambda: settled(stage, "payment_requests"))  # what earlier tests left
    stage.set_clock(MORNING)
    dossiers = [new_dossier("internet_banking") for _ in range(40)]
    publish(stage, dossiers)
    until(lambda: drained(stage))
    bank, ours = stage.simulators["bank-a"], [dossier.code for dossier in dossiers]
    requests = "partner = 'bank-a' AND kind = 'payment_request_create' AND dossier_code = ANY(%s)"
    before = len(bank.state()["references"])
    bank.misbehave("tamper", count=1000, match={"operation": "CreatePaymentRequest"})
    with open_gateway(environ=stage.environment) as gateway:
        assert gateway.dispatch("payment_requests").counts["circuits_open"] >= 1
    assert states(stage, requests, ours) == {"in_doubt", "waiting"}
    assert 5 <= len(bank.state()["references"]) - before <= 8, "what it does unheard is asked for before more is sent"
    bank.reset()
    for minutes in (2, 20, 40):
        stage.set_clock(MORNING + timedelta(minutes=minutes))
        with open_gateway(environ=stage.environment) as gateway:
            gateway.dispatch("payment_requests")
    assert states(stage, requests, ours) == {"delivered"}
    references = bank.state()["references"]
    assert len(references) - before == len(set(references)) - before == 40


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
