"""What all our DAGs have in common, so that a DAG file says only when and what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    CronPartitionTimetable,
    CronTriggerTimetable,
    get_current_context,
)

from gateway.airflow.notifier import FailureNotifier
from gateway.airflow.retry_policy import by_exception
from gateway.airflow.sign_in import refuse_demonstration_sign_in
from gateway.errors import ConfigurationError
from gateway.model import RunContext

TIMEZONE = "Asia/Ho_Chi_Minh"
OWNER = "integration-gateway"
# False would still run what was due in the last five minutes.
NOT_IN_ARREARS = timedelta(0)
# A file that is not here yet is looked for again, soon every quarter of an hour, for some eleven hours.
UNTIL_EVENING = 50


def every_flow(*, minutes: int, tags: Sequence[str], at_once: int = 1) -> dict[str, Any]:
    """The arguments of ``@dag`` that every flow shares.

    ``minutes`` bounds one try of one task, ``at_once`` the runs under way. The run itself has no time-out, because
    Airflow would count the time it waits for a free slot.
    """
    return {
        "tags": ["gateway", *tags],
        "catchup": False,
        "max_active_runs": at_once,
        "default_args": {
            "owner": OWNER,
            "retries": 4,
            "retry_delay": timedelta(seconds=10),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=15),
            "retry_policy": by_exception(),
            "execution_timeout": timedelta(minutes=minutes),
            "on_failure_callback": [FailureNotifier()],
        },
    }


def every(cron: str) -> CronTriggerTimetable:
    """A run at the times of ``cron``, in Vietnam's time; the first at the next of them, not at the one before."""
    return CronTriggerTimetable(cron, timezone=TIMEZONE, run_immediately=NOT_IN_ARREARS)


def day_before(cron: str) -> CronPartitionTimetable:
    """A daily run at the time of ``cron`` whose partition is the day before, in Vietnam's time: ``2026-11-23``."""
    return CronPartitionTimetable(
        cron, timezone=TIMEZONE, run_offset=-1, key_format="%Y-%m-%d", run_immediately=NOT_IN_ARREARS
    )


def on_event_or_every(asset: Asset, cron: str) -> AssetOrTimeSchedule:
    """A run when ``asset`` is emitted, and at the times of ``cron``: a retry falls due without any event."""
    return AssetOrTimeSchedule(assets=[asset], timetable=every(cron))


def airflow_run() -> RunContext:
    """The task try that we are in, for the messages it touches.

    Raises ``ConfigurationError`` (``demonstration-sign-in``) in production under an Airflow that signs in anybody.
    """
    refuse_demonstration_sign_in()
    task = get_current_context()["ti"]
    index = -1 if task.map_index is None else task.map_index
    return RunContext(task.dag_id, task.run_id, task.task_id, task.try_number, index)


def business_date() -> date:
    """The business date of this run, from a partition key ``2026-11-23``.

    Raises ``ConfigurationError`` (``partition-key-missing``) when the run has another key or none.
    """
    return _date(_key())


def partner_and_business_date() -> tuple[str, date]:
    """Partner and business date of this run, from a partition key ``vcb:2026-11-23``. Raises as ``business_date``."""
    partner, colon, day = _key().rpartition(":")
    if not (partner and colon):
        raise _wrong(_key(), "partner:YYYY-MM-DD")
    return partner, _date(day)


def _key() -> str:
    return get_current_context()["dag_run"].partition_key or ""


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong(text, "YYYY-MM-DD") from error


def _wrong(key: str, form: str) -> ConfigurationError:
    return ConfigurationError(
        f"the run has the partition key {key!r}, not {form}",
        code="partition-key-missing",
        where=str(get_current_context()["dag_run"].run_id),
        action="Trigger the DAG with a partition key of that form.",
    )
