"""The payment intermediary's reconciliation file: fixed width, one record a line (domain.md 4.3).

Header (16), details (239), trailer (45). Project-defined: the record type of details is ``0002``, amounts are whole
đồng, the total is the sum of the amount fields and stands as 14 digits behind the trailer where a partner is configured
to send one, lines end with CR LF, widths count bytes (a file whose widths count characters is read, too).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from adapters.banking.statements.dates import day_near
from adapters.banking.statements.encodings import decode_text, encode_text, normal_name
from adapters.banking.statements.model import (
    NOTHING_AGREED,
    Agreed,
    ParsedEntry,
    ParsedStatement,
    StatementEvent,
    StatementProblem,
    Tally,
)
from gateway.errors import Malformed
from gateway.model import VIETNAM

HEADER_TYPE, DETAIL_TYPE, TRAILER_TYPE = "0001", "0002", "0009"
DETAIL_WIDTH = 239
IS_VNPAY = re.compile(r"^\ufeff?0001\d{12}[ \t\0]*(?:\r|\n|$)", re.ASCII)
_PADDING = b"\r\n\t\0\x1a"
_BOM = "\ufeff".encode()

_HEADER = re.compile(r"0001(\d{6})(\d{6})", re.ASCII)
# The peer's writer does not pad the count (domain.md 4.3), so the trailer is read from its end.
_TRAILER = re.compile(r"0009[ ]*(\d{1,9})(.{20})(\d{6})(\d{6})(\d{14})?", re.ASCII)

LEFT, RIGHT = "left", "right"  # which side the padding is on
LAYOUT: tuple[tuple[str, int, str, str], ...] = (
    ("record_type", 4, LEFT, "0"),
    ("mti", 4, LEFT, "0"),
    ("account", 21, LEFT, " "),
    ("processing_code", 6, LEFT, "0"),
    ("amount", 12, LEFT, "0"),
    ("trace", 40, RIGHT, " "),
    ("transaction_code", 20, RIGHT, " "),
    ("time", 6, LEFT, "0"),
    ("transaction_day", 4, LEFT, "0"),
    ("settlement_day", 4, LEFT, "0"),
    ("device_type", 4, RIGHT, " "),
    ("originator", 6, RIGHT, " "),
    ("approval", 6, RIGHT, " "),
    ("response_code", 2, RIGHT, " "),
    ("reconciliation_code", 2, RIGHT, " "),
    ("terminal", 8, RIGHT, " "),
    ("information", 30, RIGHT, " "),
    ("merchant", 60, RIGHT, " "),
)
"""Field, width, side of the padding, padding."""
_FREE_TEXT_STARTS = sum(width for _, width, _, _ in LAYOUT[:-2])

SUCCESS, TIMED_OUT = "00", "68"
_RECONCILIATION = {
    "35": "the intermediary has this transaction, the bank has not (35)",
    "31": "the bank has this transaction, the intermediary has not (31)",
}


@dataclass(frozen=True, slots=True)
class VnpayRecord:
    """One transaction. ``amount`` is in đồng; ``time`` is ``HHmmss`` in Vietnam."""

    account: str
    amount: int
    trace: str
    transaction_code: str
    transaction_on: date
    settlement_on: date
    time: str = "000000"
    mti: str = "0210"
    processing_code: str = "000000"
    device_type: str = ""
    originator: str = ""
    approval: str = ""
    response_code: str = SUCCESS
    reconciliation_code: str = ""
    terminal: str = ""
    information: str = ""
    merchant: str = ""

    @property
    def money(self) -> int:
        """The amount as money moved: negative for reversals (MTI 04xx) and refunds (processing code 20xxxx)."""
        back = self.mti.startswith("04") or self.processing_code.startswith("20")
        return -self.amount if back else self.amount


@dataclass(frozen=True, slots=True)
class VnpayFile:
    """A whole file. The trailer says ``created_at`` (aware) by Vietnam's wall clock."""

    bank_bin: str
    transaction_on: date
    records: Sequence[VnpayRecord]
    creator: str
    created_at: datetime


def write_vnpay(file: VnpayFile, *, encoding: str = "utf-8", with_total: bool = False, newline: str = "\r\n") -> bytes:
    """The file as bytes. Raises Malformed ``field-too-long``, ``bad-amount`` or ``not-text-in-encoding``."""
    lines = [f"{HEADER_TYPE}{_fixed(file.bank_bin, 6)}{file.transaction_on:%d%m%y}".encode("ascii")]
    lines += [_detail_line(record, encoding) for record in file.records]
    total = f"{sum(record.amount for record in file.records):014d}" if with_total else ""
    creator = _padded(file.creator, 20, LEFT, " ", encoding, "creator")
    stamp = f"{file.created_at.astimezone(VIETNAM):%H%M%S%d%m%y}{total}"
    lines.append(f"{TRAILER_TYPE}{len(file.records):09d}".encode("ascii") + creator + stamp.encode("ascii"))
    end = newline.encode("ascii")
    return end.join(lines) + end


