"""Every DAG file keeps the house's promises: no logic, no work at import, an owner, a time-out, a retry policy."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = sorted((REPOSITORY / "dags").glob("*.py"))
FLOWS_OF_THE_ISSUE = {
    "dossier_events",
    "portal_sync",
    "portal_payments",
    "payment_requests",
    "bank_statements",
    "postal_orders",
    "postal_tracking",
    "postal_remittances",
    "fee_reconciliation",
    "settlement",
    "lateness",
    "conservation",
    "retention",
}

# Imports every DAG file in a Python that may not open a socket, and tells what it saw.
OBSERVER = """
import json, socket, sys
from pathlib import Path

from airflow.sdk import DAG, AssetOrTimeSchedule, CronPartitionTimetable, PartitionedAssetTimetable, dag, task

def forbidden(*_, **__):
    raise AssertionError("a DAG file opened a socket while it was imported")

socket.socket.connect = socket.socket.connect_ex = forbidden
socket.create_connection = socket.getaddrinfo = forbidden
before = set(sys.modules)
dags = []

def load(file):
    space = {"__name__": "dag_" + file.stem, "__file__": str(file)}
    exec(compile(file.read_text(), file, "exec"), space)
    dags.append(space[file.stem]())

for file in sorted(Path(sys.argv[1]).glob("*.py")):
    load(file)
told = {}
for dag in dags:
    told[dag.dag_id] = {
        "doc": dag.doc_md, "tags": sorted(dag.tags), "catchup": dag.catchup, "at_once": dag.max_active_runs,
        "timezone": str(getattr(dag.timetable, "timezone", "")),
        "timetable": type(dag.timetable).__name__,
        "also_every": getattr(getattr(dag.timetable, "timetable", None), "expression", ""),
        "every": getattr(dag.timetable, "expression", ""),
        "tasks": [
            {
                "id": task.task_id, "owner": task.owner, "retries": task.retries,
                "timeout": task.execution_timeout.total_seconds(),
                "policy": type(task.retry_policy).__name__, "alerts": len(task.on_failure_callback),
                "after": sorted(task.upstream_task_ids), "rule": task.trigger_rule.value,
            }
            for task in dag.tasks
        ],
    }
