"""The trigger that starts a run when messages wait: it fires when it should, sleeps when it should, and never ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger

from adapters.dossier.queues import DAYS_QUEUE
from gateway.airflow import assets
from gateway.airflow.amqp_trigger import SCHEME, AmqpQueueTrigger
from gateway.errors import Unavailable
from gateway.partners import load_partners

pytestmark = pytest.mark.unit
REPOSITORY = Path(__file__).resolve().parents[2]


class ScriptedTrigger(AmqpQueueTrigger):
    """Sees what the script says, one look after the other, and nothing more after its end."""

    def __init__(self, script: Iterable[int | Unavailable], *, repeat_seconds: float = 30.0) -> None:
        super().__init__("gateway.dossier-events", poll_seconds=0.001, repeat_seconds=repeat_seconds)
        self.script = iter(script)
        self.over = asyncio.Event()

    def look(self) -> int:
        seen = next(self.script, None)
        if seen is None:
            self.over.set()
            return 0
        if isinstance(seen, Unavailable):
            raise seen
        return seen


def depths_told(trigger: ScriptedTrigger) -> list[int]:
    async def watch() -> list[int]:
        told: list[int] = []

        async def collect() -> None:
            async for event in trigger.run():
                told.append(event.payload["depth"])

        collecting = asyncio.create_task(collect())
        await asyncio.wait_for(trigger.over.wait(), timeout=10)
        collecting.cancel()
        return told

    return asyncio.run(watch())


def test_an_empty_queue_starts_nothing() -> None:
    assert depths_told(ScriptedTrigger([0, 0, 0])) == []


def test_messages_start_one_run_and_more_of_them_another() -> None:
    assert depths_told(ScriptedTrigger([0, 3, 3, 2, 0, 1, 4])) == [3, 1, 4]


def test_messages_that_still_wait_are_told_again_after_a_while() -> None:
    assert depths_told(ScriptedTrigger([3, 3, 3], repeat_seconds=0.0)) == [3, 3, 3]


def test_a_broker_that_is_away_is_looked_for_until_it_is_back() -> None:
    away = Unavailable("connection refused", code="partner-unavailable")
    assert depths_told(ScriptedTrigger([away, away, 5])) == [5]


def test_airflow_finds_the_trigger_by_its_scheme_and_stores_no_address() -> None:
    trigger = MessageQueueTrigger(scheme=SCHEME, queue_name="gateway.dossier-events")
    path, arguments = trigger.serialize()
    assert path == "gateway.airflow.amqp_trigger.AmqpQueueTrigger"
    assert arguments == {"queue_name": "gateway.dossier-events", "poll_seconds": 1.0, "repeat_seconds": 30.0}


def test_the_watched_queues_are_those_of_the_configuration() -> None:
    queues = load_partners(REPOSITORY / "config" / "partners", {})["dossier"].queues
    assert queues is not None
    watched = {
        name: asset.watchers[0].trigger.kwargs["queue_name"]
        for name, asset in (("events", assets.DOSSIER_EVENTS), ("days", assets.DAY_APPROVED))
    }
    assert watched == {"events": queues.events_queue, "days": DAYS_QUEUE}
