"""The dossier system's adapter keeps the promises of the ports, over a real broker and against its simulator."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pika
import pytest

from adapters.dossier.adapter import DAYS_EXCHANGE, DossierReader, EventSender, broker_sender, dossier_sender
from adapters.dossier.queues import DAYS_QUEUE, DossierInbox
from gateway.local.rabbitmq import RabbitAddress
from gateway.model import Kind, OutboundMessage, RawMessage
from tests.contract.ports import ReaderContract, ReadingWorld, SenderContract, SendingWorld
from tests.dossier.events import AT, CODE, DATA
from tests.dossier.test_dossier_over_amqp import QUEUES, World, running, until
from tests.wire.cutting_proxy import CuttingProxy

pytestmark = [pytest.mark.contract, pytest.mark.services]
_numbers = itertools.count(1)
_PUBLISHED = b"application/jose"  # only a publication says so


@pytest.fixture(scope="module")
def dossier_system(rabbitmq_server: RabbitAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all promises: each of them has messages of its own."""
    vhost = f"ports-{uuid.uuid4().hex}"
    with running(rabbitmq_server.create_vhost(vhost), tmp_path_factory.mktemp("dossier")) as found:
        yield found
    rabbitmq_server.drop_vhost(vhost)


class EventWorld(SendingWorld):
    """Events to one of our exchanges; a broker cannot be asked what it once took."""

    can_be_asked = False

    def __init__(self, system: World, proxy: CuttingProxy, url: str, kind: Kind) -> None:
        self.system, self.proxy, self.kind = system, proxy, kind
        if kind is Kind.EVENT:
            self.sender = dossier_sender("dossier", replace(system.line(QUEUES.gateway_exchange), url=url))
        else:
            self.sender = broker_sender(replace(system.line(DAYS_EXCHANGE), url=url))

    def new_message(self) -> OutboundMessage:
        number = next(_numbers)
        message_id = f"m-{number}"
        if self.kind is Kind.DAY_APPROVED:
            return OutboundMessage(number, "broker", self.kind, message_id, DATA["gateway.day.approved.v1"])
        name = "gateway.payment.confirmed.v1"
        payload = {"type": f"vn.quangninh.{name}", "subject": CODE, "occurred_at": AT, "data": DATA[name]}
        return OutboundMessage(number, "dossier", self.kind, message_id, payload, dossier_code=CODE)

    def behave(self) -> None:
        """A cut happens once."""

    def process_and_lose_the_answer(self) -> None:
        self.proxy.cut_answer_to(_PUBLISHED)

    def lose_the_message(self) -> None:
        self.proxy.cut_before(_PUBLISHED)

    def refuse(self) -> None:
        pytest.skip("a broker judges no event; what breaks the contract is refused by encode, before it leaves")

    def holds(self, message: OutboundMessage) -> int:
        held: list[str] = []

        def arrived() -> bool:
            held[:] = [found for found in self._ids() if found == message.message_id]
            return bool(held)

        until(arrived)
        return len(held)

    def _ids(self) -> Iterator[str]:
        if self.kind is Kind.EVENT:
            yield from (told["id"] for told in self.system.act("told", subject=CODE)["events"])
            return
        # The settlement's own inbox knows an event by its id: a second copy tells it nothing new.
        taken = DossierInbox(self.system.url, DAYS_QUEUE, "broker", Kind.DAY_APPROVED)(1000)
        yield from {raw.transport_id for batch in taken for raw in batch.messages}


@pytest.mark.parametrize("kind", [Kind.EVENT, Kind.DAY_APPROVED])
class TestEventSender(SenderContract):
    of = (EventSender,)

    @pytest.fixture
    def world(self, dossier_system: World, kind: Kind) -> Iterator[SendingWorld]:
        port = pika.URLParameters(dossier_system.url).port
        with CuttingProxy(port) as proxy:
            url = dossier_system.url.replace(f":{port}/", f":{proxy.port}/")
            yield EventWorld(dossier_system, proxy, url, kind)


class CounterPayments(ReadingWorld):
    """Counter payments, as the dossier system sends them."""

    def __init__(self, system: World) -> None:
        self.system, self.reader = system, system.reader

    def honest(self) -> RawMessage:
        self.number = next(_numbers)
        return self._taken("publish", events=[self._event(id=f"counter-{self.number}")])

    def told_again_under_another_id(self, raw: RawMessage) -> RawMessage:
        return self._taken("resend_under_new_id", event_id=f"counter-{self.number}", id=f"again-{self.number}")

    def tampered(self) -> RawMessage:
        return self._taken("tamper", event=self._event())

    def unsigned(self) -> RawMessage:
        return self._taken("unsigned", event=self._event())

    def of_a_stranger(self) -> RawMessage:
        return self._taken("unknown_signer", event=self._event())

    def of_another_environment(self) -> RawMessage:
        return self._taken("wrong_environment", event=self._event())

    def wrongly_said(self) -> RawMessage:
        return self._taken("decimal_amount", event=self._event())

    def _event(self, **more: Any) -> dict[str, Any]:
        return {"type": "payment.counter.v1", "subject": CODE, "data": DATA["payment.counter.v1"], **more}

    def _taken(self, act: str, **wish: Any) -> RawMessage:
        self.system.act(act, **wish)
        [raw] = self.system.take()
        return raw


class TestDossierReader(ReaderContract):
    of = (DossierReader,)

    @pytest.fixture
    def world(self, dossier_system: World) -> ReadingWorld:
        return CounterPayments(dossier_system)
