"""Misbehaviours that every HTTP simulator has alike, around the processing of one request.

``slow``            answer after ``seconds`` (default 2), correctly
``timeout_before``  do nothing with the request and answer after ``seconds`` (default 5) with 504
``timeout_after``   process the request and answer after ``seconds`` (default 5) with 504
``refuse_http``     do nothing and answer HTTP ``status`` (default 503)
``garbage``         process the request and answer bytes that are no reply
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from simulators.control import Misbehaviours

BEHAVIOURS = frozenset({"slow", "timeout_before", "timeout_after", "refuse_http", "garbage"})
GARBAGE = b"<html><body>502 Bad Gateway</body></html>"


async def answer(planned: Misbehaviours, process: Callable[[], Awaitable[Response]], **facts: object) -> Response:
    """The response of ``process``, or what is planned in its place for a request with these ``facts``."""
    if (refusal := planned.take("refuse_http", **facts)) is not None:
        return Response("tạm ngừng phục vụ", status_code=int(str(refusal.get("status", 503))))
    if (lost := planned.take("timeout_before", **facts)) is not None:
        await asyncio.sleep(float(str(lost.get("seconds", 5))))
        return Response(status_code=504)
    late = planned.take("timeout_after", **facts)
    slow = planned.take("slow", **facts)
    garbage = planned.take("garbage", **facts)
    response = await process()
    if late is not None:
        await asyncio.sleep(float(str(late.get("seconds", 5))))
        return Response(status_code=504)
    if slow is not None:
        await asyncio.sleep(float(str(slow.get("seconds", 2))))
    return response if garbage is None else Response(GARBAGE, media_type="text/html")
