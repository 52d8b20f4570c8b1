"""Orders to VNPost over real HTTPS: every answer is exactly one outcome."""

from __future__ import annotations

import itertools
import json

import pytest

from adapters.postal.adapter import PostalParts
from gateway.model import Kind, OutboundMessage, SendOutcome, SendVerdict
from tests.simulator_process import Simulator

pytestmark = pytest.mark.scenario
_NUMBERS = itertools.count(1)


def order(*, attempt: int = 1, number: str = "", cod: int = 150_000) -> OutboundMessage:
    number = number or f"H49.12-20261123-{next(_NUMBERS):04d}"
    citizen = {
        "name": "Nguyễn Thị Hoa",
        "phone": "0912345678",
        "address": "Số 5 Lê Lợi",
        "commune": "Phường Hồng Gai",
        "province": "Quảng Ninh",
    }
    nobody = {"name": "", "phone": "", "address": "", "commune": "", "province": ""}
    payload = {
        "order_number": number,
        "dossier_code": number,
        "direction": "deliver",
        "cod_amount": cod,
        "sender": nobody,
        "receiver": citizen,
        "description": "Kết quả hồ sơ",
    }
    return OutboundMessage(1, "vnpost", Kind.POSTAL_ORDER, f"m-{number}", payload, dossier_code=number, attempt=attempt)


def cancel(number: str) -> OutboundMessage:
    payload = {"order_number": number, "reason": "công dân rút hồ sơ"}
    return OutboundMessage(2, "vnpost", Kind.POSTAL_CANCEL, f"c-{number}", payload, dossier_code=number)


def send(parts: PostalParts, message: OutboundMessage) -> SendOutcome:
    ((sent, outcome),) = parts.orders.send([(message, parts.orders.encode(message))])
    assert sent is message
    return outcome


def held(vnpost: Simulator, message: OutboundMessage) -> list[dict[str, object]]:
    return [found for found in vnpost.holds()["orders"] if found["OrderNumber"] == message.payload["order_number"]]


def test_an_order_is_accepted_and_its_item_code_is_told(vnpost: Simulator, parts: PostalParts) -> None:
    message = order()
    outcome = send(parts, message)
    assert outcome.verdict is SendVerdict.DELIVERED
    (kept,) = held(vnpost, message)
    assert outcome.facts == {"item_code": kept["ItemCode"]}
    assert kept["SenderName"] == "Trung tâm Phục vụ hành chính công tỉnh Quảng Ninh"
    assert kept["ReceiverAddress"] == "Số 5 Lê Lợi, Phường Hồng Gai"
    assert kept["CODAmount"] == 150_000
    assert outcome.reply is not None
    assert json.loads(outcome.reply)["Status"] == "100"


def test_an_order_that_exists_already_is_delivered_once_the_feed_shows_it(
    vnpost: Simulator, parts: PostalParts
) -> None:
    message = order()
    send(parts, message)
    outcome = send(parts, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.DELIVERED, "postal-order-exists")
    assert len(held(vnpost, message)) == 1
