"""Events of the dossier system as it sends them, for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

CODE = "000.00.12.H49-261123-0001"
AT = "2026-11-23T08:15:00+07:00"

PARTY = {
    "name": "Nguyễn Thị Hường",
    "phone": "0900000001",
    "address": "Số 12, tổ 5",
    "commune": "Phường Hồng Gai",
    "province": "Quảng Ninh",
}

DATA: Mapping[str, dict[str, Any]] = {
    "dossier.submitted.v1": {
        "procedure_code": "1.004199",
        "procedure_name": "Đăng ký biến động quyền sử dụng đất",
        "field_code": "DD",
        "field_name": "Đất đai",
        "channel": 3,
        "owner_name": "Nguyễn Thị Hường",
        "owner_id_number": "022000000001",
        "owner_type": 1,
        "phone": "0900000001",
        "email": "",
        "address": "Số 12, tổ 5, Phường Hồng Gai, Quảng Ninh",
        "summary": "Đăng ký biến động",
        "unit_code": "H49.12",
        "unit_name": "Văn phòng Đăng ký đất đai tỉnh Quảng Ninh",
        "submitted_at": AT,
        "due_at": None,
        "returns_by_post": True,
        "collect_from": PARTY,
        "deliver_to": PARTY,
    },
    "dossier.accepted.v1": {
        "accepted_at": AT,
        "due_at": None,
        "officer": "Đặng Văn Tuấn",
        "officer_title": "Chuyên viên",
    },
    "dossier.refused.v1": {"refused_at": AT, "reason": "Thiếu giấy tờ", "officer": "Đặng Văn Tuấn"},
    "dossier.withdrawn.v1": {"withdrawn_at": AT, "reason": "Công dân rút hồ sơ"},
    "dossier.step.v1": {
        "officer": "Đặng Văn Tuấn",
        "officer_title": "Chuyên viên",
        "unit_name": "Văn phòng Đăng ký đất đai",
        "content": "Thẩm định hồ sơ",
        "status": 4,
        "processed_at": AT,
        "started_at": AT,
        "due_at": AT,
    },
    "fee.requested.v1": {
        "channel": "qr",
        "lines": [
            {"fee_id": "1", "kind": "phi", "name": "Phí thẩm định", "amount": 350000, "currency": "VND"},
            {"fee_id": "2", "kind": "le_phi", "name": "Lệ phí cấp giấy", "amount": 50000},
        ],
        "payer_name": "Nguyễn Thị Hường",
        "payer_id_number": "022000000001",
        "payer_address": "Phường Hồng Gai",
        "expires_at": None,
    },
    "fee.changed.v1": {
        "lines": [{"fee_id": "1", "kind": "phi", "name": "Phí thẩm định", "amount": 300000}],
        "reason": "Giảm phí",
        "channel": "pos",
    },
    "fee.cancelled.v1": {"fee_ids": ["1", "2"], "reason": "Miễn phí"},
    "payment.counter.v1": {
        "method": "pos",
        "amount": 400000,
        "currency": "VND",
        "fee_ids": ["1", "2"],
        "receipt_series": "1K26TQN",
        "receipt_number": "0000123",
        "cashier": "Vũ Thị Nhài",
        "paid_at": AT,
        "terminal_id": "POS001",
        "partner_transaction_id": "POS20261123001",
    },
    "result.ready.v1": {
        "ready_at": AT,
        "by_post": True,
        "postage": 30000,
        "deliver_to": PARTY,
        "description": "Giấy chứng nhận",
    },
    "result.returned.v1": {"returned_at": AT, "received_by": "Nguyễn Thị Hường"},
    "gateway.payment.confirmed.v1": {
        "fee_id": "1",
        "amount": 350000,
        "channel": "qr",
        "reference": "QN2611230000001",
        "paid_at": AT,
    },
    "gateway.payment.refunded.v1": {"refund_id": "HT2611230000001", "amount": 350000, "reason": "Không được tiếp nhận"},
    "gateway.postal.status.v1": {
        "order_number": CODE,
        "item_code": "EC000000001VN",
        "direction": "deliver",
        "meaning": "delivered",
        "occurred_at": AT,
    },
    "gateway.portal.status.v1": {"kind": "dossier_sync", "outcome": "delivered", "detail": ""},
    "gateway.receipts.v1": {"receipts": ["aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl"]},
    "gateway.day.approved.v1": {"partner": "bank-a", "business_on": "2026-11-23", "approved_by": "ketoan2"},
}
"""Every field of every event's data, by CloudEvents type without its prefix."""


def event(name: str, /, data: Mapping[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    """A whole event of the type ``vn.quangninh.<name>``; ``data`` and ``attributes`` override single fields."""
    return {
        "specversion": "1.0",
        "id": "e-0001",
        "source": "/quang-ninh/dossier",
        "type": f"vn.quangninh.{name}",
        "subject": CODE,
        "time": AT,
        "datacontenttype": "application/json",
        "data": {**DATA[name], **(data or {})},
        **attributes,
    }


def as_bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
