"""Reports of approved days to the people and folders that `config/reports.toml` names.

**When:** a day is approved (queue `gateway.day-approved`). **Rerun:** always safe; what was sent is kept and not sent
again. The mail server is Airflow's connection `gateway_smtp`; without one no mail leaves.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from gateway.airflow.assets import DAY_APPROVED
from gateway.airflow.flow import airflow_run, every_flow


@dag(schedule=[DAY_APPROVED], doc_md=__doc__, **every_flow(minutes=15, tags=["money"]))
def report_delivery() -> None:
    @task
    def deliver() -> dict[str, object]:
        from gateway.airflow.mail import environment_with_mail
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run(), environ=environment_with_mail()) as gateway:
            return gateway.deliver_reports().as_xcom()

    deliver()


report_delivery()
