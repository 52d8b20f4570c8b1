"""Short ways to tell a business story to the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from gateway.ledger.events import apply_dossier_events
from gateway.ledger.payments import record_statuses
from gateway.model import Applied, Channel, DossierEvent, EventType, OutboxRow, PaymentState, PaymentStatus
from gateway.partners import Partner

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday 10:00 in Viet Nam
CODE = "H49.12-20261123-0000001"


@dataclass
class Story:
    """Tells events and payments to the ledger as the dossier system and the partners would."""

    conn: psycopg.Connection[Any]
    partners: Mapping[str, Partner]
    now: datetime = NOW
    outbox: list[OutboxRow] = field(default_factory=list)
    count: int = 0

    def message(self) -> int:
        """A believed message of the spine, to hang a business change on."""
        self.count += 1
        body = str(self.count).encode()
        self.conn.execute("SELECT gateway.ensure_month('2026-11-01')")
        row = self.conn.execute(
            "WITH told AS (INSERT INTO gateway.message (direction, partner, kind, state, body_month, body_sha256,"
            " body_size, business_on, created_at, state_at)"
            " VALUES ('in', 'test', 'test', 'stored', '2026-11-01', %s, 1, '2026-11-23', now(), now())"
            " RETURNING message_pk, body_month)"
            " INSERT INTO gateway.message_body (month, message_pk, body) SELECT body_month, message_pk, %s FROM told"
            " RETURNING message_pk",
            (hashlib.sha256(body).digest(), body),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def tell(self, type_: EventType, data: Mapping[str, object], code: str = CODE) -> Applied:
        event = DossierEvent(f"e{self.count}", type_, code, self.now + timedelta(seconds=self.count), data)
        results, rows = apply_dossier_events(self.conn, [(self.message(), event)], partners=self.partners, now=self.now)
        self.outbox += rows
        return results[0]

    def submit(self, code: str = CODE, **more: object) -> Applied:
        return self.tell(EventType.DOSSIER_SUBMITTED, submitted(**more), code)

    def ask(
        self, *lines: tuple[str, str, int], channel: str = "internet_banking", code: str = CODE, **payer: object
    ) -> str:
        """Request fees (fee_id, kind, amount); returns the payment reference, "" for cash."""
        result = self.tell(EventType.FEE_REQUESTED, {**requested(*lines, channel=channel), **payer}, code)
        assert result == Applied(), result
        return self.reference(code)

    def reference(self, code: str = CODE) -> str:
        row = self.conn.execute(
            "SELECT reference FROM gateway.payment_request WHERE dossier_code = %s AND state = 'open'"
            " ORDER BY request_pk DESC LIMIT 1",
            (code,),
        ).fetchone()
        return "" if row is None else str(row[0])

    def pay(self, reference: str, amount: int, transaction: str = "", **more: Any) -> Applied:
        """The bank tells that a payer paid."""
        status = PaymentStatus(
            partner=more.get("partner", "bank-a"),
            channel=more.get("channel", Channel.INTERNET_BANKING),
            reference=reference,
            state=more.get("state", PaymentState.PAID),
            amount=amount,
            account=more.get("account", "1120000000101"),
            partner_transaction_id=transaction or f"T{self.count}",
            paid_at=more.get("paid_at", self.now),
            business_on=more.get("business_on"),
        )
        results, rows = record_statuses(self.conn, [(self.message(), status)], partners=self.partners, now=self.now)
        self.outbox += rows
        return results[0]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.conn.execute(query, values).fetchall()  # type: ignore[call-overload]  # a literal of the tests

    def one(self, query: str, *values: object) -> Any:
        """The only value of the only row."""
        rows = self.rows(query, *values)
        assert len(rows) == 1, rows
        return rows[0][0] if len(rows[0]) == 1 else rows[0]

    def sent(self, kind: str) -> list[OutboxRow]:
        return [row for row in self.outbox if row.kind == kind]


def submitted(**more: object) -> dict[str, object]:
    return {
        "procedure_code": "1.005129",
        "procedure_name": "Cấp giấy phép xây dựng",
        "field_code": "XD",
        "field_name": "Xây dựng",
        "channel": 2,
        "owner_name": "Nguyễn Thị Hạnh",
        "owner_id_number": "022190000001",
        "owner_type": 1,
        "phone": "0912345678",
        "email": "",
        "address": "Tổ 5, Phường Hồng Gai",
        "summary": "Nhà ở riêng lẻ",
        "unit_code": "H49.12",
        "unit_name": "Sở Xây dựng",
        "submitted_at": "2026-11-23T08:00:00+07:00",
        "returns_by_post": False,
        **more,
    }


def requested(*lines: tuple[str, str, int], channel: str) -> dict[str, object]:
    return {
        "channel": channel,
        "payer_name": "Nguyễn Thị Hạnh",
        "lines": [{"fee_id": f, "kind": k, "name": "Phí thẩm định", "amount": a} for f, k, a in lines],
    }


MONDAY = date(2026, 11, 23)
