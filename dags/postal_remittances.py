"""The file of cash on delivery that VNPost passes on for the business date before: fetched, verified, stored, loaded.

**When:** daily at 07:00, Vietnam time; the partition is the business date, `2026-11-23`. What is loaded starts its
reconciliation (`statement_loaded`, `vnpost:date`). **Rerun:** trigger with the date as partition key; a line is loaded
once.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import STATEMENT_LOADED, announce_keys
from gateway.airflow.flow import UNTIL_EVENING, airflow_run, business_date, day_before, every_flow

PARTNER = "vnpost"


@dag(schedule=day_before("0 7 * * *"), doc_md=__doc__, **every_flow(minutes=30, tags=["postal", "money"], at_once=4))
def postal_remittances() -> None:
    @task(outlets=[STATEMENT_LOADED], retries=UNTIL_EVENING)
    def load(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.load_remittances(PARTNER, business_date())
        announce_keys(outlet_events, STATEMENT_LOADED, summary)
        return summary.as_xcom()

    load()


postal_remittances()
