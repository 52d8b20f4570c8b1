"""A small client of Airflow's public REST API, for the demonstration and the scenario tests."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.errors import Refused, Unavailable

OVER = ("success", "failed")
POLL_SECONDS = 0.3
COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


@dataclass(frozen=True, slots=True)
class Run:
    """One DAG run as Airflow tells it. ``state`` is queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str
    run_type: str
    partition_key: str | None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True)
class AirflowApi:
    """Signed in as one user."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def sign_in(cls, url: str, user: str, password: str) -> AirflowApi:
        """Exchange a password for a token. Raises ``Refused`` (``airflow-refused``) for a wrong one."""
        answer = _ask("POST", f"{url}/auth/token", {"username": user, "password": password}, token=None)
        return cls(url, answer["access_token"])

    @staticmethod
    def is_healthy(url: str) -> bool:
        """Whether the database and every component say that they are healthy."""
        try:
            answer = _ask("GET", f"{url}/api/v2/monitor/health", None, token=None)
        except (Unavailable, Refused):
            return False
        return all((answer.get(name) or {}).get("status") == "healthy" for name in COMPONENTS)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request below ``/api/v2``. Raises ``Refused`` when Airflow says no, ``Unavailable`` without an answer."""
        return _ask(method, f"{self.url}/api/v2{path}", body, token=self.token)

    def dags(self) -> list[str]:
        """The ids of the DAGs that are parsed."""
        return [dag["dag_id"] for dag in self.ask("GET", "/dags?limit=100")["dags"]]

    def import_errors(self) -> list[str]:
        """What went wrong in parsing, one text per file."""
        return [error["stack_trace"] for error in self.ask("GET", "/importErrors")["import_errors"]]

    def runs(self, dag_id: str) -> list[Run]:
        """All runs of a DAG, oldest first."""
        path = f"/dags/{urllib.parse.quote(dag_id)}/dagRuns?limit=100&order_by=run_after"
        return [_run(told) for told in self.ask("GET", path)["dag_runs"]]

    def trigger(self, dag_id: str, *, partition_key: str | None = None, conf: Mapping[str, Any] | None = None) -> Run:
        """Start a run by hand, for a partition key where the DAG is partitioned."""
        body: dict[str, Any] = {"logical_date": None, "conf": dict(conf or {})}
        if partition_key is not None:
            body["partition_key"] = partition_key
        return _run(self.ask("POST", f"/dags/{urllib.parse.quote(dag_id)}/dagRuns", body))

    def wait_for(self, run: Run, *, seconds: float = 120) -> Run:
        """The run when it is over. Raises ``Unavailable`` (``airflow-run-not-over``) when it is not over in time."""
        path = f"/dags/{urllib.parse.quote(run.dag_id)}/dagRuns/{urllib.parse.quote(run.run_id, safe='')}"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = _run(self.ask("GET", path))
            if found.over:
                return found
            time.sleep(POLL_SECONDS)
        raise _not_over(run.dag_id, f"the run {run.run_id} is not over", seconds)

    def wait_for_runs(self, dag_id: str, count: int, *, seconds: float = 120) -> list[Run]:
        """All runs of a DAG when at least ``count`` of them are over and none is under way."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            runs = self.runs(dag_id)
            if len(runs) >= count and all(run.over for run in runs):
                return runs
            time.sleep(POLL_SECONDS)
        raise _not_over(dag_id, f"{len(runs)} runs, not {count} that are over", seconds)

    def task_states(self, run: Run) -> dict[tuple[str, int], str | None]:
        """The state of each task of a run, by task id and map index (-1 where it is not mapped)."""
        path = f"/dags/{urllib.parse.quote(run.dag_id)}/dagRuns/{urllib.parse.quote(run.run_id, safe='')}/taskInstances"
        told: Sequence[Mapping[str, Any]] = self.ask("GET", f"{path}?limit=200")["task_instances"]
        return {(task["task_id"], task["map_index"]): task["state"] for task in told}

    def xcom(self, run: Run, task_id: str, *, map_index: int = -1, key: str = "return_value") -> Any:
        """What a task returned."""
        path = f"/dags/{urllib.parse.quote(run.dag_id)}/dagRuns/{urllib.parse.quote(run.run_id, safe='')}"
        path += f"/taskInstances/{task_id}/xcomEntries/{key}?map_index={map_index}&deserialize=true"
        return self.ask("GET", path)["value"]


def _run(told: Mapping[str, Any]) -> Run:
    return Run(
        told["dag_id"],
        told["dag_run_id"],
        told["state"],
        told["run_type"],
        told.get("partition_key"),
        _instant(told.get("start_date")),
        _instant(told.get("end_date")),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _not_over(dag_id: str, message: str, seconds: float) -> Unavailable:
    return Unavailable(
        f"{message} after {seconds:.0f} s",
        code="airflow-run-not-over",
        where=dag_id,
        action="Look at the run in Airflow: which task is it waiting for?",
    )


def _ask(method: str, url: str, body: Mapping[str, Any] | None, *, token: str | None) -> Any:
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    where = f"{method} {urllib.parse.urlsplit(url).path}"
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
    except urllib.error.HTTPError as error:
        detail = error.read().decode(errors="replace")[:500]
        raise Refused(
            f"HTTP {error.code}: {detail}", code="airflow-refused", where=where, partner_code=str(error.code)
        ) from error
    except OSError as error:
        raise Unavailable(str(error), code="airflow-does-not-answer", where=where) from error
    return json.loads(content) if content else None
