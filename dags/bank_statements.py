"""Statements of every bank for the business date before: fetched, verified, stored, parsed, loaded.

**When:** daily at 06:30, Vietnam time; the partition is the business date, `2026-11-23`. One task per bank: a bank that
fails hides no other, and each that is loaded starts its own reconciliation (`statement_loaded`, `bank:date`). A file
that is not here yet is looked for again until the evening; a task without anything new is skipped.

**Rerun:** clear the failed task, or trigger the DAG with the date as partition key; entries are loaded once.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import STATEMENT_LOADED, announce_keys
from gateway.airflow.flow import UNTIL_EVENING, airflow_run, business_date, day_before, every_flow


@dag(
    schedule=day_before("30 6 * * *"),
    doc_md=__doc__,
    **every_flow(minutes=30, tags=["banking", "money"], at_once=4),
)
def bank_statements() -> None:
    @task
    def partners() -> list[str]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            return list(gateway.statement_partners())

    @task(outlets=[STATEMENT_LOADED], retries=UNTIL_EVENING, map_index_template="{{ partner }}")
    def load(partner: str, *, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.load_statements(partner, business_date())
        announce_keys(outlet_events, STATEMENT_LOADED, summary)
        return summary.as_xcom()

    load.expand(partner=partners())


bank_statements()
