"""The daily proof that nothing vanished: messages in and out, and money per account, in count and in amount.

**When:** daily at 09:30, Vietnam time, for the business date before, `2026-11-23`. A day that does not close fails at
once and loudly (`day-does-not-close`). **Rerun:** trigger with the date as partition key; it only reads.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from gateway.airflow.flow import airflow_run, business_date, day_before, every_flow


@dag(schedule=day_before("30 9 * * *"), doc_md=__doc__, **every_flow(minutes=15, tags=["proof"]))
def conservation() -> None:
    @task
    def prove() -> dict[str, object]:
        from gateway.bootstrap import open_gateway

        with open_gateway(run=airflow_run()) as gateway:
            return gateway.prove_conservation(business_date()).as_xcom()

    prove()


conservation()
