"""The portal's and the payment platform's adapters keep the promises of the ports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from adapters.national_portal.adapter import PortalSender
from adapters.national_portal.bills import PlatformBillReader, PlatformBillSource
from adapters.national_portal.callback import PlatformCallbackReader
from adapters.national_portal.platform import PlatformParts, PlatformPaymentEnquirer, PlatformReader, PlatformSender
from gateway.model import Kind, OutboundMessage, RawMessage
from gateway.security.secret import Secret
from simulators.intermediary.platform import _QUERY_REPLY
from tests.contract.ports import (
    BillSourceContract,
    BillWorld,
    EnquiringWorld,
    PaymentEnquirerContract,
    ReaderContract,
    ReadingWorld,
    SenderContract,
    SendingWorld,
)
from tests.national_portal.conftest import (
    SECRETS,
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
    of = (PortalSender,)

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
    of = (PlatformSender,)

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
    of = (PlatformPaymentEnquirer,)

    @pytest.fixture
    def world(self, intermediary: Simulator, payments: PlatformParts) -> EnquiringWorld:
        return PlatformEnquiries(intermediary, payments)


def seal_of(fields: Mapping[str, str], covered: Sequence[str], secret: str) -> str:
    """``MaXacThuc`` as the platform makes it (domain.md 2.2)."""
    return hashlib.sha256("|".join([*(fields[name] for name in covered), secret]).encode()).hexdigest()


class PlatformAnswers(ReadingWorld):
    """The platform's answers to QUERY. Its seal is a shared secret, of which every environment has its own."""

    has_ids = False

    def __init__(self, simulator: Simulator, adapter: PlatformParts) -> None:
        self.simulator, self.enquirer, self.reader = simulator, adapter.enquirer, adapter.reader
        message = request(amount=70_000)
        send_request(adapter, message)
        self.reference = reference_of(message)
        simulator.act("pay", reference=self.reference)

    def honest(self) -> RawMessage:
        return self.enquirer.ask(self.reference, request={})

    def told_again_under_another_id(self, raw: RawMessage) -> RawMessage:
        return self.honest()

    def tampered(self) -> RawMessage:
        self.simulator.misbehave("tamper")
        return self.honest()

    def unsigned(self) -> RawMessage:
        return self._resealed("", {})

    def of_a_stranger(self) -> RawMessage:
        return self._resealed("a stranger's secret", {})

    def of_another_environment(self) -> RawMessage:
        return self._resealed(f"{SECRETS['GATEWAY_PLATFORM_SECRET']} (production)", {})

    def wrongly_said(self) -> RawMessage:
        self.simulator.misbehave("decimal_amount")
        return self.honest()

    def _resealed(self, secret: str, changed: Mapping[str, str]) -> RawMessage:
        raw = self.honest()
        outer = json.loads(raw.body)
        fields = {**json.loads(outer["message"]), **changed}
        fields["MaXacThuc"] = seal_of(fields, _QUERY_REPLY, secret) if secret else ""
        body = json.dumps({**outer, "message": json.dumps(fields, ensure_ascii=False)}).encode()
        return replace(raw, body=body)


class TestPlatformReader(ReaderContract):
    of = (PlatformReader,)

    @pytest.fixture
    def world(self, intermediary: Simulator, payments: PlatformParts) -> ReadingWorld:
        return PlatformAnswers(intermediary, payments)


class PlatformCallbacks(ReadingWorld):
    """The platform's own notices that something was paid, sealed as domain.md 2.2 says."""

    secret = "the platform's secret"

    def __init__(self) -> None:
        self.reader = PlatformCallbackReader("intermediary", "QUANGNINH", Secret(self.secret.encode(), "env:NOTHING"))

    def honest(self) -> RawMessage:
        return self._callback()

    def told_again_under_another_id(self, raw: RawMessage) -> RawMessage:
        return self._callback(ThoiGianGD="20261123011509")

    def tampered(self) -> RawMessage:
        raw = self._callback()
        return replace(raw, body=raw.body.replace(b"150000", b"950000"))

    def unsigned(self) -> RawMessage:
        return self._callback(secret="")

    def of_a_stranger(self) -> RawMessage:
        return self._callback(secret="a stranger's secret")

    def of_another_environment(self) -> RawMessage:
        return self._callback(secret=f"{self.secret} (production)")

    def wrongly_said(self) -> RawMessage:
        return self._callback(SoTien="1.5e5")

    def _callback(self, *, secret: str | None = None, **more: str) -> RawMessage:
        fields = {
            "LoaiBanTin": "CONFIRM", "MaLoi": "00", "MaDoiTac": "QUANGNINH", "MaThamChieu": "QNPF1", "SoTien": "150000",
            "MaTienTe": "VND", "MaGiaoDich": "TGTT1", "MaNganHang": "PAYMENT", "ThoiGianGD": "20261123011507",
            "ThongTinGiaoDich": "Lệ phí", **more,
        }  # fmt: skip
        by = self.secret if secret is None else secret
        seal = seal_of(fields, [*fields], by) if by else ""
        body = json.dumps({**fields, "MaXacThuc": seal}, ensure_ascii=False).encode()
        return RawMessage("intermediary", Kind.PAYMENT_STATUS, body)


class TestPlatformCallbackReader(ReaderContract):
    of = (PlatformCallbackReader,)

    @pytest.fixture
    def world(self) -> ReadingWorld:
        return PlatformCallbacks()


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
    of = (PlatformBillSource,)
    reads_with = (PlatformBillReader,)

    @pytest.fixture
    def world(self, intermediary: Simulator, payments: PlatformParts) -> BillWorld:
        return PlatformBills(intermediary, payments)
