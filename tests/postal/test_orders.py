"""Orders to VNPost over real HTTPS: every answer is exactly one outcome."""

from __future__ import annotations

import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.postal.adapter import PostalParts, build
from gateway.errors import Unavailable
from gateway.model import Kind, Knowledge, OutboundMessage, SendOutcome, SendVerdict
from gateway.partners import Partner
from tests import partner_pki
from tests.postal.conftest import SECRET
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


def test_101_to_a_first_attempt_stays_in_doubt_while_the_feed_says_nothing(
    vnpost: Simulator, parts: PostalParts
) -> None:
    message = order()
    vnpost.misbehave("refuse", status="101", message="đã tồn tại")
    outcome = send(parts, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "postal-order-exists")
    assert parts.orders.enquire(message).knowledge is Knowledge.HAS_IT_NOT


def test_101_to_a_repeated_attempt_is_delivered(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("refuse", status="101", message="đã tồn tại")
    outcome = send(parts, order(attempt=2))
    assert (outcome.verdict, outcome.code) == (SendVerdict.DELIVERED, "postal-order-exists")


def test_a_refusal_gives_the_order_up_with_vnposts_own_code(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("refuse", status="110", message="Ngoài vùng phục vụ")
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "postal-refused")
    assert outcome.facts["partner_code"] == "110"
    assert "Ngoài vùng phục vụ" in outcome.detail


def test_a_time_out_after_processing_is_in_doubt_and_the_enquiry_settles_it(
    vnpost: Simulator, parts: PostalParts
) -> None:
    message = order()
    vnpost.misbehave("timeout_after", seconds=2)
    outcome = send(parts, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "http-no-answer-in-time")
    enquiry = parts.orders.enquire(message)
    assert enquiry.knowledge is Knowledge.HAS_IT
    assert enquiry.facts["item_code"] == held(vnpost, message)[0]["ItemCode"]


def test_a_time_out_before_processing_is_in_doubt_and_the_order_is_sent_again(
    vnpost: Simulator, parts: PostalParts
) -> None:
    message = order()
    vnpost.misbehave("timeout_before", seconds=2)
    assert send(parts, message).verdict is SendVerdict.IN_DOUBT
    assert parts.orders.enquire(message).knowledge is Knowledge.HAS_IT_NOT
    assert send(parts, message).verdict is SendVerdict.DELIVERED
    assert len(held(vnpost, message)) == 1


def test_a_garbage_answer_is_in_doubt(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("garbage", match={"operation": "postOrder"})
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "bad-postal-reply")


def test_a_server_that_is_away_costs_lateness_only(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("refuse_http", status=503)
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "http-not-now")


@pytest.mark.parametrize("status", [403, 404])
def test_a_closed_way_to_vnpost_gives_no_order_up(vnpost: Simulator, parts: PostalParts, status: int) -> None:
    vnpost.misbehave("refuse_http", status=status)
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "http-refused")


def test_a_request_that_http_calls_bad_is_given_up(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("refuse_http", status=400)
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.facts["partner_code"]) == (SendVerdict.REFUSED, "400")


def test_an_expired_token_is_renewed_once(vnpost: Simulator, parts: PostalParts) -> None:
    send(parts, order())
    vnpost.misbehave("expire_token")
    assert send(parts, order()).verdict is SendVerdict.DELIVERED


def test_a_token_that_never_lasts_costs_lateness_only(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("expire_token", count=2)
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "session-not-accepted")


def test_a_wrong_secret_gives_no_order_up(vnpost_partner: Partner, vnpost_certs: Path) -> None:
    wrong = build(vnpost_partner, certs=vnpost_certs, environment="test", environ={"GATEWAY_VNPOST_SECRET": "sai"})
    outcome = send(wrong, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "login-refused")


def test_a_server_of_another_authority_is_never_spoken_to(vnpost_partner: Partner, tmp_path: Path) -> None:
    stranger = partner_pki.make(tmp_path / "certs")
    parts = build(vnpost_partner, certs=stranger, environment="test", environ=SECRET)
    outcome = send(parts, order())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "tls-peer-untrusted")


