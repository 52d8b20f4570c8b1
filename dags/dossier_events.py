"""Events of the dossier system: each run takes a bounded batch from the queue, stores, verifies and applies it.

**When:** the queue `gateway.dossier-events` has messages, and every 10 minutes: what a person released and what the
broker gave up come without an event. **Rerun:** always safe; a message is applied once.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import DOSSIER_EVENTS, OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every_flow, on_event_or_every


@dag(
    schedule=on_event_or_every(DOSSIER_EVENTS, "*/10 * * * *"),
    doc_md=__doc__,
    **every_flow(minutes=10, tags=["dossier"]),
)
def dossier_events() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def drain(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.drain_dossier_events()
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    drain()


dossier_events()
