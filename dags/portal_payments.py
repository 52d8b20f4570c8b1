"""Payments on the national payment platform that are not settled yet: the platform is asked, more slowly with age.

**When:** every 5 minutes. **Rerun:** always safe; asking changes nothing at the platform.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every, every_flow


@dag(schedule=every("*/5 * * * *"), doc_md=__doc__, **every_flow(minutes=10, tags=["national-portal", "payments"]))
def portal_payments() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def settle(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.settle_portal_payments()
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    settle()


portal_payments()
