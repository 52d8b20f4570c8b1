"""Settlement confirmations of approved days and enquiries (tra soát), signed, laid with the partner; its answers.

**When:** a day is approved (queue `gateway.day-approved`); every 10 minutes for enquiries and what is due again.
**Rerun:** always safe; a confirmation keeps its id.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import DAY_APPROVED, OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every_flow, on_event_or_every


@dag(
    schedule=on_event_or_every(DAY_APPROVED, "*/10 * * * *"),
    doc_md=__doc__,
    **every_flow(minutes=15, tags=["money"]),
)
def settlement() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def confirm(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.dispatch("settlement")
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    @task
    def collect_answers() -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            return gateway.collect_enquiry_answers().as_xcom()

    confirm() >> collect_answers()


settlement()
