"""What the dossier system must hear of: payments, refunds, postal and portal status, published with confirms.

**When:** something was written to the outbox; every 10 minutes for what is due again. **Rerun:** always safe.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX, OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every_flow, on_event_or_every


@dag(
    schedule=on_event_or_every(OUTBOX["dossier"], "*/10 * * * *"),
    doc_md=__doc__,
    **every_flow(minutes=10, tags=["dossier"]),
)
def dossier_updates() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def publish(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.dispatch("dossier")
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    publish()


dossier_updates()