def _fixed(digits: str, width: int) -> str:
    if len(digits) != width or not digits.isdecimal():
        raise Malformed(f"{digits!r} is not {width} digits", code="wrong-layout")
    return digits


def _detail_line(record: VnpayRecord, encoding: str) -> bytes:
    if not 0 <= record.amount < 10**12:
        raise Malformed(f"{record.amount} does not fit 12 digits without a sign", code="bad-amount")
    derived = {
        "record_type": DETAIL_TYPE,
        "amount": str(record.amount),
        "transaction_day": f"{record.transaction_on:%m%d}",
        "settlement_day": f"{record.settlement_on:%m%d}",
    }
    return b"".join(
        _padded(derived.get(name) or str(getattr(record, name)), width, side, pad, encoding, name)
        for name, width, side, pad in LAYOUT
    )


def _padded(text: str, width: int, side: str, pad: str, encoding: str, name: str) -> bytes:
    written = encode_text(text, encoding)
    if len(written) > width or b"\n" in written or b"\r" in written:
        raise Malformed(f"{name} takes {len(written)} bytes, its field has {width}", code="field-too-long", where=name)
    fill = pad.encode("ascii") * (width - len(written))
    return fill + written if side == LEFT else written + fill


@dataclass(slots=True)
class _Account:
    entries: list[ParsedEntry] = field(default_factory=list)
    problems: list[StatementProblem] = field(default_factory=list)


@dataclass(slots=True)
class _Details:
    """The details read so far: their accounts, and what the trailer is compared with."""

    accounts: dict[str, _Account] = field(default_factory=dict)
    count: int = 0
    total: int = 0
    broken: list[StatementProblem] = field(default_factory=list)
    filled: int = 0  # bytes of the header: some senders fill all lines up to one width


def read_vnpay(
    lines: Iterable[bytes], *, encoding: str = "utf-8", agreed: Agreed = NOTHING_AGREED
) -> Iterator[StatementEvent]:
    """One statement per account in the file, entries first; balances there are none.

    A wrong count or total in the trailer is a problem of every statement of the file and says which one is wrong.
    Raises Malformed ``wrong-layout`` for a header that is none, ``header-differs`` for one of another bank or day than
    ``agreed``, ``truncated-file`` without a trailer, ``not-text-in-encoding``.
    """
    encoding = normal_name(encoding)
    details = _Details()
    header: date | None = None
    trailer: tuple[int, int | None, int] | None = None
    number = 0
    for number, raw in enumerate((line.rstrip(_PADDING) for line in lines), start=1):
        if not raw.strip() or raw == _BOM:
            continue
        if header is None:
            header, details.filled = _header(decode_text(raw, encoding, first_line=number), agreed, number), len(raw)
        elif trailer is not None:
            raise Malformed("a record stands behind the trailer", code="wrong-layout", line=number)
        elif raw.startswith(b"0009"):
            trailer = _trailer(decode_text(raw, encoding, first_line=number), number)
        else:
            _take(details, raw[:DETAIL_WIDTH] if len(raw) == details.filled else raw, encoding, header, number)
    if header is None:
        raise Malformed("the file is empty", code="wrong-layout", line=1)
    if trailer is None:
        raise Malformed("the trailer (0009) is missing", code="truncated-file", line=number, action="Fetch it again.")
    details.broken += _trailer_problems(trailer, details.count, details.total, agreed.total)
    yield from _statements(details.accounts, details.broken, header)


def _take(details: _Details, raw: bytes, encoding: str, header: date, line: int) -> None:
    details.count += 1
    try:
        record = _record(raw, encoding, header, line)
    except (ValueError, Malformed) as unreadable:
        if isinstance(unreadable, Malformed) and unreadable.code == "not-text-in-encoding":
            raise
        details.broken.append(_bad_record(unreadable, line))
        return
    details.total += record.amount
    account = details.accounts.setdefault(record.account, _Account())
    account.entries.append(_entry(record, line))
    account.problems.extend(_record_problems(record, line))


def _header(text: str, agreed: Agreed, line: int) -> date:
    """The day of the header, which gives the days of all details their year. Raises Malformed."""
    match = _HEADER.fullmatch(text.lstrip("\ufeff").strip())
    if match is None:
        raise Malformed("the first line is no header (0001, BIN, ddMMyy)", code="wrong-layout", line=1)
    day = match[2]
    try:
        on = date(2000 + int(day[4:]), int(day[2:4]), int(day[:2]))
    except ValueError as impossible:
        raise Malformed(f"{day} is no day (ddMMyy)", code="wrong-layout", line=1) from impossible
    if agreed.bank_bin and match[1] != agreed.bank_bin:
        raise _header_differs(f"the header names the bank {match[1]}, agreed is {agreed.bank_bin}", line)
    if agreed.transaction_on and on != agreed.transaction_on:
        raise _header_differs(f"the header is of {on}, the file's name of {agreed.transaction_on}", line)
    return on


