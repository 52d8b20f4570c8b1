"""Every message leads to the task try that handled it, and no broker is told "done" before the commit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from adapters.wire.amqp import peek
from adapters.wire.amqp.draining import Delivery, Drain
from gateway import bootstrap
from gateway.errors import ConfigurationError
from gateway.model import RunContext
from simulators import cms
from tests.dossier.events import as_bytes, event
from tests.scenario.test_bad_input import GOOD, QUEUE, House, certs, house, mt940

__all__ = ["certs", "house"]

pytestmark = [pytest.mark.scenario, pytest.mark.services]

DRAINED = RunContext("dossier_events", "asset__1", "drain", 1)
SENT = RunContext("payment_requests", "asset__2", "send", 2)
LOADED = RunContext("bank_statements", "scheduled__3", "load", 1, map_index=4)
TRIED_AGAIN = RunContext("bank_statements", "scheduled__3", "load", 2, map_index=4)


def with_a_fee(house: House) -> list[bytes]:
    names = ("dossier.submitted.v1", "dossier.accepted.v1", "fee.requested.v1")
    return [house.sign(as_bytes(event(name, id=name))) for name in names]


def runs_of(house: House, kind: str) -> set[RunContext]:
    found = house.rows(
        "SELECT dag_id, run_id, task_id, try_number, map_index FROM gateway.message LEFT JOIN gateway.run"
        f" USING (run_pk) WHERE kind = '{kind}'"
    )
    return {RunContext(*run) for run in found}


def test_a_message_leads_to_the_task_try_that_handled_it_last(house: House) -> None:
    house.send(*with_a_fee(house))
    with bootstrap.open_gateway(run=DRAINED, environ=house.environ) as gateway:
        gateway.drain_dossier_events()
    assert runs_of(house, "dossier_event") == {DRAINED}
    assert runs_of(house, "payment_request_create") == {DRAINED}, "what a run writes into the outbox is its own"
    with bootstrap.open_gateway(run=SENT, environ=house.environ) as gateway:
        with pytest.raises(ConfigurationError):  # of partners that are not set up here; the bank is
            gateway.dispatch("payment_requests")
        [(asked,)] = house.rows("SELECT message_pk FROM gateway.message WHERE kind = 'payment_request_create'")
        told = gateway.show_message(asked)
    assert runs_of(house, "payment_request_create") == {SENT}
    assert RunContext(*(told[name] for name in ("dag_id", "run_id", "task_id", "try_number"))) == SENT  # type: ignore[arg-type]  # as they were stored
    tries = house.rows("SELECT act, dag_id, run_id, try_number FROM gateway.attempt JOIN gateway.run USING (run_pk)")
    assert tries == [("send", SENT.dag_id, SENT.run_id, SENT.try_number)]


def test_each_try_of_a_task_knows_the_files_that_it_took(house: House, tmp_path: Path) -> None:
    taken = {}
    for run, content in ((LOADED, mt940().encode()), (TRIED_AGAIN, mt940(amount=0).encode())):
        (tmp_path / GOOD).write_bytes(content)
        (tmp_path / "seal.p7s").write_bytes(cms.sign(content, house.certs, "bank-b"))
        with bootstrap.open_gateway(run=run, environ=house.environ) as gateway:
            gateway.load_file("bank-b", tmp_path / GOOD, tmp_path / "seal.p7s")
        taken[run.try_number] = content
    found = house.rows(
        "SELECT try_number, map_index, body FROM gateway.message JOIN gateway.run USING (run_pk)"
        " JOIN gateway.message_body USING (message_pk) ORDER BY try_number"
    )
    assert [(number, index, bytes(body)) for number, index, body in found] == [(1, 4, taken[1]), (2, 4, taken[2])]


def test_the_broker_may_forget_an_event_only_after_it_is_committed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[tuple[str, bytes]]] = []
    acknowledge = Drain.ack_through

    def looked_at(drain: Drain, batch: Sequence[Delivery]) -> None:
        with psycopg.connect(house.environ["GATEWAY_DATABASE_URL"]) as other:
            rows = other.execute(
                "SELECT state, body FROM gateway.message JOIN gateway.message_body USING (message_pk)"
                " WHERE direction = 'in' AND body = ANY(%s) ORDER BY message_pk",
                ([delivery.body for delivery in batch],),
            ).fetchall()
        assert len(rows) == len(batch)
        seen.append([(str(state), bytes(body)) for state, body in rows])
        acknowledge(drain, batch)

    monkeypatch.setattr(Drain, "ack_through", looked_at)
    events = [*with_a_fee(house), b"not signed"]
    house.send(*events)
    house.drain()
    assert [body for batch in seen for _, body in batch] == events
    assert [state for batch in seen for state, _ in batch] == ["applied", "applied", "applied", "quarantined"]
    assert peek(house.amqp_url, QUEUE) == 0
