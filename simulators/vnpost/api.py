"""VNPost's REST API: token, postOrder, cancelOrder, getOrderTracking (``domain.md`` 3.1)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import math
import secrets
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.answering import answer
from simulators.vnpost.state import CANCELLED, COLLECTED, COLLECTING, Vnpost

_TEXT = (
    "CustomerCode", "OrderNumber", "SenderAddress", "SenderName", "SenderTel", "ReceiverName", "ReceiverAddress",
    "ReceiverTel",
)  # fmt: skip
_NUMBERS = ("SenderProvince", "SenderDistrict", "ReceiverProvince", "CODAmount")


def routes(vnpost: Vnpost) -> list[Route]:
    """The routes of VNPost's own protocol."""

    async def token(request: Request) -> Response:
        form = await request.form()
        if form.get("grant_type") != "client_credentials" or not _is_client(request, vnpost):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        issued = secrets.token_urlsafe(24)
        vnpost.shelf.remove("token")
        vnpost.shelf.put("token", issued, {})
        return JSONResponse({"access_token": issued, "token_type": "Bearer", "expires_in": 3600})

    async def post_order(request: Request) -> Response:
        body = await request.body()
        return await _served(vnpost, request, "postOrder", _number(body), lambda: _place(vnpost, body))

    async def cancel_order(request: Request) -> Response:
        number = request.query_params.get("OrderNumber", "")
        customer = request.query_params.get("CustomerCode", "")
        return await _served(vnpost, request, "cancelOrder", number, lambda: _cancel(vnpost, customer, number))

    async def tracking(request: Request) -> Response:
        return await _served(vnpost, request, "getOrderTracking", "", lambda: _page(vnpost, request))

    return [
        Route("/token", token, methods=["POST"]),
        Route("/postOrder", post_order, methods=["POST"]),
        Route("/cancelOrder", cancel_order, methods=["GET"]),
        Route("/getOrderTracking", tracking, methods=["GET"]),
    ]


def _is_client(request: Request, vnpost: Vnpost) -> bool:
    try:
        given = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic "), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"{vnpost.client_id}:{vnpost.client_secret}".encode())


async def _served(
    vnpost: Vnpost, request: Request, operation: str, number: str, process: Callable[[], Awaitable[Response]]
) -> Response:
    facts = {"operation": operation, "order_number": number}
    if vnpost.misbehaviours.take("expire_token", **facts) is not None:
        vnpost.shelf.remove("token")
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if vnpost.shelf.get("token", bearer) is None:
        return JSONResponse({"error": "invalid_token"}, status_code=401)
    if (refusal := vnpost.misbehaviours.take("refuse", **facts)) is not None:
        return _reply(str(refusal.get("status", "199")), str(refusal.get("message", "Từ chối theo yêu cầu thử nghiệm")))
    return await answer(vnpost.misbehaviours, process, **facts)


async def _place(vnpost: Vnpost, body: bytes) -> Response:
    try:
        order = json.loads(body)
    except ValueError:
        return _reply("102", "Dữ liệu không phải JSON")
    wrong = _wrong(order, vnpost)
    if wrong:
        return _reply("102", f"Dữ liệu không hợp lệ: {', '.join(wrong)}")
    number = str(order["OrderNumber"])
    if vnpost.misbehaviours.take("lose_order", order_number=number) is not None:
        return _reply("100", "Thành công", ItemCode="QN999999999VN")
    vnpost.note("postOrder", number)
    known = vnpost.shelf.get("order", number)
    if known is not None:
        return _reply("101", f"Đơn hàng {number} đã tồn tại")
    return _reply("100", "Thành công", ItemCode=vnpost.place(order))


async def _cancel(vnpost: Vnpost, customer: str, number: str) -> Response:
    order = vnpost.shelf.get("order", number)
    if customer != vnpost.customer_code or order is None:
        return _reply("104", f"Không tìm thấy đơn hàng {number}")
    if order["State"] == CANCELLED:
        return _reply("100", "Đơn hàng đã hủy trước đó")
    if order["State"] not in (COLLECTING, COLLECTED):
        return _reply("105", "Đơn hàng đã phát, không hủy được")
    vnpost.track(number, CANCELLED)
    return _reply("100", "Hủy thành công")


async def _page(vnpost: Vnpost, request: Request) -> Response:
    size = int(request.query_params.get("pagesize", "0") or 0)
    cursor = request.query_params.get("lastId", "")
    if not 1 <= size <= 1000 or len(cursor) != 24:
        return JSONResponse({"message": "pagesize 1-1000 and lastId of 24 digits are mandatory"}, status_code=400)
    records = vnpost.shelf.after("record", cursor, size)
    total = len(vnpost.shelf.after("record", cursor, -1))
    claimed = len(records)
    if vnpost.misbehaviours.take("wrong_page_count", operation="getOrderTracking") is not None:
        claimed += 1
    return JSONResponse(
        {
            "_size": total,
            "_total_pages": math.ceil(total / size),
            "_returned": claimed,
            "_embedded": {"rh:doc": records},
        }
    )


def _wrong(order: object, vnpost: Vnpost) -> list[str]:
    if not isinstance(order, dict):
        return ["not an object"]
    wrong = [field for field in _TEXT if not isinstance(order.get(field), str) or not order[field].strip()]
    wrong += [field for field in _NUMBERS if type(order.get(field)) is not int or order[field] < 0]
    if order.get("CustomerCode") != vnpost.customer_code:
        wrong.append("CustomerCode")
    return wrong


def _number(body: bytes) -> str:
    try:
        return str(json.loads(body)["OrderNumber"])
    except (ValueError, KeyError, TypeError):
        return ""


def _reply(status: str, message: str, **more: str) -> Response:
    return JSONResponse({"Status": status, "Message": message, **more})
