"""The assets that join the DAGs. A partitioned one carries the key ``partner:YYYY-MM-DD``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.sdk import Asset, AssetAlias, AssetWatcher
from airflow.sdk.exceptions import AirflowSkipException

from gateway.airflow.amqp_trigger import SCHEME
from gateway.model import Summary


def _watched(name: str, queue_name: str) -> Asset:
    trigger = MessageQueueTrigger(scheme=SCHEME, queue_name=queue_name)
    return Asset(name, watchers=[AssetWatcher(f"{name}_queue", trigger=trigger)])


# Reading the configuration costs every import of a DAG; a test holds these names equal to what is configured.
DOSSIER_EVENTS = _watched("dossier_events", "gateway.dossier-events")
"""Messages of the dossier system wait in the queue."""

DAY_APPROVED = _watched("day_approved", "gateway.day-approved")
"""Two people have agreed on a day; approving publishes there through the outbox."""

OUTBOX = {flow: Asset(f"outbox_{flow}") for flow in ("dossier", "payment_requests", "portal_sync", "postal_orders")}
"""By flow: messages of that flow wait to be sent."""

OUTBOX_IF_WRITTEN = AssetAlias("outbox_if_written")
"""The outlet of a task that may or may not write to the outbox; see ``announce_outbox``."""

STATEMENT_LOADED = Asset("statement_loaded")
"""Partitioned. Money movements of one partner and business date are in the ledger."""

DAY_RECONCILED = Asset("day_reconciled")
"""Partitioned. One partner's business date is matched and reported, and waits for two people."""


def announce_outbox(outlet_events: Mapping[Any, Any], *summaries: Summary) -> None:
    """Emit the ``OUTBOX`` asset of every flow that has messages to send now, and of no other."""
    for flow in sorted({flow for summary in summaries for flow in summary.flows}):
        outlet_events[OUTBOX_IF_WRITTEN].add(OUTBOX[flow])


def announce_keys(outlet_events: Mapping[Any, Any], asset: Asset, summary: Summary) -> None:
    """Emit ``asset`` for every key of ``summary``.

    Without a key the task is skipped, because a task that succeeds emits its outlet in any case: Airflow would start
    whatever waits for it, with the key of this run.
    """
    if not summary.keys:
        raise AirflowSkipException(f"nothing to announce: {summary.as_xcom()}")
    outlet_events[asset].add_partitions(list(summary.keys))
