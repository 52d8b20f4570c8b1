"""The portal's and the payment platform's adapters keep the promises of the ports."""

from __future__ import annotations

import pytest

from adapters.national_portal.adapter import PortalSender
from adapters.national_portal.platform import PlatformParts
from gateway.model import Kind, OutboundMessage
from tests.contract.ports import (
    BillSourceContract,
    BillWorld,
    EnquiringWorld,
    PaymentEnquirerContract,
    SenderContract,
    SendingWorld,
)
from tests.national_portal.conftest import (
    intermediary,
    payments,
    portal,
    portal_certs,
    running_intermediary,
    running_portal,
    sender,
)
from tests.national_portal.dossiers import dossier, new_code, step
from tests.national_portal.test_payment_platform import reference_of, request
from tests.national_portal.test_payment_platform import send as send_request
from tests.simulator_process import Simulator

__all__ = [
    "intermediary", "payments", "portal", "portal_certs", "running_intermediary", "running_portal", "sender",
]  # fmt: skip

pytestmark = pytest.mark.contract


class PortalWorld(SendingWorld):
    """Dossiers or steps at the portal."""

    def __init__(self, simulator: Simulator, adapter: PortalSender, kind: Kind) -> None:
        self.simulator, self.sender, self.kind = simulator, adapter, kind
        self.operation = "DongBoHoSoMC" if kind is Kind.DOSSIER_SYNC else "CapNhatTienDoHoSoMC"

    def new_message(self) -> OutboundMessage:
        code = new_code()
        message = dossier(code)
        if self.kind is Kind.DOSSIER_SYNC:
            return message
        list(self.sender.send([(message, self.sender.encode(message))]))
        return step(code)

    def behave(self) -> None:
        self.simulator.behave()

    def process_and_lose_the_answer(self) -> None:
        self.simulator.misbehave("garbage", match={"operation": self.operation})

    def lose_the_message(self) -> None:
        self.simulator.misbehave("timeout_before", match={"operation": self.operation}, seconds=2)

    def refuse(self) -> None:
        # A refused chunk of steps is sent again one by one: the one that is meant is refused a second time.
        count = 1 if self.kind is Kind.DOSSIER_SYNC else 2
        self.simulator.misbehave("refuse", match={"operation": self.operation}, count=count)

    def holds(self, message: OutboundMessage) -> int:
        kept = self.simulator.holds()["dossiers" if self.kind is Kind.DOSSIER_SYNC else "steps"]
        return len([found for found in kept if found["MaHoSo"] == message.dossier_code])


@pytest.mark.parametrize("kind", [Kind.DOSSIER_SYNC, Kind.STEP_SYNC])
class TestPortalSender(SenderContract):
    @pytest.fixture
    def world(self, portal: Simulator, sender: PortalSender, kind: Kind) -> SendingWorld:
        return PortalWorld(portal, sender, kind)


class PlatformWorld(SendingWorld):
    """Payment requests at the platform."""

    def __init__(self, simulator: Simulator, adapter: PlatformParts) -> None:
        self.simulator, self.sender = simulator, adapter.sender

    def new_message(self) -> OutboundMessage:
        return request()

    def behave(self) -> None:
        self.simulator.behave()

    def process_and_lose_the_answer(self) -> None:
        self.simulator.misbehave("tamper")

    def lose_the_message(self) -> None:
        self.simulator.misbehave("timeout_before", match={"operation": "INIT"}, seconds=2)

    def refuse(self) -> None:
        self.simulator.misbehave("refuse", match={"operation": "INIT"})

    def holds(self, message: OutboundMessage) -> int:
        kept = self.simulator.holds()["requests"]
        return len([found for found in kept if found["MaThamChieu"] == reference_of(message)])


class TestPlatformSender(SenderContract):
    @pytest.fixture
    def world(self, intermediary: Simulator, payments: PlatformParts) -> SendingWorld:
        return PlatformWorld(intermediary, payments)


class PlatformEnquiries(EnquiringWorld):
    """QUERY at the platform."""

    def __init__(self, simulator: Simulator, adapter: PlatformParts) -> None:
        self.simulator, self.parts = simulator, adapter
        self.enquirer, self.reader = adapter.enquirer, adapter.reader

    def new_request(self, amount: int) -> str:
        message = request(amount=amount)
        send_request(self.parts, message)
        return reference_of(message)

    def pay(self, reference: str) -> None:
        self.simulator.act("pay", reference=reference)

    def tamper(self) -> None:
        self.simulator.misbehave("tamper")

    def go_away(self) -> None:
        self.simulator.misbehave("refuse_http")


class TestPlatformPaymentEnquirer(PaymentEnquirerContract):
    @pytest.fixture
    def world(self, intermediary: Simulator, payments: PlatformParts) -> EnquiringWorld:
        return PlatformEnquiries(intermediary, payments)


class PlatformBills(BillWorld):
    """GET_BILL at the platform."""

    def __init__(self, simulator: Simulator, adapter: PlatformParts) -> None:
        self.simulator, self.parts = simulator, adapter
        self.source, self.reader = adapter.bills, adapter.bill_reader

    def paid(self) -> str:
        reference = self.unpaid()
        self.simulator.act("pay", reference=reference)
        return reference

    def unpaid(self) -> str:
        message = request()
        send_request(self.parts, message)
        return reference_of(message)

    def break_off(self) -> None:
        self.simulator.misbehave("half_a_bill")

    def go_away(self) -> None:
        self.simulator.misbehave("refuse_http")


class TestPlatformBillSource(BillSourceContract):
    @pytest.fixture
    def world(self, intermediary: Simulator, payments: PlatformParts) -> BillWorld:
        return PlatformBills(intermediary, payments)
