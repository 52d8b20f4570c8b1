"""What we add to Airflow: which failures are tried again, what an alert says, and that Airflow itself lists it."""

from __future__ import annotations

import gc
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk import RetryAction
from fastapi.testclient import TestClient

from gateway import errors
from gateway.airflow.flow import airflow_run
from gateway.airflow.notifier import alert
from gateway.airflow.plugin import build_application, pages
from gateway.airflow.retry_policy import AWAY, WRONG, by_exception

pytestmark = pytest.mark.unit


def decision(error: BaseException) -> RetryAction:
    return by_exception().evaluate(error, try_number=1, max_tries=4).action


@pytest.mark.parametrize("kind", AWAY)
def test_what_is_away_is_tried_again(kind: type[errors.GatewayError]) -> None:
    assert decision(kind("no answer")) is RetryAction.RETRY


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_fails_at_once(kind: type[errors.GatewayError]) -> None:
    assert decision(kind("it is wrong")) is RetryAction.FAIL


def test_an_unforeseen_failure_is_tried_as_often_as_the_task_says() -> None:
    assert decision(MemoryError()) is RetryAction.DEFAULT


def test_every_error_of_the_gateway_has_its_rule() -> None:
    def below(kind: type[errors.GatewayError]) -> set[type[errors.GatewayError]]:
        return {kind, *(one for child in kind.__subclasses__() for one in below(child))}

    ours = {kind for kind in below(errors.GatewayError) if kind.__module__ == "gateway.errors"}
    assert ours - {errors.GatewayError} == {*AWAY, *WRONG}


def test_an_alert_quotes_our_error_with_its_code_and_what_to_do() -> None:
    task = SimpleNamespace(dag_id="bank_statements", run_id="r1", task_id="load", map_index=2, try_number=1)
    run = SimpleNamespace(partition_key="2026-11-23")
    error = errors.Untrusted("the signature does not fit", code="signature-invalid", where="vcb", action="ask the bank")
    told = alert({"ti": task, "dag_run": run, "exception": error})
    assert told["event"] == "task-failed"
    assert (told["dag_id"], told["map_index"], told["partition_key"]) == ("bank_statements", 2, "2026-11-23")
    assert (told["code"], told["where"], told["action"]) == ("signature-invalid", "vcb", "ask the bank")


def test_an_alert_of_an_error_that_names_no_act_says_what_its_code_asks_for() -> None:
    task = SimpleNamespace(dag_id="bank_statements", run_id="r1", task_id="load", map_index=2, try_number=1)
    told = alert({"ti": task, "exception": errors.Refused("permission denied", code="sftp-refused", where="bank-a")})
    assert told["action"] == "Ask the partner for the folder's rights."


def test_an_alert_does_not_quote_the_text_of_a_foreign_error() -> None:
    task = SimpleNamespace(dag_id="d", run_id="r", task_id="t", map_index=-1, try_number=1)
    told = alert({"ti": task, "exception": ValueError("CCCD 001099000001 is not a number")})
    assert told["error"] == "ValueError"
    assert "001099000001" not in str(told)


def test_the_page_tells_version_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ENV", "test")
    answer = TestClient(pages).get("/about").json()
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert answer == {"version": project["version"], "environment": "test"}


def test_two_visitors_at_once_find_one_console_and_no_collector_walks_it() -> None:
    with ThreadPoolExecutor(2) as visitors:
        told = list(visitors.map(lambda _: TestClient(pages).get("/about").status_code, range(2)))
    assert told == [200, 200]
    assert build_application.cache_info().misses == 1
    assert gc.get_freeze_count() > 0


def test_production_refuses_to_run_under_a_sign_in_for_demonstrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ENV", "production")
    with pytest.raises(errors.ConfigurationError) as told:
        airflow_run()
    assert told.value.code == "demonstration-sign-in"


def test_production_lets_nobody_in_under_a_sign_in_for_demonstrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ENV", "production")
    told = TestClient(pages, raise_server_exceptions=False).get("/", headers={"Authorization": "Bearer x"})
    assert told.status_code == 500
    assert "demonstration-sign-in" in told.text


@pytest.mark.scenario
@pytest.mark.parametrize(
    ("verb", "shown"), [(["providers", "list"], "integration-gateway"), (["plugins"], "gateway")], ids=lambda v: v[0]
)
def test_airflow_lists_what_we_add(verb: list[str], shown: str) -> None:
    airflow = Path(sys.executable).parent / "airflow"
    done = subprocess.run([airflow, *verb, "-o", "json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f'"{shown}"' in done.stdout
