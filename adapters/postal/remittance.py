"""The COD remittance file (project-defined: ``contracts/cod-remittance.md``) and our words for it. Pure.

State fee and postage are different money: two columns, two totals, never one sum.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from gateway.errors import Malformed, Untrusted
from gateway.model import Remittance, RemittanceLine

LAYOUT = "VNPOST-COD"
VERSION = "1"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,14}")
_HEADER_FIELDS, _DETAIL_FIELDS, _TRAILER_FIELDS = 8, 7, 4


def decode(content: bytes, *, partner: str, environment: str, customer_code: str, where: str) -> Remittance:
    """The remittance of a verified file.

    Raises Malformed (``remittance-layout``, ``bad-amount``, ``trailer-count-differs``, ``trailer-total-differs``) with
    the line, and Untrusted (``wrong-environment``) for a file of another environment.
    """
    rows = _rows(content, where)
    header, details, trailer = rows[0], rows[1:-1], rows[-1]
    _expect(header, "H", _HEADER_FIELDS, 1, where)
    _expect(trailer, "T", _TRAILER_FIELDS, len(rows), where)
    _, layout, version, its_environment, batch_id, customer, remitted_on, account = header
    if (layout, version) != (LAYOUT, VERSION):
        raise _layout(f"layout {layout!r} version {version!r} is not {LAYOUT} {VERSION}", 1, where)
    if its_environment != environment:
        raise Untrusted(
            f"a file of {its_environment!r} in {environment!r}",
            code="wrong-environment",
            where=where,
            action="ask VNPost to send the file of this environment",
        )
    if customer != customer_code:
        raise _layout(f"customer code {customer!r} is not ours", 1, where)
    if not batch_id or not account:
        raise _layout("batch id or account is empty", 1, where)
    lines = tuple(_line(row, number, where) for number, row in enumerate(details, start=2))
    total = _check_trailer(trailer, lines, len(rows), where)
    return Remittance(
        partner=partner,
        batch_id=batch_id,
        remitted_on=_date(remitted_on, 1, where),
        account=account,
        lines=lines,
        declared_count=len(lines),
        declared_total=total,
    )


def _rows(content: bytes, where: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _layout(f"not UTF-8 at byte {error.start}", None, where) from error
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise _layout(f"not CSV: {error}", None, where) from error
    if len(rows) < 2:
        raise _layout("header and trailer are not both there", None, where)
    return rows


def _line(row: list[str], number: int, where: str) -> RemittanceLine:
    _expect(row, "D", _DETAIL_FIELDS, number, where)
    _, sequence, order_number, item_code, state_fee, postage, collected_on = row
    if sequence != str(number - 1):
        raise _layout(f"detail {sequence!r} where {number - 1} is due", number, where)
    if not order_number:
        raise _layout("the order number is empty", number, where)
    return RemittanceLine(
        order_number=order_number,
        item_code=item_code,
        state_fee=_amount(state_fee, number, where),
        postage=_amount(postage, number, where),
        collected_on=_date(collected_on, number, where),
    )


def _check_trailer(row: list[str], lines: tuple[RemittanceLine, ...], number: int, where: str) -> int:
    count, state_fee, postage = (_amount(text, number, where) for text in row[1:])
    if count != len(lines):
        raise Malformed(
            f"the trailer counts {count} lines, the file holds {len(lines)}",
            code="trailer-count-differs",
            where=where,
            line=number,
            action="ask VNPost for a complete file",
        )
    for name, declared, actual in (
        ("state fee", state_fee, sum(line.state_fee for line in lines)),
        ("postage", postage, sum(line.postage for line in lines)),
    ):
        if declared != actual:
            raise Malformed(
                f"the trailer's {name} is {declared}, the lines add up to {actual}",
                code="trailer-total-differs",
                where=where,
                line=number,
                action="ask VNPost for a correct file",
            )
    return state_fee + postage


def _expect(row: list[str], record: str, fields: int, number: int, where: str) -> None:
    if not row or row[0] != record or len(row) != fields:
        raise _layout(f"record {row[0] if row else ''!r} of {len(row)} fields, not {record} of {fields}", number, where)


def _amount(text: str, number: int, where: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise Malformed(
            f"{text!r} is not a whole number of đồng",
            code="bad-amount",
            where=where,
            line=number,
            action="ask VNPost for a file with plain whole numbers",
        )
    return int(text)


def _date(text: str, number: int, where: str) -> date:
    try:
        if not _DATE.fullmatch(text):  # fromisoformat takes week dates and dates without hyphens, too
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise _layout(f"{text!r} is not a date YYYY-MM-DD", number, where) from error


def _layout(message: str, line: int | None, where: str) -> Malformed:
    return Malformed(message, code="remittance-layout", where=where, line=line, action="ask VNPost for a correct file")
