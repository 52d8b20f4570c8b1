"""How a route answers a program."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response


def told(value: object) -> JSONResponse:
    """Plain rows as JSON: đồng as integers, times in UTC, dates as ISO."""
    return JSONResponse(jsonable_encoder(value))


def file(name: str, content: bytes, media_type: str = "application/octet-stream") -> Response:
    """A file to be saved."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)
