"""The bank's signed statement files: camt.053 or MT940, one file per day with a statement per account."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from lxml import etree

from simulators.bank.books import Entry
from simulators.bank.collection import Desk
from simulators.publishing import Outgoing, publish

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
FAULTS = frozenset({"other_account", "wrong_count", "wrong_balance"})


@dataclass(frozen=True, slots=True)
class Order:
    """Which statement to write. ``overlap_days``: the days before are in it again.

    ``fault``: one of ``publishing.FAULTS``, or other_account, wrong_count (camt.053), wrong_balance.
    """

    on: date
    number: int = 1
    fault: str = ""
    overlap_days: int = 0


@dataclass(frozen=True, slots=True)
class AccountDay:
    """What one account's statement says."""

    account: str
    first: date
    last: date
    opening: int
    closing: int
    entries: Sequence[Entry]


def write(desk: Desk, files: Path, certs: Path, order: Order) -> dict[str, object]:
    """Write the file and its ``.p7s``; returns its name and size. Raises CannotAct for an unknown fault."""
    name = desk.habits.file_name.format(date=f"{order.on:%Y%m%d}", number=order.number)
    fault = "" if order.fault in FAULTS else order.fault
    outgoing = Outgoing(files / desk.habits.statement_folder, name, _content(desk, order), fault)
    return publish(outgoing, certs, desk.habits.name)


def _content(desk: Desk, order: Order) -> bytes:
    days = list(_account_days(desk, order))
    if desk.habits.format == "camt.053":
        return _camt(desk, order, days)
    return _encode("".join(_mt940(day) for day in days), desk.habits.encoding)


def _account_days(desk: Desk, order: Order) -> Iterable[AccountDay]:
    first = order.on - timedelta(days=order.overlap_days)
    for account, beginning in desk.habits.accounts.items():
        entries = desk.books.booked(account, first, order.on)
        opening = beginning + desk.books.moved_before(account, first)
        closing = opening + sum(entry.amount for entry in entries)
        if order.fault == "wrong_balance":
            closing += 1000
        shown = "9" + account[1:] if order.fault == "other_account" else account
        yield AccountDay(shown, first, order.on, opening, closing, entries)


def _camt(desk: Desk, order: Order, days: Sequence[AccountDay]) -> bytes:
    root = etree.Element(f"{{{CAMT}}}Document", nsmap={None: CAMT})  # type: ignore[dict-item]  # lxml-stubs forgets the default namespace
    report = _add(root, "BkToCstmrStmt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", f"{desk.habits.name.upper()}{order.on:%Y%m%d}{order.number:03d}")
    _add(header, "CreDtTm", f"{order.on}T23:30:00+07:00")
    for day in days:
        statement = _add(report, "Stmt")
        _add(statement, "Id", f"{day.account}-{day.last:%Y%m%d}-{order.number}")
        _add(statement, "ElctrncSeqNb", f"{day.last:%j}".lstrip("0"))
        _add(statement, "CreDtTm", f"{order.on}T23:30:00+07:00")
        account = _add(statement, "Acct")
        _add(_add(_add(account, "Id"), "Othr"), "Id", day.account)
        _add(account, "Ccy", "VND")
        for code, amount, on in (("OPBD", day.opening, day.first), ("CLBD", day.closing, day.last)):
            _camt_balance(statement, code, amount, on)
        summary = _add(_add(statement, "TxsSummry"), "TtlNtries")
        _add(summary, "NbOfNtries", str(len(day.entries) + (order.fault == "wrong_count")))
        _add(summary, "Sum", str(sum(abs(entry.amount) for entry in day.entries)))
        for entry in day.entries:
            _camt_entry(statement, entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _camt_balance(statement: etree._Element, code: str, amount: int, on: date) -> None:
    balance = _add(statement, "Bal")
    _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", code)
    _money(balance, amount)
    _add(_add(balance, "Dt"), "Dt", on.isoformat())


def _camt_entry(statement: etree._Element, entry: Entry) -> None:
    node = _add(statement, "Ntry")
    _money(node, entry.amount)
    _add(_add(node, "Sts"), "Cd", "BOOK")
    _add(_add(node, "BookgDt"), "Dt", entry.booked_on.isoformat())
    _add(_add(node, "ValDt"), "Dt", entry.value_on.isoformat())
    _add(node, "AcctSvcrRef", entry.number)
    details = _add(_add(node, "NtryDtls"), "TxDtls")
    _add(_add(details, "Refs"), "EndToEndId", entry.reference or "NOTPROVIDED")
    _add(_add(details, "RmtInf"), "Ustrd", entry.text[:140])


def _money(node: etree._Element, amount: int) -> None:
    money = _add(node, "Amt", str(abs(amount)))
    money.set("Ccy", "VND")
    _add(node, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{CAMT}}}{name}")
    child.text = text
    return child


def _mt940(day: AccountDay) -> str:
    lines = [
        f":20:SK{day.last:%y%m%d}",
        f":25:{day.account}",
        f":28C:{day.last:%j}/001",
        f":60F:{_mt_balance(day.opening, day.first)}",
    ]
    for entry in day.entries:
        mark = "C" if entry.amount >= 0 else "D"
        lines.append(
            f":61:{entry.value_on:%y%m%d}{entry.booked_on:%m%d}{mark}{abs(entry.amount)},NTRFNONREF//{entry.number}"
        )
        tagged = f"/EREF/{entry.reference}/REMI/{entry.text}" if entry.reference else f"/REMI/{entry.text}"
        lines.append(":86:" + "\r\n".join(tagged[at : at + 65] for at in range(0, min(len(tagged), 390), 65)))
    lines.append(f":62F:{_mt_balance(day.closing, day.last)}")
    return "\r\n".join(lines) + "\r\n-\r\n"


def _mt_balance(amount: int, on: date) -> str:
    return f"{'C' if amount >= 0 else 'D'}{on:%y%m%d}VND{abs(amount)},"


def _encode(text: str, encoding: str) -> bytes:
    """``text`` in the bank's encoding; windows-1258 writes most tone marks as a letter of their own."""
    if encoding != "windows-1258":
        return text.encode(encoding)
    return b"".join(_to_1258(letter) for letter in unicodedata.normalize("NFC", text))


def _to_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
        base = unicodedata.normalize("NFC", parts.replace(tone, ""))
        return (base + tone).encode("cp1258", "replace")
