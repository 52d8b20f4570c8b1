"""The events of a dossier's life as the dossier system sends them (``adapters/dossier/contracts``)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from simulators.province.population import Dossier

Event = dict[str, Any]
POSTAGE = 25_000


def submitted(dossier: Dossier, at: datetime) -> Event:
    """The dossier becomes known; by public post its papers are to be collected."""
    owner, procedure = dossier.owner, dossier.procedure
    data: dict[str, Any] = {
        "procedure_code": procedure.code,
        "procedure_name": procedure.name,
        "field_code": procedure.field_code,
        "field_name": procedure.field_name,
        "channel": dossier.channel,
        "owner_name": owner.name,
        "owner_id_number": owner.id_number,
        "owner_type": 2 if owner.is_company else 1,
        "phone": owner.phone,
        "email": "",
        "address": owner.full_address(),
        "summary": procedure.name,
        "unit_code": procedure.unit_code,
        "unit_name": procedure.unit_name,
        "submitted_at": at.isoformat(),
        "due_at": None,
        "returns_by_post": dossier.returns_by_post,
    }
    if dossier.returns_by_post:
        data["deliver_to"] = owner.as_party()
    return _event(dossier, "dossier.submitted.v1", at, data)


def accepted(dossier: Dossier, at: datetime) -> Event:
    due = at + timedelta(days=dossier.procedure.days)
    data = {
        "accepted_at": at.isoformat(),
        "due_at": due.isoformat(),
        "officer": dossier.officer,
        "officer_title": dossier.officer_title,
    }
    return _event(dossier, "dossier.accepted.v1", at, data)


def refused(dossier: Dossier, at: datetime, reason: str) -> Event:
    data = {"refused_at": at.isoformat(), "reason": reason, "officer": dossier.officer}
    return _event(dossier, "dossier.refused.v1", at, data)


def withdrawn(dossier: Dossier, at: datetime, reason: str) -> Event:
    return _event(dossier, "dossier.withdrawn.v1", at, {"withdrawn_at": at.isoformat(), "reason": reason})


def step(dossier: Dossier, at: datetime, status: int, content: str) -> Event:
    data = {
        "officer": dossier.officer,
        "officer_title": dossier.officer_title,
        "unit_name": dossier.procedure.unit_name,
        "content": content,
        "status": status,
        "processed_at": at.isoformat(),
        "started_at": at.isoformat(),
    }
    return _event(dossier, "dossier.step.v1", at, data)


def fee_requested(dossier: Dossier, at: datetime) -> Event:
    """All fees of the dossier, by its owner's channel."""
    lines = [
        {"fee_id": str(number), "kind": fee.kind, "name": fee.name, "amount": fee.amount, "currency": "VND"}
        for number, fee in enumerate(dossier.fees, start=1)
    ]
    data = {
        "channel": dossier.payment,
        "lines": lines,
        "payer_name": dossier.owner.name,
        "payer_id_number": dossier.owner.id_number,
        "payer_address": dossier.owner.full_address(),
        "expires_at": (at + timedelta(days=7)).isoformat(),
    }
    return _event(dossier, "fee.requested.v1", at, data)


def fee_cancelled(dossier: Dossier, at: datetime, reason: str) -> Event:
    ids = [str(number) for number in range(1, len(dossier.fees) + 1)]
    return _event(dossier, "fee.cancelled.v1", at, {"fee_ids": ids, "reason": reason})


def counter_payment(dossier: Dossier, at: datetime, receipt: str, *, transaction: str = "") -> Event:
    """Cash, or a card at the terminal where the bank's ``transaction`` is named."""
    data: dict[str, Any] = {
        "method": "pos" if transaction else "cash",
        "amount": dossier.amount,
        "currency": "VND",
        "fee_ids": [str(number) for number in range(1, len(dossier.fees) + 1)],
        "receipt_series": "1K26TQN",
        "receipt_number": receipt,
        "cashier": "Vũ Thị Nhài",
        "paid_at": at.isoformat(),
    }
    if transaction:
        data |= {"terminal_id": "POS00001", "partner_transaction_id": transaction}
    return _event(dossier, "payment.counter.v1", at, data)


def result_ready(dossier: Dossier, at: datetime) -> Event:
    """By post the postman takes the postage, VNPost's own money, together with what is still owed."""
    data: dict[str, Any] = {"ready_at": at.isoformat(), "by_post": dossier.returns_by_post}
    if dossier.returns_by_post:
        data |= {"deliver_to": dossier.owner.as_party(), "description": "Kết quả giải quyết thủ tục hành chính"}
        data["postage"] = POSTAGE
    return _event(dossier, "result.ready.v1", at, data)


def result_returned(dossier: Dossier, at: datetime) -> Event:
    data = {"returned_at": at.isoformat(), "received_by": dossier.owner.name}
    return _event(dossier, "result.returned.v1", at, data)


def _event(dossier: Dossier, kind: str, at: datetime, data: dict[str, Any]) -> Event:
    # The id is made of what it is about, so that the same seed gives the same day.
    return {
        "id": f"{dossier.code}/{kind}/{at:%H%M%S}",
        "type": kind,
        "subject": dossier.code,
        "time": at.isoformat(),
        "data": data,
    }
