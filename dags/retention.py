"""What was kept long enough goes: contact data of dossiers that ended, original bytes of messages.

**When:** every night at 02:30, Vietnam time; the terms are in `config/retention.toml`. **Rerun:** always safe; what is
gone is gone, and nothing goes before its time. Books, reports and signed minutes are never erased by a machine. At its
end it sums up the counts behind *Chỉ tiêu* and holds them against the dossiers and payments (`indicators-differ`).
"""

from __future__ import annotations

from airflow.sdk import dag, task

from gateway.airflow.flow import airflow_run, every, every_flow


@dag(schedule=every("30 2 * * *"), doc_md=__doc__, **every_flow(minutes=30, tags=["privacy"]))
def retention() -> None:
    @task
    def expire() -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            return gateway.apply_retention().as_xcom()

    expire()


retention()