def test_one_refused_order_does_not_hold_up_the_others(vnpost: Simulator, parts: PostalParts) -> None:
    batch = [order() for _ in range(3)]
    vnpost.misbehave("refuse", match={"order_number": batch[1].payload["order_number"]})
    outcomes = {
        message.message_id: outcome.verdict
        for message, outcome in parts.orders.send([(message, parts.orders.encode(message)) for message in batch])
    }
    assert [outcomes[message.message_id] for message in batch] == [
        SendVerdict.DELIVERED,
        SendVerdict.REFUSED,
        SendVerdict.DELIVERED,
    ]


def test_an_order_that_vnpost_lost_is_told_as_accepted_and_never_shows_in_the_feed(
    vnpost: Simulator, parts: PostalParts
) -> None:
    message = order()
    vnpost.misbehave("lose_order")
    assert send(parts, message).verdict is SendVerdict.DELIVERED
    assert parts.orders.enquire(message).knowledge is Knowledge.HAS_IT_NOT


def test_an_order_is_cancelled_and_cancelling_twice_is_harmless(vnpost: Simulator, parts: PostalParts) -> None:
    message = order()
    send(parts, message)
    wish = cancel(str(message.payload["order_number"]))
    assert parts.orders.enquire(wish).knowledge is Knowledge.HAS_IT_NOT
    assert send(parts, wish).verdict is SendVerdict.DELIVERED
    assert send(parts, wish).verdict is SendVerdict.DELIVERED
    assert parts.orders.enquire(wish).knowledge is Knowledge.HAS_IT
    assert held(vnpost, message)[0]["State"] == 6


def test_a_cancellation_that_times_out_is_in_doubt(vnpost: Simulator, parts: PostalParts) -> None:
    message = order()
    send(parts, message)
    vnpost.misbehave("timeout_after", match={"operation": "cancelOrder"}, seconds=2)
    wish = cancel(str(message.payload["order_number"]))
    assert send(parts, wish).verdict is SendVerdict.IN_DOUBT
    assert parts.orders.enquire(wish).knowledge is Knowledge.HAS_IT


def test_cancelling_what_was_delivered_is_refused(vnpost: Simulator, parts: PostalParts) -> None:
    message = order()
    send(parts, message)
    vnpost.act("deliver", order_number=message.payload["order_number"])
    outcome = send(parts, cancel(str(message.payload["order_number"])))
    assert (outcome.verdict, outcome.facts["partner_code"]) == (SendVerdict.REFUSED, "105")


def test_orders_survive_a_crash_of_vnpost(vnpost: Simulator, parts: PostalParts) -> None:
    message = order()
    send(parts, message)
    vnpost.restart()
    assert held(vnpost, message)
    assert send(parts, message).code == "postal-order-exists"


def test_a_vnpost_that_cannot_be_asked_leaves_the_order_in_doubt(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("garbage", match={"operation": "getOrderTracking"})
    with pytest.raises(Unavailable) as caught:
        parts.orders.enquire(order())
    assert caught.value.code == "bad-tracking-page"


def test_vnpost_killed_in_mid_answer_leaves_the_order_in_doubt_and_there_once(
    vnpost: Simulator, parts: PostalParts
) -> None:
    message = order()
    send(parts, order())  # signed in, so that the order itself meets the crash
    vnpost.misbehave("timeout_after", match={"operation": "postOrder"}, seconds=30)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, parts, message)
        deadline = time.monotonic() + 10
        while not held(vnpost, message) and time.monotonic() < deadline:
            pass
        vnpost.restart()
        outcome = sending.result(timeout=10)
    assert outcome.verdict is SendVerdict.IN_DOUBT
    assert parts.orders.enquire(message).knowledge is Knowledge.HAS_IT
    assert len(held(vnpost, message)) == 1