ours = sorted(name for name in set(sys.modules) - before if name.split(".")[0] in ("gateway", "adapters"))
heavy = sorted({"psycopg", "pika", "zeep", "paramiko", "duckdb", "lxml", "pyarrow"} & (set(sys.modules) - before))
print(json.dumps({"dags": told, "ours": ours, "heavy": heavy}))
"""


@cache
def observed() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", OBSERVER, str(REPOSITORY / "dags")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_every_flow_of_the_day_has_a_dag_with_the_name_of_its_file() -> None:
    assert set(observed()["dags"]) == {file.stem for file in FILES}
    assert set(observed()["dags"]) >= FLOWS_OF_THE_ISSUE


def test_importing_all_flows_loads_nothing_that_is_heavy_or_connects() -> None:
    assert observed()["heavy"] == []
    outside = {name for name in observed()["ours"] if not name.startswith("gateway.airflow")}
    assert outside <= {"gateway", "gateway.errors", "gateway.model"}


@pytest.mark.parametrize("dag_id", sorted(file.stem for file in FILES))
def test_a_flow_tells_when_it_runs_and_how_to_run_it_again(dag_id: str) -> None:
    flow = observed()["dags"][dag_id]
    assert "**When:**" in flow["doc"]
    assert "**Rerun:**" in flow["doc"]
    assert "gateway" in flow["tags"]
    assert len(flow["tags"]) > 1
    assert flow["catchup"] is False
    assert 1 <= flow["at_once"] <= 4


@pytest.mark.parametrize("dag_id", sorted(file.stem for file in FILES))
def test_every_task_has_an_owner_a_time_out_a_retry_policy_and_an_alert(dag_id: str) -> None:
    for task in observed()["dags"][dag_id]["tasks"]:
        assert task["owner"] == "integration-gateway"
        assert 0 < task["timeout"] <= 1800
        assert task["policy"] == "ExceptionRetryPolicy"
        assert task["retries"] > 0
        assert task["alerts"] == 1


WHEN = {
    "dossier_events": ("AssetOrTimeSchedule", "*/10 * * * *"),
    "dossier_updates": ("AssetOrTimeSchedule", "*/10 * * * *"),
    "portal_sync": ("AssetOrTimeSchedule", "*/10 * * * *"),
    "payment_requests": ("AssetOrTimeSchedule", "*/10 * * * *"),
    "postal_orders": ("AssetOrTimeSchedule", "*/10 * * * *"),
    "settlement": ("AssetOrTimeSchedule", "*/10 * * * *"),
    "portal_payments": ("CronTriggerTimetable", "*/5 * * * *"),
    "postal_tracking": ("CronTriggerTimetable", "*/15 * * * *"),
    "lateness": ("CronTriggerTimetable", "*/15 * * * *"),
    "retention": ("CronTriggerTimetable", "30 2 * * *"),
    "bank_statements": ("CronPartitionTimetable", "30 6 * * *"),
    "postal_remittances": ("CronPartitionTimetable", "0 7 * * *"),
    "conservation": ("CronPartitionTimetable", "30 9 * * *"),
    "fee_reconciliation": ("PartitionedAssetTimetable", ""),
    "report_delivery": ("AssetTriggeredTimetable", ""),
}


def test_every_flow_runs_when_the_documents_say() -> None:
    found = {
        dag_id: (flow["timetable"], flow["also_every"] or flow["every"]) for dag_id, flow in observed()["dags"].items()
    }
    assert found == WHEN


def test_people_are_told_of_alerts_also_where_a_look_for_them_failed_and_the_run_is_red() -> None:
    tasks = {task["id"]: task for task in observed()["dags"]["lateness"]["tasks"]}
    assert (tasks["tell"]["after"], tasks["tell"]["rule"]) == (["check"], "all_done")
    (last,) = (task for task in tasks.values() if set(task["after"]) == {"check", "tell"})
    assert last["rule"] == "all_success", "a run is as its last task is"


def test_a_partner_to_whom_nothing_can_be_sent_keeps_no_answer_of_another_from_being_fetched() -> None:
    assert {task["id"]: task["after"] for task in observed()["dags"]["settlement"]["tasks"]} == {
        "confirm": [],
        "collect_answers": [],
        "announce_days_due_again": [],
    }


def test_whatever_runs_by_the_clock_runs_in_vietnams_time() -> None:
    by_the_clock = {
        dag_id: flow["timezone"]
        for dag_id, flow in observed()["dags"].items()
        if flow["timetable"] in ("CronTriggerTimetable", "CronPartitionTimetable")
    }
    assert set(by_the_clock.values()) == {"Asia/Ho_Chi_Minh"}
    assert {"bank_statements", "conservation", "lateness", "portal_payments", "retention"} <= set(by_the_clock)


def test_what_is_released_or_dead_is_taken_up_on_a_quiet_queue_too() -> None:
    """A message that a person released, and one that the broker gave up, come with no event of their own."""
    flow = observed()["dags"]["dossier_events"]
    assert (flow["timetable"], flow["also_every"]) == ("AssetOrTimeSchedule", "*/10 * * * *")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_file_is_short_and_imports_the_gateway_inside_its_tasks_only(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) < 80
    tree = ast.parse(text)
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {node.module for node in top if isinstance(node, ast.ImportFrom)}
    assert modules <= {
        "__future__",
        "airflow.sdk",
        "airflow.sdk.execution_time.context",
        "airflow.providers.standard.operators.empty",
        "gateway.airflow.assets",
        "gateway.airflow.flow",
    }
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node not in top]
    assert "gateway.bootstrap" in {node.module for node in inside}
    assert {node.module for node in inside} <= {"gateway.bootstrap", "gateway.airflow.mail"}
