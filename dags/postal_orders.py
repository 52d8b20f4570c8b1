"""Orders for VNPost: results to deliver, documents to collect, cancellations.

**When:** something was written to the outbox; every 10 minutes for what is due again. **Rerun:** always safe; what is
in doubt is asked for before it is sent again.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX, OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every_flow, on_event_or_every


@dag(
    schedule=on_event_or_every(OUTBOX["postal_orders"], "*/10 * * * *"),
    doc_md=__doc__,
    **every_flow(minutes=15, tags=["postal"]),
)
def postal_orders() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def send(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.dispatch("postal_orders")
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    send()


postal_orders()
