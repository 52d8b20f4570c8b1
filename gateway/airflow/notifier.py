"""Tells a failed task in one structured line, so that a log collector can alert on it without reading tracebacks."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import BaseNotifier
from airflow.sdk.definitions.context import Context

from gateway.errors import GatewayError

logger = logging.getLogger("gateway.alerts")


class FailureNotifier(BaseNotifier):
    """The ``on_failure_callback`` of every task: one line on the logger ``gateway.alerts``."""

    def notify(self, context: Context) -> None:
        """Log the line; nothing else, so that it cannot fail for a reason of its own."""
        logger.error("%s", json.dumps(alert(context), ensure_ascii=False, sort_keys=True))


def alert(context: Mapping[str, Any]) -> dict[str, Any]:
    """Who failed, and why. Only our own errors are quoted: another's text may hold personal data."""
    task = context["ti"]
    error = context.get("exception")
    told: dict[str, Any] = {
        "event": "task-failed",
        "dag_id": task.dag_id,
        "run_id": task.run_id,
        "task_id": task.task_id,
        "map_index": task.map_index,
        "try_number": task.try_number,
        "partition_key": getattr(context.get("dag_run"), "partition_key", None),
        "error": type(error).__name__,
    }
    if isinstance(error, GatewayError):
        from gateway.reasons import action_of  # a DAG file that is imported needs no table of reasons

        told |= {"code": error.code, "where": error.where, "message": error.message, "action": action_of(error)}
    return told
