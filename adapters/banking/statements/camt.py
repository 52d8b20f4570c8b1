"""camt.052, camt.053 and camt.054 (ISO 20022), versions 01 to 14: a streaming reader.

Elements are freed as soon as they are read. A DTD is refused, nothing is fetched, no entity is expanded. The schema
itself is not carried along: what is read is checked, what is not read is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from lxml import etree

from adapters.banking.statements.camt_amounts import clean
from adapters.banking.statements.camt_entry import StatusMissing, entry_of, line_of, short_names
from adapters.banking.statements.camt_file import WithoutPadding, disguised, start_of_xml, undefined_entity
from adapters.banking.statements.camt_parts import (
    Draft,
    account_of,
    balance_of,
    judge_repeated,
    judge_totals,
    local_name,
    settle_currency,
    totals_of,
)
from adapters.banking.statements.model import (
    Balance,
    ParsedEntry,
    ParsedStatement,
    StatementEvent,
    balance_problems,
)
from adapters.banking.statements.money import EXPONENTS
from gateway.errors import Malformed

_MESSAGES = {
    "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_PARTS = ("GrpHdr", "Acct", "Bal", "TxsSummry", "Ntry")
_FREED_AT_ONCE = 64
# 010 and 015 are the opening and closing ledger of BAI2, which banks of North America write into Prtry.
_OPENING, _CLOSING = ("OPBD", "PRCD", "010"), ("CLBD", "015")
_DOCTYPE = re.compile(rb"<!DOCTYPE")
_ENCODING = frozenset({etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_UNKNOWN_ENCODING, 6003})


def read_camt(stream: BinaryIO, kind: str, qualifier: str) -> Iterator[StatementEvent]:
    """The statements of a camt message, entries first. ``kind`` is ``camt.053``; ``qualifier`` stands before the
    names of its elements: their namespace in braces, or nothing.

    Raises Malformed: ``doctype-refused``, ``wrong-schema``, ``truncated-file``, ``not-text-in-encoding``,
    ``xml-not-well-formed``. What is wrong inside a statement is a problem of that statement.
    """
    reader = _Reader(kind, qualifier)
    _refuse_doctype(stream)
    start_of_xml(stream)
    label = disguised(stream)
    text = WithoutPadding(stream)
    parser = etree.iterparse(
        text,
        encoding=label,
        events=("end",),
        tag=list(reader.tags),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        yield from reader.read(parser, text)
    except etree.XMLSyntaxError as broken:
        raise _as_malformed(broken, stream) from broken


def _refuse_doctype(stream: BinaryIO) -> None:
    """Before any parser sees it; a DTD that hides behind a long prolog is found by ``_Reader``."""
    start = stream.tell()
    head = stream.read(1 << 16)
    stream.seek(start)
    head = head.replace(b"\0", b"")
    if found := _DOCTYPE.search(head):
        raise _doctype_refused(head.count(b"\n", 0, found.start()) + 1)


def _doctype_refused(line: int) -> Malformed:
    return Malformed(
        "the file has a document type declaration (DTD)",
        code="doctype-refused",
        line=line,
        action="Never process it by hand; ask the sender why.",
    )


def _refuse_late_doctype(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise _doctype_refused(1)


def _ends(stream: BinaryIO) -> bool:
    """Whether the last bytes close the document."""
    stream.seek(0, 2)
    stream.seek(max(0, stream.tell() - 1024))
    return b"Document>" in stream.read().replace(b"\0", b"")


def _as_malformed(broken: etree.XMLSyntaxError, stream: BinaryIO) -> Malformed:
    line, message = broken.lineno or 0, f"{broken.msg}"
    code = getattr(broken, "code", None)
    if not line and (entity := undefined_entity(stream)):
        message, line = f"the entity &{entity[0]}; is not defined in XML", entity[1]
    elif not _ends(stream):
        return Malformed("the XML ends in the middle", code="truncated-file", line=line, action="Fetch the file again.")
    if code in _ENCODING:
        return Malformed(message, code="not-text-in-encoding", line=line)
    return Malformed(message, code="xml-not-well-formed", line=line, action="Ask the sender for a correct file.")


class _Reader:
    """Turns parser events into statement events; one per file."""

    def __init__(self, kind: str, qualifier: str) -> None:
        self.kind = kind
        self.root, self.statement = _MESSAGES[self.kind]
        self.names = short_names(qualifier)
        self.tags = {f"{qualifier}{name}": name for name in (self.statement, *_PARTS)}
        self.ntry = f"{qualifier}Ntry"
        # A statement and a notification tell what was booked, an interim report also what may be.
        self.status = "" if self.kind == "camt.052" else "BOOK"
        self.header = False
        self.found = False
        self.parent: etree._Element | None = None  # the statement that is being read
        self.unfreed = 0
        self.draft: Draft | None = None
        self.days: dict[str, date] = {}
        self.doubts: list[str] = []  # about the entry that is being read
        self.seen: set[tuple[object, ...]] = set()

    def read(self, parser: etree.iterparse, text: WithoutPadding) -> Iterator[StatementEvent]:
        ntry = self.ntry
        for _, element in parser:
            text.unread = 0
            if element.tag == ntry:
                if entry := self._entry(element):
                    yield entry
                continue
            name = self.tags[element.tag]
            if name == "GrpHdr":
                self.header = True
                _refuse_late_doctype(element)
            elif name == self.statement:
                yield self._close(element)
            else:
                self._part(name, element)
        if not self.found:
            raise Malformed(f"the message holds no {self.statement}", code="wrong-schema", line=1)

    def _open(self, element: etree._Element) -> Draft:
        """A statement begins: only ends are listened to, so this is known when its first part ends."""
        parent = element.getparent()
        if (
            parent is None
            or self.tags.get(element.tag) != self.statement
            or not local_name(parent).startswith(self.root)
        ):
            raise Malformed(
                f"{local_name(element)} does not stand in {self.root}", code="wrong-schema", line=line_of(element)
            )
        _refuse_late_doctype(element)
        self.found = True
        self.parent = element
        statement_id = next((clean(child.text) for child in element if local_name(child) == "Id"), "")
        self.draft = Draft(line_of(element), statement_id)
        if not self.header:
            self.draft.problem("element-missing", "the group header (GrpHdr) is missing", self.draft.line)
        return self.draft

    def _entry(self, element: etree._Element) -> ParsedEntry | None:
        """The entry, None where it is unreadable (then it is a problem)."""
        parent, draft = element.getparent(), self.draft
        assert parent is not None
        if draft is None or parent is not self.parent:
            draft = self._open(parent)
        self._free(parent, element)
        try:
            entry = self._with_status(element, draft)
        except (ValueError, Malformed) as unreadable:
            code = unreadable.code if isinstance(unreadable, Malformed) else "bad-entry"
            draft.problem(code, _why(unreadable), line_of(element))
            return None
        draft.tally.add(entry)
        if self.doubts:
            for doubt in self.doubts:
                draft.problem("details-do-not-add-up", doubt, entry.line)
            self.doubts.clear()
        if not entry.booked:
            draft.problem("unbooked-entry", "the bank announces this entry but has not booked it", entry.line)
        if entry.booked_on is None:
            draft.problem("entry-without-date", "the entry has neither booking nor value date", entry.line)
        return entry

    def _free(self, parent: etree._Element, element: etree._Element) -> None:
        """The parser may be ahead: only what stands before this element has been read."""
        self.unfreed += 1
        if self.unfreed == _FREED_AT_ONCE:
            del parent[: parent.index(element)]
            self.unfreed = 0

    def _with_status(self, element: etree._Element, draft: Draft) -> ParsedEntry:
        try:
            return entry_of(element, self.names, self.days, self.doubts)
        except StatusMissing as missing:
            if not self.status:
                raise
            entry = entry_of(element, self.names, self.days, self.doubts, self.status)
            draft.problem("element-missing", f"{missing}; taken as booked", entry.line)
            return entry

    def _part(self, name: str, element: etree._Element) -> None:
        """A child of the statement itself; equal names further down are something else."""
        parent = element.getparent()
        if parent is None or self.tags.get(parent.tag) != self.statement:
            return
        draft = self.draft or self._open(parent)
        self._free(parent, element)
        line = line_of(element)
        if name == "Acct":
            draft.account, draft.currency = account_of(element)
        elif name == "Bal":
            try:
                kind, balance, marked = balance_of(element, self.days)
            except (ValueError, Malformed) as unreadable:
                draft.problem("bad-balance", _why(unreadable), line)
            else:
                draft.balances.setdefault(kind, []).append(balance)
                if not marked:
                    draft.problem("element-missing", f"{kind} lacks its mark (CdtDbtInd); taken as credit", line)
        elif name == "TxsSummry":
            draft.totals = totals_of(element)

    def _close(self, element: etree._Element) -> ParsedStatement:
        draft = self.draft or self._open(element)
        self.draft = self.parent = None
        opening = _first(draft.balances, _OPENING)
        closing = _last(draft.balances, _CLOSING)
        interim = draft.balances.get("ITBD", [])
        if self.kind == "camt.053" and interim:  # the pages of a statement open and close with interim balances
            opening = opening or (interim[0] if closing or len(interim) > 1 else None)
            closing = closing or interim[-1]
        settle_currency(draft, [balance for balance in (opening, closing, *interim) if balance])
        self._judge(draft, opening, closing)
        element.clear()
        while element.getprevious() is not None:
            before = element.getparent()
            assert before is not None
            del before[0]
        return ParsedStatement(
            draft.account, draft.currency, opening, closing, (), tuple(draft.problems), draft.statement_id
        )

    def _judge(self, draft: Draft, opening: Balance | None, closing: Balance | None) -> None:
        if not draft.account:
            draft.problem("account-missing", "the statement names no account", draft.line)
        for currency in sorted({draft.currency, *draft.tally.currencies}):
            if not currency:
                draft.problem("currency-missing", "the statement names no currency", draft.line)
            elif currency not in EXPONENTS:
                draft.problem("unknown-currency", f"{currency!r} is no currency of ISO 4217", draft.line)
        if not draft.tally.count:
            draft.problem("empty-statement", "the statement has no entries", draft.line)
        if self.kind == "camt.053":
            for name, balance in (("opening", opening), ("closing", closing)):
                if balance is None:
                    draft.problem("balance-missing", f"the {name} balance is missing", draft.line)
        draft.problems.extend(balance_problems(opening, closing, draft.tally, line=draft.line))
        judge_repeated(draft)
        judge_totals(draft)
        identity = (draft.account, draft.statement_id, opening, closing, draft.tally.fingerprint)
        if identity in self.seen and draft.tally.count:
            draft.problem("duplicate-statement", "the same statement stands in this file before", draft.line)
        self.seen.add(identity)


def _first(balances: dict[str, list[Balance]], kinds: tuple[str, ...]) -> Balance | None:
    return next((balances[kind][0] for kind in kinds if kind in balances), None)


def _last(balances: dict[str, list[Balance]], kinds: tuple[str, ...]) -> Balance | None:
    return next((balances[kind][-1] for kind in kinds if kind in balances), None)


def _why(error: Exception) -> str:
    return error.message if isinstance(error, Malformed) else str(error)
