"""Dossier and step messages of a story."""

from __future__ import annotations

import itertools

from gateway.model import Kind, OutboundMessage

_NUMBERS = itertools.count(1)


def new_code() -> str:
    return f"H49.12-20261123-{next(_NUMBERS):04d}"


def dossier(code: str = "", *, status: int = 2, **more: object) -> OutboundMessage:
    code = code or new_code()
    payload = {
        "dossier_code": code,
        "procedure_code": "1.005129",
        "procedure_name": "Đăng ký kinh doanh hộ cá thể",
        "field_code": "LV01",
        "field_name": "Đăng ký kinh doanh",
        "channel": 2,
        "owner_name": "Nguyễn Thị Hoa",
        "owner_id_number": "022185000123",
        "owner_type": 1,
        "phone": "0912345678",
        "email": "",
        "address": "Số 5 Lê Lợi, Phường Hồng Gai, Quảng Ninh",
        "summary": "Đăng ký hộ kinh doanh",
        "status": status,
        "unit_code": "H49.12",
        "unit_name": "Sở Tài chính",
        "submitted_at": "2026-11-23T01:15:00+00:00",
        "accepted_at": "2026-11-23T18:30:00+00:00",
        "due_at": None,
        "finished_at": None,
        "returned_at": None,
        "refused_at": None,
        "returns_by_post": True,
        "paid_online": "unpaid",
        "fees": [{"fee_id": "f1", "kind": "le_phi", "name": "Lệ phí đăng ký", "amount": 100_000}],
        **more,
    }
    return OutboundMessage(1, "national-portal", Kind.DOSSIER_SYNC, f"d-{code}-{status}", payload, dossier_code=code)


def step(code: str, number: int = 1, *, status: int = 4) -> OutboundMessage:
    payload = {
        "dossier_code": code,
        "officer": "Trần Văn Bình",
        "officer_title": "Chuyên viên",
        "unit_name": "Sở Tài chính",
        "content": f"Bước {number}",
        "status": status,
        "processed_at": f"2026-11-23T03:{number:02d}:00+00:00",
        "started_at": "2026-11-23T02:00:00+00:00",
        "due_at": None,
    }
    message_id = f"s-{code}-{number}"
    return OutboundMessage(2, "national-portal", Kind.STEP_SYNC, message_id, payload, dossier_code=code)
