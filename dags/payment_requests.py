"""Payment requests at the banks: created, cancelled, refunded, and asked for while they are open.

**When:** something was written to the outbox; every 10 minutes for what is due again. **Rerun:** always safe; a refund
in doubt is never sent again by a machine.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX, OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every_flow, on_event_or_every


@dag(
    schedule=on_event_or_every(OUTBOX["payment_requests"], "*/10 * * * *"),
    doc_md=__doc__,
    **every_flow(minutes=15, tags=["banking", "payments"]),
)
def payment_requests() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def send_and_ask(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            sent = gateway.dispatch("payment_requests")
            asked = gateway.query_payment_requests()
        announce_outbox(outlet_events, asked)
        return {"sent": sent.as_xcom(), "asked": asked.as_xcom()}

    send_and_ask()


payment_requests()
