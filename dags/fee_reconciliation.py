"""One partner's business date: fees and payments against statement entries, matched and reported.

**When:** money movements of `partner:YYYY-MM-DD` are loaded; a day whose other inputs are not there yet stays open and
is taken up by the next that comes. The run ends with the day *reconciled*: deciding is for two people, and no run
waits. **Rerun:** trigger with the key as partition key; the same inputs give the same bytes.
"""

from __future__ import annotations

from airflow.sdk import PartitionedAssetTimetable, dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import DAY_RECONCILED, STATEMENT_LOADED, announce_keys
from gateway.airflow.flow import airflow_run, every_flow, partner_and_business_date


@dag(
    schedule=PartitionedAssetTimetable(assets=STATEMENT_LOADED),
    doc_md=__doc__,
    **every_flow(minutes=30, tags=["money"], at_once=4),
)
def fee_reconciliation() -> None:
    @task(outlets=[DAY_RECONCILED])
    def reconcile(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        partner, business_on = partner_and_business_date()
        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.reconcile(partner, business_on)
        announce_keys(outlet_events, DAY_RECONCILED, summary)
        return summary.as_xcom()

    reconcile()


fee_reconciliation()
