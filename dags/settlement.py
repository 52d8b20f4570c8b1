"""What people decided about days: confirmations and enquiries (tra soát) for partners, their answers, moved money.

**When:** a day is approved (queue `gateway.day-approved`); every 10 minutes for enquiries and what is due again.
Days to be judged again (money was moved, a payment told late, a deadline passed) are announced to
`fee_reconciliation`. **Rerun:** always safe; a confirmation keeps its id.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import DAY_APPROVED, OUTBOX_IF_WRITTEN, STATEMENT_LOADED, announce_keys, announce_outbox
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

    @task(outlets=[STATEMENT_LOADED])
    def announce_days_due_again(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.days_due_again()
        announce_keys(outlet_events, STATEMENT_LOADED, summary)
        return summary.as_xcom()

    confirm()
    collect_answers()
    announce_days_due_again()


settlement()
