"""MT940 and MT942: a streaming reader for what banks really send.

Line ends, SWIFT blocks, control characters, missing fields, several statements and pages (``60M``/``62M``) are all
taken as they come. What does not fit is a problem of its statement and hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from adapters.banking.statements import swift_fields as swift
from adapters.banking.statements.dates import day, day_near
from adapters.banking.statements.model import (
    Balance,
    ParsedEntry,
    ParsedStatement,
    StatementEvent,
    StatementProblem,
    Tally,
    balance_problems,
)
from adapters.banking.statements.money import EXPONENTS, minor_units
from gateway.errors import Malformed

_KNOWN: Final = frozenset(
    [
        *("13", "13D", "20", "21", "25", "25P", "28", "28C", "34", "34F", "60", "60F", "60M", "61", "62", "62F", "62M"),
        *("64", "65", "86", "90", "90C", "90D", "NS", "940", "941", "942"),
    ]
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")
_BLOCK_START = re.compile(r"\{[1-5]:")
_INTERIM = re.compile(r"^(?:\{1:.*\{2:[IO]942|:34F:|:13D?:|:90[CD]:|:?942\b)", re.MULTILINE)
_OPENING = re.compile(r"^:60[FM]?:", re.MULTILINE)
IS_SWIFT: Final = re.compile(r"^[\x00-\x20\ufeff]*(?:\{1:|:\s*(?:\d\d[A-Z]?|94[02]|NS):)", re.MULTILINE)


def interim_or_final(head: str) -> str:
    """``mt942`` for an interim report, else ``mt940``."""
    return "mt942" if _INTERIM.search(head) and not _OPENING.search(head) else "mt940"


@dataclass(slots=True)
class _Line:
    """Field 61 and what belongs to it, until it is complete."""

    line: int
    statement_line: list[str]
    narrative: list[str] = field(default_factory=list)
    non_swift: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """The statement being read."""

    line: int
    reference: str = ""
    account: str = ""
    number: str = ""
    currency: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    intermediate: bool = False  # opened by 60M: the page before must close with it
    closed: bool = False
    empty: bool = True
    totals: dict[str, tuple[swift.Total, int]] = field(default_factory=dict)
    waiting: list[_Line] = field(default_factory=list)  # entries whose currency is not known yet
    tally: Tally = field(default_factory=Tally)
    sides: dict[str, list[int]] = field(default_factory=lambda: {"D": [0, 0], "C": [0, 0]})
    problems: list[StatementProblem] = field(default_factory=list)

    def problem(self, code: str, message: str, line: int) -> None:
        self.problems.append(StatementProblem(code, message, line))


def fields_of(batches: Iterable[list[str]]) -> Iterator[tuple[str, list[str], int]]:
    """(tag, lines of its value, line number) of every field; an empty tag is the end of a message."""
    tag, value, start, number = "", [""], 0, 0
    torn = False  # ":" and "86:..." on two lines (Sparkasse)
    for batch in batches:
        for line in batch:
            number += 1
            if torn:
                line, torn = ":" + line, False
            first = line[:1]
            if first == ":":
                if line.rstrip() == ":":
                    torn = True
                    continue
                head, _, rest = line[1:].partition(":")
                if head in _KNOWN:
                    if tag:
                        yield tag, value, start
                    tag, value, start = head, [rest], number
                    continue
            elif first == "-" or first == "{" or first < " ":
                end, line = _boundary(line)
                if end:
                    if tag:
                        yield tag, value, start
                    yield "", [line], number
                    tag = ""
                    head, _, rest = line[1:].partition(":")
                    if head in _KNOWN:
                        tag, value, start = head, [rest], number
                    continue
            if tag:
                value.append(line)
    if tag:
        yield tag, value, start


def _boundary(line: str) -> tuple[bool, str]:
    """Whether ``line`` ends or starts a SWIFT message, and what follows on the line without control characters."""
    line = _CONTROLS.sub("", line)
    if line.rstrip() == "-" or line.startswith("-}"):
        return True, ""
    if _BLOCK_START.match(line):
        return True, line.rpartition("{4:")[2] if "{4:" in line else ""
    if line.startswith(":"):
        return True, line
    return False, line


def read_mt940(batches: Iterable[list[str]]) -> Iterator[StatementEvent]:
    """The statements of an MT940 or MT942 file, entries first. Raises Malformed ``unknown-format`` if it has none."""
    reader = _Reader()
    for tag, value, line in fields_of(batches):
        yield from reader.take(tag, value, line)
    yield from reader.finish()
    if not reader.found:
        raise Malformed("no field of MT940 or MT942 was found", code="unknown-format", line=1)


class _Reader:
    """Folds fields into statements. One per file; a class because so much state goes from field to field."""

    def __init__(self) -> None:
        self.found = False
        self.draft: _Draft | None = None
        self.entry: _Line | None = None
        self.after: str = ""  # the field that a following 86 or NS belongs to
        self.days: dict[str, date] = {}
        self.pages: dict[str, Balance] = {}
        self.seen: set[tuple[object, ...]] = set()
        self.handlers: dict[str, Callable[[list[str], int], Iterator[StatementEvent] | None]] = {
            "20": self._reference,
            "25": self._account,
            "28": self._number,
            "34": self._floor_limit,
            "60": self._opening,
            "61": self._statement_line,
            "62": self._closing,
            "64": self._available,
            "65": self._available,
            "86": self._narrative,
            "90C": self._credit_total,
            "90D": self._debit_total,
            "NS": self._non_swift,
        }

    def take(self, tag: str, value: list[str], line: int) -> Iterator[StatementEvent]:
        """The events that become certain with this field."""
        if not tag:
            yield from self._end_entry()
            self.after = ""
            if self.draft:
                self.draft.closed = True
            return
        self.found = True
        if tag[:2] == "60":
            yield from self._before_opening(line)
            self._current(line).intermediate = tag == "60M"
        handler = self.handlers.get(tag) or self.handlers.get(tag[:2])
        if tag not in ("86", "NS"):
            self.after = tag[:2]
            yield from self._end_entry()
        if handler is not None:
            yield from handler(value, line) or ()
        self._current(line)

    def finish(self) -> Iterator[StatementEvent]:
        """The last statement, problems and all."""
        yield from self._end_entry()
        yield from self._end_statement()

    def _current(self, line: int) -> _Draft:
        if self.draft is None:
            self.draft = _Draft(line)
        return self.draft

    def _end_entry(self) -> Iterator[StatementEvent]:
        if self.entry is None or self.draft is None:
            return
        entry, self.entry = self.entry, None
        if self.draft.currency:
            yield from self._release()
            yield from self._finished(entry)
        else:
            self.draft.waiting.append(entry)

    def _release(self) -> Iterator[StatementEvent]:
        if self.draft is not None and self.draft.waiting:
            waiting, self.draft.waiting = self.draft.waiting, []
            for entry in waiting:
                yield from self._finished(entry)

    def _end_statement(self) -> Iterator[StatementEvent]:
        draft = self.draft
        if draft is None:
            return
        if not draft.currency:
            draft.currency = swift.account_currency(draft.account)
        yield from self._release()
        self.draft = None
        _judge(draft, self.pages, self.seen)
        number = " ".join(part for part in (draft.reference, draft.number) if part)
        yield ParsedStatement(
            draft.account, draft.currency, draft.opening, draft.closing, (), tuple(draft.problems), number
        )

    def _reference(self, value: list[str], line: int) -> Iterator[StatementEvent]:
        yield from self._end_statement()
        self.draft = _Draft(line, reference=value[0].strip())

    def _before_opening(self, line: int) -> Iterator[StatementEvent]:
        """A second opening balance is a second statement, even without its own field 20."""
        draft = self.draft
        if draft is not None and draft.opening is not None:
            yield from self._end_entry()
            yield from self._end_statement()
            self.draft = _Draft(line, draft.reference, draft.account, draft.number)

    def _account(self, value: list[str], line: int) -> Iterator[StatementEvent]:
        draft = self.draft
        if draft is not None and draft.closing is not None:
            yield from self._end_statement()
            self.draft = _Draft(line, draft.reference)
        draft, account = self._current(line), swift.account(value[0])
        if draft.account and draft.account != account:
            draft.problem("field-repeated", "a second account (field 25) inside one statement is ignored", line)
        else:
            draft.account = account

    def _number(self, value: list[str], line: int) -> None:
        self._current(line).number = value[0].strip()

    def _floor_limit(self, value: list[str], line: int) -> None:
        draft = self._current(line)
        draft.currency = draft.currency or swift.floor_limit_currency(value[0])

    def _opening(self, value: list[str], line: int) -> None:
        self._current(line).opening = self._balance(value[0], line)

    def _closing(self, value: list[str], line: int) -> None:
        self._current(line).closing = self._balance(value[0], line)

    def _available(self, value: list[str], line: int) -> None:
        draft = self._current(line)
        draft.currency = draft.currency or swift.balance_currency(value[0])

    def _balance(self, text: str, line: int) -> Balance | None:
        draft = self._current(line)
        try:
            balance = swift.balance(text.strip(), draft.currency, self.days)
        except (ValueError, Malformed) as unreadable:
            draft.problem("bad-balance", _why(unreadable), line)
            return None
        if not re.match(r".{7}[A-Za-z]{3}", text):
            draft.problem("currency-missing", "a balance names no currency", line)
        draft.currency = draft.currency or balance.currency
        return balance

    def _statement_line(self, value: list[str], line: int) -> None:
        if self._current(line).closed and not self.draft_is_open(line):
            self._current(line).problem("entry-after-end", "an entry stands after the end of its statement", line)
        self.entry = _Line(line, value)

    def draft_is_open(self, line: int) -> bool:
        """Whether entries may still come: no closing balance was read yet."""
        return self._current(line).closing is None

    def _narrative(self, value: list[str], line: int) -> None:
        if self.entry is not None:
            self.entry.narrative += value

    def _non_swift(self, value: list[str], line: int) -> None:
        self._current(line)
        if self.entry is not None:
            self.entry.non_swift += value

    def _debit_total(self, value: list[str], line: int) -> None:
        self._total("D", value[0], line)

    def _credit_total(self, value: list[str], line: int) -> None:
        self._total("C", value[0], line)

    def _total(self, side: str, text: str, line: int) -> None:
        try:
            self._current(line).totals[side] = (swift.total(text.strip()), line)
        except (ValueError, Malformed) as unreadable:
            self._current(line).problem("bad-total", _why(unreadable), line)

    def _finished(self, raw: _Line) -> Iterator[StatementEvent]:
        draft = self._current(raw.line)
        try:
            entry = entry_of(raw.statement_line, raw.narrative, raw.non_swift, draft.currency, raw.line, self.days)
        except (ValueError, Malformed) as unreadable:
            code = unreadable.code if isinstance(unreadable, Malformed) else "bad-entry"
            draft.problem(code, _why(unreadable), raw.line)
            return
        draft.tally.add(entry)
        side = draft.sides["D" if entry.amount < 0 else "C"]
        side[0] += 1
        side[1] += abs(entry.amount)
        if not entry.booked:
            draft.problem("unbooked-entry", "the bank only expects this entry", raw.line)
        yield entry


def entry_of(
    lines: list[str], narrative: list[str], non_swift: list[str], currency: str, line: int, days: dict[str, date]
) -> ParsedEntry:
    """One entry of field 61 and its 86. Raises ValueError for what is no entry, Malformed ``bad-amount``."""
    match = swift.STATEMENT_LINE.fullmatch(lines[0])
    supplement = lines[1:]
    if (match is None or not match[5]) and supplement:
        match, supplement = swift.STATEMENT_LINE.fullmatch(lines[0].rstrip() + supplement[0]), supplement[1:]
    if match is None:
        raise ValueError(f"{lines[0][:40]!r} is no statement line (field 61)")
    value, booked, mark, _, amount, _, rest = match.groups()
    value_on = booked_on = day(value, days)
    if booked is not None and booked[0] != " " and booked != value[2:]:
        booked_on = day_near(booked, value_on)
    mark = mark.upper()
    units = minor_units(amount, currency)
    references = swift.references(rest or "", supplement)
    text = swift.narrative(narrative, references) or swift.non_swift(non_swift)
    return ParsedEntry(
        booked_on,
        value_on,
        -units if mark in ("D", "RC", "ED") else units,
        currency,
        references,
        text or references.get("supplementary", ""),
        line,
        mark[0] != "E",
    )


def _judge(draft: _Draft, pages: dict[str, Balance], seen: set[tuple[object, ...]]) -> None:
    """Adds what is wrong with a complete statement to its problems."""
    if not draft.account:
        draft.problem("account-missing", "the statement names no account (field 25)", draft.line)
    if not draft.currency:
        draft.problem("currency-missing", "the statement names no currency; two decimals are assumed", draft.line)
    elif draft.currency not in EXPONENTS:
        draft.problem("unknown-currency", f"{draft.currency!r} is no currency of ISO 4217", draft.line)
    if not draft.tally.count:
        draft.problem("empty-statement", "the statement has no entries", draft.line)
    interim = bool(draft.totals) and draft.opening is None
    for name, balance in (("opening", draft.opening), ("closing", draft.closing)):
        if balance is None and not interim:
            draft.problem("balance-missing", f"the {name} balance is missing", draft.line)
    draft.problems.extend(balance_problems(draft.opening, draft.closing, draft.tally, line=draft.line))
    _judge_totals(draft)
    before = pages.get(draft.account)
    if draft.intermediate and draft.opening and before and before.amount != draft.opening.amount:
        draft.problem(
            "balances-do-not-continue",
            f"the page before closes with {before.amount}, this one opens with {draft.opening.amount}",
            draft.line,
        )
    if draft.closing:
        pages[draft.account] = draft.closing
    identity = (draft.account, draft.reference, draft.number, draft.opening, draft.closing, draft.tally.fingerprint)
    if identity in seen and draft.tally.count:
        draft.problem("duplicate-statement", "the same statement stands in this file before", draft.line)
    seen.add(identity)


def _judge_totals(draft: _Draft) -> None:
    for side, (said, line) in draft.totals.items():
        count, amount = draft.sides[side]
        if (said.count, said.amount) != (count, amount):
            draft.problem(
                "totals-do-not-add-up",
                f"field 90{side} says {said.count} entries of {said.amount}, the file has {count} of {amount}",
                line,
            )


def _why(error: Exception) -> str:
    return error.message if isinstance(error, Malformed) else str(error)
