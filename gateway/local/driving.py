"""Runs the flows of one hour through Airflow and waits until they are through, by what the database says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import psycopg

from gateway.bootstrap import queue_depth
from gateway.bootstrap.sending import FLOWS
from gateway.clock import FileClock
from gateway.errors import DoesNotClose, Unavailable
from gateway.local.airflow_api import AirflowApi, Run
from gateway.settings import Settings

Tell = Callable[[str], None]

SENDING: Mapping[str, str] = {
    "payment_requests": "payment_requests",
    "portal_sync": "portal_sync",
    "postal_orders": "postal_orders",
    "dossier_updates": "dossier",
    "settlement": "settlement",
}
"""DAGs that send, and the flow of each. They start by themselves when something is written to the outbox."""

ASKING = ("portal_payments", "payment_requests", "postal_tracking")
"""DAGs that the clock starts in production; here they are triggered."""

LOADING = ("bank_statements", "postal_remittances")

_PATIENCE_SECONDS = 600.0
_NUDGE_SECONDS = 20.0
_POLL_SECONDS = 0.3
_INDENT = " " * 13


@dataclass(slots=True)
class Driver:
    """Drives the DAGs of a stage."""

    api: AirflowApi
    settings: Settings
    connection: psycopg.Connection[tuple[object, ...]]
    tell: Tell
    runs: dict[str, int] = field(default_factory=dict)

    def settle(self, flows: Sequence[str], business_on: date) -> None:
        """Return when these flows have nothing left to do. Raises Unavailable where one does not get through."""
        if "dossier_events" in flows:
            self._until("dossier_events", self._events_are_applied)
        asked = [self.api.trigger(dag) for dag in ASKING if dag in flows]
        for run in asked:
            self._finish(run)
        for run in [self.api.trigger(dag, partition_key=business_on.isoformat()) for dag in LOADING if dag in flows]:
            self._finish(run)
        if "fee_reconciliation" in flows:
            self._until("fee_reconciliation", self._loaded_days_are_reconciled)
            self._until("fee_reconciliation", self._reports_are_written)
        for dag in SENDING:
            if dag in flows or asked:
                self.until_sent(dag)

    def run(self, dag: str, business_on: date) -> Run:
        """Trigger one DAG for a business date and wait for it. Raises DoesNotClose where it failed."""
        return self._finish(self.api.trigger(dag, partition_key=business_on.isoformat()))

    def until_sent(self, dag: str) -> None:
        """Return when nothing of a sending DAG is due any more."""
        self._until(dag, lambda: self._nothing_is_due(dag))

    def _finish(self, run: Run) -> Run:
        self.tell(f"{_INDENT}DAG {run.dag_id} runs")
        over = self.api.wait_for(run, seconds=_PATIENCE_SECONDS)
        self.runs[run.dag_id] = self.runs.get(run.dag_id, 0) + 1
        if over.state != "success":
            raise DoesNotClose(
                f"the run {run.run_id} ended {over.state}",
                code="demo-run-failed",
                where=run.dag_id,
                action="look at its log in Airflow, or below var/demo/airflow/logs",
            )
        return over

    def _until(self, dag: str, through: Callable[[], bool]) -> None:
        if through():
            return
        self.tell(f"{_INDENT}DAG {dag} runs")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        nudge = time.monotonic() + _NUDGE_SECONDS
        while not through():
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"it is not through after {_PATIENCE_SECONDS:.0f} s",
                    code="demo-run-failed",
                    where=dag,
                    action="look at its runs in Airflow",
                )
            if time.monotonic() > nudge and dag != "fee_reconciliation":
                # What falls due while a run is under way waits for the next, which the clock starts in production.
                self.api.trigger(dag)
                nudge = time.monotonic() + _NUDGE_SECONDS
            time.sleep(_POLL_SECONDS)

    def _events_are_applied(self) -> bool:
        return self._count("SELECT count(*) FROM gateway.message WHERE state = 'stored'") == 0 and (
            queue_depth("gateway.dossier-events", self.settings) == 0
        )

    def _nothing_is_due(self, dag: str) -> bool:
        now = FileClock(self.settings.business_clock).now() if self.settings.business_clock else None
        return (
            self._count(
                "SELECT count(*) FROM gateway.message WHERE kind = ANY(%s) AND (state = 'sending'"
                " OR (state = 'waiting' AND next_attempt_at <= %s))",
                [str(kind) for kind in FLOWS[SENDING[dag]]],
                now,
            )
            == 0
        )

    def _loaded_days_are_reconciled(self) -> bool:
        return (
            self._count(
                "SELECT count(*) FROM (SELECT partner, business_on FROM gateway.statement"
                " UNION SELECT partner, booked_on FROM gateway.statement_entry"
                " UNION SELECT partner, business_on FROM gateway.remittance) AS loaded"
                " LEFT JOIN gateway.recon_day d USING (partner, business_on)"
                " WHERE d.state IS NULL OR (d.state = 'open' AND d.stopped = '')"
            )
            == 0
        )

    def _reports_are_written(self) -> bool:
        return all(run.over for run in self.api.runs("fee_reconciliation"))

    def _count(self, query: str, *values: object) -> int:
        row = self.connection.execute(query.encode(), values).fetchone()
        return 0 if row is None else int(str(row[0]))
