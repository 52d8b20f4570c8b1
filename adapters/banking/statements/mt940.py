"""MT940 and MT942: a streaming reader for what banks really send.

Line ends, SWIFT blocks, control characters, missing fields, several statements and pages (``60M``/``62M``) are all
taken as they come. What does not fit is a problem of its statement and hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from adapters.banking.statements import swift_fields as swift
from adapters.banking.statements.dates import day, day_near
from adapters.banking.statements.model import (
    Balance,
    ParsedEntry,
    ParsedStatement,
    StatementEvent,
)
from adapters.banking.statements.money import minor_units
from adapters.banking.statements.swift_draft import Draft, Line, judge
from adapters.banking.statements.swift_stream import fields_of
from gateway.errors import Malformed

_parts_of = swift.STATEMENT_LINE.fullmatch


def read_mt940(batches: Iterable[list[str]]) -> Iterator[StatementEvent]:
    """The statements of an MT940 or MT942 file, entries first. Raises Malformed ``unknown-format`` if it has none."""
    reader = _Reader()
    ready, take = reader.ready, reader.take
    for tag, value, line in fields_of(batches):
        if tag == "86" and reader.entry is not None:
            reader.entry[2].extend(value)
            continue
        take(tag, value, line)
        if ready:
            yield from ready
            ready.clear()
    reader.end_statement()
    yield from ready
    if not reader.found:
        raise Malformed("no field of MT940 or MT942 was found", code="unknown-format", line=1)


class _Reader:
    """Folds fields into statements. One per file; a class because so much state goes from field to field.

    What is complete is appended to ``ready``, whose owner empties it.
    """

    def __init__(self) -> None:
        self.ready: list[StatementEvent] = []
        self.found = False
        self.draft: Draft | None = None
        self.entry: Line | None = None
        self.days: dict[str, date] = {}
        self.pages: dict[str, Balance] = {}
        self.seen: set[tuple[object, ...]] = set()
        self.handlers: dict[str, Callable[[Draft, list[str], int], None]] = {
            "13": self._time_of_report,
            "28": self._number,
            "34": self._floor_limit,
            "62": self._closing,
            "64": self._available,
            "65": self._available,
            "90C": self._credit_total,
            "90D": self._debit_total,
        }

    def take(self, tag: str, value: list[str], line: int) -> None:
        """One field; an empty tag is the end of a message."""
        if tag == "61":
            draft, before = self.draft or self._new(line), self.entry
            if before is not None:
                self._end_entry(draft, before)
            if draft.closed and draft.closing is not None:
                draft.problem("entry-after-end", "an entry stands after the end of its statement", line)
            self.entry = (line, value, [], [])
        elif tag == "NS":
            if self.entry is not None:
                self.entry[3].extend(value)
        elif tag != "86":  # that of the statement as a whole says nothing; that of an entry was taken before
            if self.draft is not None and self.entry is not None:
                self._end_entry(self.draft, self.entry)
            self._statement_field(tag, value, line)
            return
        if self.draft is None:
            self._new(line)

    def _statement_field(self, tag: str, value: list[str], line: int) -> None:
        if not tag or tag[:2] == "94":
            if self.draft is not None:
                self.draft.closed = True
        elif tag == "20":
            self.end_statement()
            self._new(line).reference = value[0].strip()
        elif tag[:2] == "25":
            self._account(value[0].strip(), line)
        elif tag[:2] == "60":
            self._opening(tag, value, line)
        else:
            draft = self.draft or self._new(line)
            handler = self.handlers.get(tag) or self.handlers.get(tag[:2])
            if handler is not None:
                handler(draft, value, line)

    def _new(self, line: int, *, after: Draft | None = None) -> Draft:
        self.found = True
        self.draft = Draft(line)
        if after is not None:
            self.draft.reference, self.draft.account, self.draft.number = after.reference, after.account, after.number
        return self.draft

    def _end_entry(self, draft: Draft, entry: Line) -> None:
        self.entry = None
        if draft.currency:
            if draft.waiting:
                self._release(draft)
            self._finish(draft, entry)
        else:
            draft.waiting.append(entry)

    def _release(self, draft: Draft) -> None:
        waiting, draft.waiting = draft.waiting, []
        for entry in waiting:
            self._finish(draft, entry)

    def _finish(self, draft: Draft, raw: Line) -> None:
        try:
            entry = entry_of(raw, draft.currency, self.days)
        except (ValueError, Malformed) as unreadable:
            code = unreadable.code if isinstance(unreadable, Malformed) else "bad-entry"
            draft.problem(code, _why(unreadable), raw[0])
            return
        draft.tally.add(entry)
        if not entry.booked:
            draft.problem("unbooked-entry", "the bank only expects this entry", entry.line)
        self.ready.append(entry)

    def end_statement(self) -> None:
        """The statement is complete, problems and all."""
        draft, self.draft = self.draft, None
        if draft is None:
            return
        if self.entry is not None:
            self._end_entry(draft, self.entry)
        if not draft.currency:
            draft.currency = swift.account_currency(draft.account)
        self._release(draft)
        judge(draft, self.pages, self.seen)
        number = " ".join(part for part in (draft.reference, draft.number) if part)
        self.ready.append(
            ParsedStatement(
                draft.account, draft.currency, draft.opening, draft.closing, (), tuple(draft.problems), number
            )
        )

    def _account(self, account: str, line: int) -> None:
        """An account after a closing balance belongs to the next statement, even without its own field 20."""
        draft = self.draft
        if draft is not None and draft.closing is not None:
            reference = draft.reference
            self.end_statement()
            self._new(line).reference = reference
        draft = self.draft or self._new(line)
        if draft.account and draft.account != account:
            draft.problem("field-repeated", "a second account (field 25) inside one statement is ignored", line)
        else:
            draft.account = account

    def _opening(self, tag: str, value: list[str], line: int) -> None:
        """A second opening balance is a second statement, even without its own field 20."""
        draft = self.draft
        if draft is not None and draft.opening is not None:
            self.end_statement()
            draft = self._new(line, after=draft)
        draft = draft or self._new(line)
        draft.intermediate = tag == "60M"
        draft.opening = self._balance(draft, value[0], line)

    def _closing(self, draft: Draft, value: list[str], line: int) -> None:
        draft.closing = self._balance(draft, value[0], line)

    def _balance(self, draft: Draft, text: str, line: int) -> Balance | None:
        try:
            balance = swift.balance(text.strip(), draft.currency, self.days)
        except (ValueError, Malformed) as unreadable:
            draft.problem("bad-balance", _why(unreadable), line)
            return None
        if not swift.balance_currency(text):
            draft.problem("currency-missing", "a balance names no currency", line)
        draft.currency = draft.currency or balance.currency
        return balance

    def _number(self, draft: Draft, value: list[str], line: int) -> None:
        draft.number = value[0].strip()

    def _time_of_report(self, draft: Draft, value: list[str], line: int) -> None:
        draft.interim = True

    def _floor_limit(self, draft: Draft, value: list[str], line: int) -> None:
        draft.interim = True
        draft.currency = draft.currency or swift.floor_limit_currency(value[0])

    def _available(self, draft: Draft, value: list[str], line: int) -> None:
        draft.currency = draft.currency or swift.balance_currency(value[0])

    def _debit_total(self, draft: Draft, value: list[str], line: int) -> None:
        _total(draft, "D", value[0], line)

    def _credit_total(self, draft: Draft, value: list[str], line: int) -> None:
        _total(draft, "C", value[0], line)


def _total(draft: Draft, side: str, text: str, line: int) -> None:
    try:
        draft.totals[side] = (swift.total(text.strip()), line)
    except (ValueError, Malformed) as unreadable:
        draft.problem("bad-total", _why(unreadable), line)


def entry_of(raw: Line, currency: str, days: dict[str, date]) -> ParsedEntry:
    """One entry of field 61 and its 86. Raises ValueError for what is no entry, Malformed ``bad-amount``."""
    line, lines, narrative, non_swift = raw
    match = _parts_of(lines[0])
    supplement = lines[1:]
    if (match is None or not match[5]) and supplement:
        match, supplement = _parts_of(lines[0].rstrip() + supplement[0]), supplement[1:]
    if match is None:
        raise ValueError(f"{lines[0][:40]!r} is no statement line (field 61)")
    value, booked, mark, _, amount, kind, rest = match.groups()
    if not kind and not rest and amount.isdecimal():  # SWIFT wants a comma, banks forget it, but not the type as well
        raise ValueError(f"{lines[0][:40]!r} is cut within its amount (field 61)")
    value_on = booked_on = days.get(value) or day(value, days)
    if booked is not None and booked != value[2:] and booked[0] != " ":
        booked_on = day_near(booked, value_on)
    units = minor_units(amount, currency, mark=",")
    references = swift.references(rest or "", supplement)
    text = swift.narrative(narrative, references) if narrative else ""
    if not text:
        text = swift.non_swift(non_swift) or references.get("supplementary", "")
    if mark != "C":
        units *= swift.SIGNS[mark.upper()]
    type_code = f"{kind or ''} REVERSAL".lstrip() if mark[0] in "Rr" else kind or ""
    return ParsedEntry(
        booked_on, value_on, units, currency, references, text, line, mark[0] not in "Ee", (), type_code.upper()
    )


def _why(error: Exception) -> str:
    return error.message if isinstance(error, Malformed) else str(error)
