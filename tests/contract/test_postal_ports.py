"""VNPost's adapter keeps the promises of the ports."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapters.postal.adapter import PostalParts
from adapters.postal.feed import VnpostFeed
from adapters.postal.orders import PostalSender
from adapters.postal.remittance_reader import CodRemittanceReader
from adapters.wire.confirmations import ConfirmationSender
from adapters.wire.enquiry_answers import SignedAnswerReader
from adapters.wire.signed_files import SftpDocumentSource
from gateway.model import Kind, OutboundMessage, SendVerdict
from tests.contract.further_ports import (
    FeedWorld,
    RemittanceReaderContract,
    RemittanceWorld,
    TrackingFeedContract,
)
from tests.contract.ports import (
    AnswerWorld,
    DocumentSourceContract,
    DocumentWorld,
    EnquiryAnswerReaderContract,
    Published,
    SenderContract,
    SendingWorld,
)
from tests.postal.conftest import parts, running_vnpost, vnpost, vnpost_certs, vnpost_partner
from tests.postal.test_orders import cancel, order, send
from tests.postal.test_remittance_files import confirm, confirmation
from tests.simulator_process import Simulator

__all__ = ["parts", "running_vnpost", "vnpost", "vnpost_certs", "vnpost_partner"]

pytestmark = pytest.mark.contract
_names = itertools.count(1)
_days = iter(date(2030, 1, 1) + timedelta(days=number) for number in range(100))


class PostalWorld(SendingWorld):
    """Orders or cancellations at VNPost."""

    def __init__(self, simulator: Simulator, adapter: PostalParts, kind: Kind) -> None:
        self.simulator, self.adapter, self.kind = simulator, adapter, kind
        self.sender = adapter.orders
        self.operation = "postOrder" if kind is Kind.POSTAL_ORDER else "cancelOrder"

    def new_message(self) -> OutboundMessage:
        message = order()
        if self.kind is Kind.POSTAL_ORDER:
            return message
        send(self.adapter, message)
        return cancel(str(message.payload["order_number"]))

    def behave(self) -> None:
        self.simulator.behave()

    def process_and_lose_the_answer(self) -> None:
        self.simulator.misbehave("garbage", match={"operation": self.operation})

    def lose_the_message(self) -> None:
        self.simulator.misbehave("timeout_before", match={"operation": self.operation}, seconds=2)

    def refuse(self) -> None:
        self.simulator.misbehave("refuse", match={"operation": self.operation})

    def holds(self, message: OutboundMessage) -> int:
        number = message.payload["order_number"]
        found = [held for held in self.simulator.holds()["orders"] if held["OrderNumber"] == number]
        if self.kind is Kind.POSTAL_CANCEL:
            found = [held for held in found if held["State"] == 6]
        return len(found)


@pytest.mark.parametrize("kind", [Kind.POSTAL_ORDER, Kind.POSTAL_CANCEL])
class TestPostalSender(SenderContract):
    of = (PostalSender,)

    @pytest.fixture
    def world(self, vnpost: Simulator, parts: PostalParts, kind: Kind) -> SendingWorld:
        return PostalWorld(vnpost, parts, kind)


class ConfirmationWorld(SendingWorld):
    """Settlement confirmations into VNPost's folder."""

    def __init__(self, simulator: Simulator, adapter: PostalParts) -> None:
        assert adapter.confirmations is not None
        self.simulator, self.sender = simulator, adapter.confirmations

    def new_message(self) -> OutboundMessage:
        message = confirmation(f"XN_{next(_names)}.csv")
        self.last_name = str(message.payload["file_name"])
        return message

    def behave(self) -> None:
        self.simulator.behave()

    def process_and_lose_the_answer(self) -> None:
        # Its signature's upload comes first and must pass.
        self.simulator.misbehave("drop_after_upload", match={"name": self.last_name})

    def lose_the_message(self) -> None:
        self.simulator.misbehave("lose_file")

    def refuse(self) -> None:
        self.simulator.misbehave("refuse_upload")

    def holds(self, message: OutboundMessage) -> int:
        return [*self.simulator.holds()["confirmations"]].count(message.payload["file_name"])


class TestConfirmationSender(SenderContract):
    of = (ConfirmationSender,)

    @pytest.fixture
    def world(self, vnpost: Simulator, parts: PostalParts) -> SendingWorld:
        return ConfirmationWorld(vnpost, parts)


