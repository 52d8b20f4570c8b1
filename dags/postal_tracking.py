"""The tracking feed of VNPost, read on from the last cursor.

**When:** every 15 minutes. **Rerun:** always safe; the cursor moves in the same transaction as the events.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every, every_flow


@dag(schedule=every("*/15 * * * *"), doc_md=__doc__, **every_flow(minutes=15, tags=["postal"]))
def postal_tracking() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def follow(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.track_postal_orders()
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    follow()


postal_tracking()
