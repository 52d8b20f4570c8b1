"""Transfers to the treasury: the voucher (C1-02/NS, domain.md 6.3), recorded by one person and confirmed by another."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Literal

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from gateway.errors import Malformed, NotFound
from gateway.ledger.refusals import Words, refusal
from gateway.ledger.second_person import confirmed_already, second_person

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a voucher: ``chapter`` is mã chương (3 digits), ``subitem`` mã NDKT, tiểu mục (4 digits)."""

    kind: Literal["phi", "le_phi"]
    content: str
    amount: int
    chapter: str
    subitem: str
    document: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """Giấy nộp tiền vào NSNN. It covers the payments on ``account`` from ``covers_from`` to ``covers_to``."""

    voucher_number: str
    partner: str
    account: str
    paid_on: date
    covers_from: date
    covers_to: date
    payer_name: str
    treasury_name: str
    items: tuple[Item, ...]
    treasury_account: str = "7111"
    form_code: str = "C1-02/NS"
    document_number: str = ""
    reference: str = ""
    method: Literal["transfer", "cash"] = "transfer"
    payer_tax_code: str = ""
    payer_address: str = ""
    collects_as: str = "TK_THU_NSNN"
    authority: str = ""
    unit_code: str = ""

    @property
    def total(self) -> int:
        return sum(item.amount for item in self.items)


@dataclass(frozen=True, slots=True)
class Recorded(Voucher):
    """A voucher on record; it counts once a second person confirmed it."""

    voucher_pk: int = 0
    recorded_by: str = ""
    recorded_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None
    cancelled_reason: str | None = None


_COLUMNS = tuple(field.name for field in fields(Voucher) if field.name != "items")


_KNOWN = Words(
    "voucher-known",
    "look it up; cancel it with a reason if it was recorded wrong",
    "a voucher of this number and account is recorded already",
)
_INVALID = Words(
    "voucher-invalid",
    "chapter 3 digits, subitem 4, amounts above 0, a period that ends by the day of payment",
)


def record(conn: Rows, voucher: Voucher, by: str, now: datetime) -> int:
    """Store a voucher with its items, inside the caller's transaction; its number in our table.

    Raises Malformed ``voucher-invalid``, Conflict ``voucher-known``.
    """
    where = f"voucher {voucher.voucher_number}"
    if not voucher.items:
        raise Malformed(
            "it has no items",
            code="voucher-invalid",
            where=where,
            action="list what is paid, by subitem",
            case="no-items",
        )
    names = (*_COLUMNS, "total", "recorded_by", "recorded_at")
    marks = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO gateway.treasury_voucher ({', '.join(names)}) VALUES ({marks}) RETURNING voucher_pk"  # noqa: S608 - our own names
    values = (*(getattr(voucher, name) for name in _COLUMNS), voucher.total, by, now)
    try:
        with conn.transaction():
            row = conn.execute(statement.encode(), values).fetchone()
            pk = int(str(row[0])) if row is not None else 0
            conn.cursor().executemany(
                "INSERT INTO gateway.treasury_voucher_item (voucher_pk, line_no, kind, document, period, content,"
                " chapter, subitem, amount) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (pk, number, i.kind, i.document, i.period, i.content, i.chapter, i.subitem, i.amount)
                    for number, i in enumerate(voucher.items, start=1)
                ],
            )
    except psycopg.errors.IntegrityError as error:
        raise refusal(error, where, by, _facts(voucher), known=_KNOWN, invalid=_INVALID) from error
    return pk


def confirm(conn: Rows, voucher_pk: int, by: str, now: datetime) -> None:
    """The second person: from now on the voucher counts, inside the caller's transaction.

    Raises NotFound ``voucher-unknown``, Conflict ``confirmed-already``, Forbidden ``same-person``, ``act-not-allowed``.
    """
    found = voucher(conn, voucher_pk)
    where = f"voucher {found.voucher_number}"
    if found.cancelled_at is not None:
        raise _unknown(voucher_pk)
    with second_person(where, by), conn.transaction():
        done = conn.execute(
            "UPDATE gateway.treasury_voucher SET confirmed_by = %s, confirmed_at = %s"
            " WHERE voucher_pk = %s AND confirmed_at IS NULL AND cancelled_at IS NULL",
            (by, now, voucher_pk),
        )
    if done.rowcount == 0:
        raise confirmed_already(where)


def cancel(conn: Rows, voucher_pk: int, by: str, reason: str, now: datetime) -> None:
    """A voucher was recorded wrong, or its transfer was not made.

    Raises NotFound ``voucher-unknown``, Forbidden ``same-person``, ``act-not-allowed`` where it was confirmed.
    """
    with second_person(f"voucher {voucher_pk}", by), conn.transaction():
        done = conn.execute(
            "UPDATE gateway.treasury_voucher SET cancelled_by = %s, cancelled_at = %s, cancelled_reason = %s"
            " WHERE voucher_pk = %s AND cancelled_at IS NULL",
            (by, now, reason, voucher_pk),
        )
    if done.rowcount == 0:
        raise _unknown(voucher_pk)


def voucher(conn: Rows, voucher_pk: int) -> Recorded:
    """One voucher, cancelled or not. Raises NotFound ``voucher-unknown``."""
    found = _read(conn, "v.voucher_pk = %s", (voucher_pk,))
    if not found:
        raise _unknown(voucher_pk)
    return found[0]


def vouchers(conn: Rows, first: date, last: date, *, cancelled: bool = False) -> list[Recorded]:
    """The vouchers paid on these days, by day and number: those in force, or the cancelled ones."""
    return _read(conn, "v.paid_on BETWEEN %s AND %s AND (v.cancelled_at IS NOT NULL) = %s", (first, last, cancelled))


def _read(conn: Rows, where: str, values: tuple[object, ...]) -> list[Recorded]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT v.*, (SELECT jsonb_agg(to_jsonb(i) - 'voucher_pk' - 'line_no' ORDER BY i.line_no)"  # noqa: S608 - our own words
            "   FROM gateway.treasury_voucher_item i WHERE i.voucher_pk = v.voucher_pk) AS items"
            f" FROM gateway.treasury_voucher v WHERE {where} ORDER BY paid_on, voucher_number, voucher_pk".encode(),
            values,
        ).fetchall()
    return [_recorded(row) for row in rows]


def _unknown(voucher_pk: int) -> NotFound:
    return NotFound(
        "there is no such voucher, or it was cancelled",
        code="voucher-unknown",
        where=f"voucher {voucher_pk}",
        action="check its number with `gateway treasury list`",
        facts={"voucher": voucher_pk},
    )


def _facts(voucher: Voucher) -> dict[str, object]:
    """What an error says of a voucher; its account is nobody's business there."""
    told = ("voucher_number", "covers_from", "covers_to", "paid_on", "total")
    codes = {"chapters": [one.chapter for one in voucher.items], "subitems": [one.subitem for one in voucher.items]}
    return {**{name: getattr(voucher, name) for name in told}, **codes}


def _recorded(row: dict[str, object]) -> Recorded:
    row.pop("total")
    listed = row.pop("items") or []
    assert isinstance(listed, list)  # jsonb_agg
    return Recorded(items=tuple(Item(**item) for item in listed), **row)  # type: ignore[arg-type]  # columns are the fields
