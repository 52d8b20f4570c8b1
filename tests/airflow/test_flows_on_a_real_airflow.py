"""The DAGs on a real Airflow and RabbitMQ: what starts what, with a gateway that only writes down what it was asked."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import pytest

from gateway.local import standalone
from gateway.local.airflow_api import AirflowApi
from gateway.local.postgres import PostgresAddress
from gateway.local.rabbitmq import RabbitAddress
from gateway.local.standalone import Standalone

# One Airflow serves the whole file: its tests stay on one worker.
pytestmark = [pytest.mark.scenario, pytest.mark.services]

REPOSITORY = Path(__file__).resolve().parents[2]
FLOWS = sorted(file.stem for file in (REPOSITORY / "dags").glob("*.py"))
QUEUES = ("gateway.dossier-events", "gateway.day-approved")


@dataclass(frozen=True)
class Stage:
    """A running Airflow, its API, the broker, and what the gateway was asked."""

    airflow: Standalone
    api: AirflowApi
    amqp_url: str
    notes: Path

    def asked(self, what: str) -> list[list[str]]:
        return [note["words"] for note in self.notes_of(what)]

    def notes_of(self, what: str) -> list[dict[str, Any]]:
        """What the gateway was asked, and by which task try."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [note for note in map(json.loads, lines) if note["asked"] == what]

    def publish(self, queue: str, body: bytes) -> None:
        with pika.BlockingConnection(pika.URLParameters(self.amqp_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", queue, body, mandatory=True)


def until(condition: Callable[[], bool], what: str, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def stage(
    airflow_turn: None,
    postgres_server: PostgresAddress,
    rabbitmq_server: RabbitAddress,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("airflow")
    amqp_url = rabbitmq_server.create_vhost("flows")
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        for queue in QUEUES:
            connection.channel().queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    airflow = standalone.start(
        folder,
        postgres_server,
        dags_folder=REPOSITORY / "dags",
        users={"van-hanh": "op"},
        environment={
            "GATEWAY_AMQP_URL": amqp_url,
            "GATEWAY_VAR": str(folder),
            "PYTHONPATH": str(REPOSITORY / "tests" / "airflow" / "double"),
        },
        database="airflow_flows",
    )
    try:
        yield Stage(airflow, standalone.begin(airflow, "van-hanh", FLOWS), amqp_url, folder / "asked.jsonl")
    finally:
        airflow.stop()
        postgres_server.drop_database("airflow_flows")
        rabbitmq_server.drop_vhost("flows")


def test_every_flow_is_there_without_an_import_error(stage: Stage) -> None:
    assert stage.api.import_errors() == []
    assert sorted(stage.api.dags()) == FLOWS


def test_our_pages_are_mounted_by_airflow(stage: Stage) -> None:
    with urllib.request.urlopen(f"{stage.airflow.url}/gateway/about", timeout=180) as answer:
        assert json.load(answer)["environment"] == "development"


def test_a_dossier_event_starts_its_run_by_itself_and_the_outbox_starts_the_senders(stage: Stage) -> None:
    stage.publish("gateway.dossier-events", b"{}")
    until(lambda: ["1"] in stage.asked("drain_dossier_events"), "the event is drained")
    flows = {"dossier", "portal_sync", "payment_requests", "postal_orders"}
    until(lambda: flows <= {words[0] for words in stage.asked("dispatch")}, "every sender has run")


def test_an_approved_day_starts_its_settlement(stage: Stage) -> None:
    stage.publish("gateway.day-approved", b"{}")
    until(lambda: ["settlement"] in stage.asked("dispatch"), "the settlement has run")


def test_each_bank_and_date_is_reconciled_once_and_a_failing_bank_fails_alone(stage: Stage) -> None:
    days = ("2026-11-22", "2026-11-23")
    runs = [stage.api.trigger("bank_statements", partition_key=day) for day in days]
    over = [stage.api.wait_for(run, seconds=600) for run in runs]

    assert [run.state for run in over] == ["failed", "failed"], "one bank's statement was tampered with"
    for run in over:
        states = [state for (task, _), state in stage.api.task_states(run).items() if task == "load"]
        assert Counter(states) == {"success": 7, "failed": 1, "skipped": 1}
    assert stage.asked("load_statements").count(["tampered", days[0]]) == 1, "what is untrusted is not tried again"
    loaded = stage.notes_of("load_statements")
    assert {(note["dag_id"], note["task_id"], note["try_number"]) for note in loaded} == {
        ("bank_statements", "load", 1)
    }
    tries = {(note["run_id"], note["map_index"]) for note in loaded}
    assert tries == {(run.run_id, index) for run in runs for index in range(9)}, "each knows the task try that asks"

    reconciled = stage.api.wait_for_runs("fee_reconciliation", 14, seconds=600)
    banks = ("vcb", "bidv", "agribank", "mbbank", "techcom", "napas", "vietin")
    assert sorted(run.partition_key or "" for run in reconciled) == sorted(f"{b}:{d}" for b in banks for d in days)
    assert {run.state for run in reconciled} == {"success"}
    assert len(stage.asked("reconcile")) == 14


def test_a_run_without_a_business_date_is_refused_at_once(stage: Stage) -> None:
    run = stage.api.wait_for(stage.api.trigger("conservation"))
    assert run.state == "failed"
    assert stage.asked("prove_conservation") == []
