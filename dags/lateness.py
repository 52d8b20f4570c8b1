"""What should be here and is not, by every partner's calendar and cut-off; one alert per cause.

**When:** every 15 minutes. **Rerun:** always safe; an alert that was given is not given again.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.execution_time.context import OutletEventAccessors

from gateway.airflow.assets import OUTBOX_IF_WRITTEN, announce_outbox
from gateway.airflow.flow import airflow_run, every, every_flow


@dag(schedule=every("*/15 * * * *"), doc_md=__doc__, **every_flow(minutes=5, tags=["watch"]))
def lateness() -> None:
    @task(outlets=[OUTBOX_IF_WRITTEN])
    def check(*, outlet_events: OutletEventAccessors) -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            summary = gateway.check_lateness()
        announce_outbox(outlet_events, summary)
        return summary.as_xcom()

    check()


lateness()
