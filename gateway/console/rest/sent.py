"""What was sent: the archive of reports that left by mail or into a folder."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from gateway.application import sent_reports
from gateway.application.sent_reports import Sent
from gateway.console.rest.answers import file, told
from gateway.console.visit import Looking


def router() -> APIRouter:
    """``/sent`` and one delivery's bytes."""
    rest = APIRouter(tags=["sent reports"])
    rest.get("/sent", response_model=list[Sent])(listed)
    rest.get("/sent/{delivery_pk}")(download)
    return rest


def listed(visit: Looking, partner: str, period: str) -> JSONResponse:
    """What was sent about a day (2026-11-23) or month (2026-11), the newest first; addresses are masked."""
    return told(sent_reports.sent(visit.desk, visit.person, partner, period))


def download(visit: Looking, delivery_pk: int) -> Response:
    """The bytes that left; that they were taken is logged."""
    got = sent_reports.download_sent(visit.desk, visit.person, delivery_pk)
    return file(got.name, got.content, got.media_type)