def _header_differs(message: str, line: int) -> Malformed:
    return Malformed(
        message, code="header-differs", line=line, action="Ask the sender; compare `accounts.bin` and `name_pattern`."
    )


def _trailer(text: str, line: int) -> tuple[int, int | None, int]:
    match = _TRAILER.fullmatch(text.rstrip())
    if match is None:
        raise Malformed(
            "the last line is no trailer (0009, count, creator, HHmmss, ddMMyy)", code="wrong-layout", line=line
        )
    return int(match[1]), int(match[5]) if match[5] else None, line


def _record(raw: bytes, encoding: str, header: date, line: int) -> VnpayRecord:
    """Raises ValueError or Malformed ``wrong-layout``, ``bad-entry``, ``bad-amount``, ``not-text-in-encoding``."""
    text = decode_text(raw, encoding, first_line=line)
    pieces: dict[str, str] = {}
    by_bytes = len(raw) == DETAIL_WIDTH or len(text) != DETAIL_WIDTH
    # Some transports cut blanks at the end of a line; only the free text at its end may be missing.
    if by_bytes and not _FREE_TEXT_STARTS <= len(raw) <= DETAIL_WIDTH:
        raise Malformed(f"a detail has {len(raw)} bytes instead of {DETAIL_WIDTH}", code="wrong-layout")
    at = 0
    for name, width, _, _ in LAYOUT:
        piece = decode_text(raw[at : at + width], encoding, first_line=line) if by_bytes else text[at : at + width]
        pieces[name] = piece.strip()
        at += width
    kind, amount = pieces.pop("record_type"), pieces.pop("amount")
    if kind != DETAIL_TYPE:
        raise Malformed(f"a record of type {kind!r} is no detail ({DETAIL_TYPE})", code="bad-entry")
    if not (amount.isascii() and amount.isdecimal()):
        raise Malformed(f"the amount {amount!r} is no whole number of đồng", code="bad-amount")
    transaction_on = day_near(pieces.pop("transaction_day"), header)
    settlement_on = day_near(pieces.pop("settlement_day"), header)
    return VnpayRecord(amount=int(amount), transaction_on=transaction_on, settlement_on=settlement_on, **pieces)


def _bad_record(unreadable: Exception, line: int) -> StatementProblem:
    if isinstance(unreadable, Malformed):
        return StatementProblem(unreadable.code, unreadable.message, line)
    return StatementProblem("bad-entry", f"a day (MMdd) is none: {unreadable}", line)


def _entry(record: VnpayRecord, line: int) -> ParsedEntry:
    references = {
        "trace": record.trace,
        "transaction": record.transaction_code,
        "approval": record.approval,
        "terminal": record.terminal,
    }
    return ParsedEntry(
        record.transaction_on,
        record.settlement_on,
        record.money,
        "VND",
        {name: value for name, value in references.items() if value},
        "\n".join(text for text in (record.information, record.merchant) if text),
        line,
        record.response_code in (SUCCESS, TIMED_OUT, ""),
        response=record.response_code,
    )


def _record_problems(record: VnpayRecord, line: int) -> Iterator[StatementProblem]:
    if record.response_code == TIMED_OUT:
        yield StatementProblem("outcome-pending", "response 68: counts as paid until proven otherwise", line)
    elif record.response_code not in (SUCCESS, ""):
        yield StatementProblem("unbooked-entry", f"response {record.response_code}: no money moved", line)
    if record.reconciliation_code in _RECONCILIATION:
        yield StatementProblem("partner-reports-difference", _RECONCILIATION[record.reconciliation_code], line)


def _trailer_problems(
    trailer: tuple[int, int | None, int], count: int, total: int, total_expected: bool
) -> Iterator[StatementProblem]:
    said_count, said_total, line = trailer
    if said_count != count:
        yield StatementProblem(
            "trailer-count-differs", f"the trailer says {said_count} records, the file has {count}", line
        )
    if said_total is not None and said_total != total:
        yield StatementProblem(
            "trailer-total-differs", f"the trailer says {said_total} đồng, the records add up to {total}", line
        )
    if said_total is None and total_expected:
        yield StatementProblem("trailer-total-missing", "the trailer has no total, but one is agreed", line)


def _statements(
    accounts: dict[str, _Account], broken: list[StatementProblem], header: date
) -> Iterator[StatementEvent]:
    name = f"{header:%Y-%m-%d}"
    if not accounts:
        empty = StatementProblem("empty-statement", "the file has no records", 1)
        yield ParsedStatement("", "VND", None, None, (), (empty, *broken), name)
    for number, account in accounts.items():
        tally = Tally()
        for entry in account.entries:
            tally.add(entry)
            yield entry
        missing = () if number else (StatementProblem("account-missing", "records without an account", 0),)
        yield ParsedStatement(number, "VND", None, None, (), (*missing, *account.problems, *broken), name)