class CodFolder(DocumentWorld):
    """The signed COD files that VNPost offers."""

    def __init__(self, simulator: Simulator, adapter: PostalParts) -> None:
        self.simulator = simulator
        self.source = replace(adapter.remittances, settle_seconds=0.02)

    def publish(self, *amounts: int, fault: str = "") -> Published:
        extra = [{"order_number": f"H49-{number}", "state_fee": fee} for number, fee in enumerate(amounts)]
        made = self.simulator.act("make_remittance", on=next(_days).isoformat(), extra=extra, fault=fault)
        return Published(str(made["name"]), amounts)

    def cut_in_mid_file(self, name: str) -> None:
        self.simulator.misbehave("drop_mid_file", match={"name": name}, after=5_000)


class TestRemittanceSource(DocumentSourceContract):
    of = (SftpDocumentSource,)

    @pytest.fixture
    def documents(self, vnpost: Simulator, parts: PostalParts) -> DocumentWorld:
        return CodFolder(vnpost, parts)


class AnswersOfVnpost(AnswerWorld):
    """VNPost answers in its folder of COD files."""

    def __init__(self, simulator: Simulator, adapter: PostalParts) -> None:
        source, self.reader = adapter.answers
        self.simulator, self.adapter = simulator, adapter
        self.source, self.other_files = replace(source, settle_seconds=0.02), adapter.remittances

    def ask(self) -> str:
        number = f"TS{next(_names):012d}"
        payload = {"file_name": f"TRASOAT_vnpost_{number}.csv", "content": f"TRASOAT|{number}|vnpost\r\nHOI|Ai?\r\n"}
        message = OutboundMessage(9, "vnpost", Kind.ENQUIRY, f"enquiry:{number}", payload)
        assert confirm(self.adapter, message).verdict is SendVerdict.DELIVERED
        return number

    def answer(self, enquiry_id: str, *, text: str = "", fault: str = "") -> str:
        told = {"text": text} if text else {}
        return str(self.simulator.act("answer_enquiry", enquiry_id=enquiry_id, fault=fault, **told)["name"])


class TestEnquiryAnswerReader(EnquiryAnswerReaderContract):
    of = (SignedAnswerReader,)

    @pytest.fixture
    def answers(self, vnpost: Simulator, parts: PostalParts) -> AnswerWorld:
        return AnswersOfVnpost(vnpost, parts)


class TrackingAtVnpost(FeedWorld):
    """What happens to orders at VNPost."""

    def __init__(self, simulator: Simulator, adapter: PostalParts) -> None:
        self.simulator, self.adapter, self.feed = simulator, adapter, adapter.feed

    def happens(self, *statuses: int) -> str:
        message = order()
        send(self.adapter, message)
        number = str(message.payload["order_number"])
        for status in statuses:
            self.simulator.act("track", order_number=number, status=status)
        return number

    def go_away(self) -> None:
        self.simulator.misbehave("timeout_before", match={"operation": "getOrderTracking"}, seconds=2)

    def break_off(self) -> None:
        self.simulator.misbehave("wrong_page_count")


class TestTrackingFeed(TrackingFeedContract):
    of = (VnpostFeed,)

    @pytest.fixture
    def world(self, vnpost: Simulator, parts: PostalParts) -> FeedWorld:
        return TrackingAtVnpost(vnpost, parts)


class CodOfVnpost(RemittanceWorld):
    """The COD files that VNPost signs."""

    def __init__(self, simulator: Simulator, adapter: PostalParts) -> None:
        self.simulator, self.reader = simulator, adapter.remittance_reader
        self.source = replace(adapter.remittances, settle_seconds=0.02)

    def remit(self, *fees: int, fault: str = "", **more: object) -> str:
        extra = [{"order_number": f"H49-{number}", "state_fee": fee} for number, fee in enumerate(fees)]
        on = next(_days).isoformat()
        return str(self.simulator.act("make_remittance", on=on, extra=extra, fault=fault, **more)["name"])

    def wrong_count(self) -> str:
        return self.remit(1_000, count_wrong=True)

    def wrong_total(self) -> str:
        return self.remit(1_000, total_wrong=True)


class TestRemittanceReader(RemittanceReaderContract):
    of = (CodRemittanceReader,)

    @pytest.fixture
    def remittances(self, vnpost: Simulator, parts: PostalParts) -> RemittanceWorld:
        found = CodOfVnpost(vnpost, parts)
        found.remit()  # whatever the postmen of earlier stories collected is passed on in this one
        return found
