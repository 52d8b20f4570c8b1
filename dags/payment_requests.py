"""Payment requests at the banks: created, cancelled, refunded, and asked for while they are open.

**When:** something was written to the outbox; every 10 minutes for what is due again. **Rerun:** always safe; a refund
in doubt is never sent again by a machine. The two tasks do not wait for each other.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX, OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every_flow, on_event_or_every


@dag(
    schedule=on_event_or_every(OUTBOX, "*/10 * * * *"),
    doc_md=__doc__,
    **every_flow(minutes=10, tags=["banking", "payments"]),
)
def payment_requests() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def send(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.dispatch("payment_requests")
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    @task(outlets=[OUTBOX_IF_WRITTEN])
    def query(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.query_payment_requests()
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    send()
    query()


payment_requests()
