"""What is late, old, waiting, not closing or unusual; one alert and one mail per cause, again only on change.

**When:** every 15 minutes. **Rerun:** always safe; what was told is not told again. The mail server is Airflow's
connection `gateway_smtp`; without one the alerts stand on the pages, and `tell` counts them as `untold`.
"""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
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

    @task(trigger_rule="all_done")  # what one look could not see keeps nobody from being told of the rest
    def tell() -> dict[str, object]:
        from gateway.airflow.mail import environment_with_mail
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run(), environ=environment_with_mail()) as gateway:
            return gateway.tell_alerts().as_xcom()

    looked, told = check(), tell()
    looked >> told
    # A run is as its last task is: red, where the look was.
    [looked, told] >> EmptyOperator(task_id="checked_and_told")


lateness()
