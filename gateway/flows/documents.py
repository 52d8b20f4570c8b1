"""Statements and remittances: what a partner's signed files tell of its money, loaded into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.errors import Malformed, Unavailable
from gateway.flows.signed_box import SignedBox, limits_of
from gateway.flows.wiring import Work
from gateway.ledger import refunds, remittances, statements
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, Kind, OutboxRow, Remittance, Summary
from gateway.partners import Partner
from gateway.ports import DocumentSource, FetchedDocument, RemittanceReader, StatementReader
from gateway.reconciliation.due import days_to_reconcile, has_inputs

DayOf = Callable[[FetchedDocument, object], date]
"""The business date of a file, from its name or its content."""


@dataclass(slots=True)
class _Loaded:
    """How much of it is new, and how much did not add up."""

    entries: int = 0
    problems: int = 0


@dataclass(frozen=True, slots=True)
class _LoadFiles:
    work: Work
    partner: Partner
    business_on: DayOf
    loaded: _Loaded

    def __call__(self, connection: Connection, believed: Believed) -> tuple[Sequence[Applied], Sequence[OutboxRow]]:
        for item, incoming in believed:
            assert isinstance(incoming.content, tuple)  # what SignedBox decodes
            document, content = incoming.content
            day = self.business_on(document, content)
            place = {"business_on": day, "file_name": document.name, "sha256": document.sha256}
            now = self.work.clock.now()
            if isinstance(content, Remittance):
                done = remittances.load(connection, item.message_pk, content, partner=self.partner, now=now, **place)
            else:
                done = statements.load(connection, item.message_pk, content, partner=self.partner, now=now, **place)
                refunds.settle_by_statements(connection, self.partner.id, now)
            self.loaded.entries += done.new_entries
            self.loaded.problems += len(done.problems)
        return [Applied() for _ in believed], []


@dataclass(frozen=True, slots=True)
class Files:
    """Where a partner's files come from and how they are read."""

    source: DocumentSource
    reader: StatementReader | RemittanceReader
    kind: Kind
    folder: Path
    day_of: DayOf


def load(work: Work, partner: Partner, files: Files, business_on: date, *, owed: bool) -> Summary:
    """Load every file that the partner offers now, one transaction each.

    ``keys`` are the ``partner:date`` whose money is not reconciled yet: those of this run, and those that an
    interrupted run loaded and could not announce. Raises Unavailable where the partner does not answer, and
    ``file-not-here`` where the file of ``business_on`` is owed (the partner works that day) and was never loaded; the
    others are loaded first.
    """
    loaded = _Loaded()
    total = _box(work, partner, files, loaded).take_all(work, files.source)
    if owed and not has_inputs(work.connection, partner.id, business_on):
        raise Unavailable(
            f"no file of {business_on:%d/%m/%Y} is here yet",
            code="file-not-here",
            where=partner.id,
            action="nothing: it is looked for again; past its cut-off an alert says so",
        )
    return Summary(
        {**total.counts, "entries": loaded.entries, "problems": loaded.problems},
        keys=_keys_to_reconcile(work, partner),
    )


def load_one(work: Work, partner: Partner, files: Files, name: str, content: bytes, signature: bytes) -> Summary:
    """Load one file that a person hands in, exactly as if it had been fetched."""
    loaded = _Loaded()
    received = _box(work, partner, files, loaded).take(work, name, content, signature)
    return Summary(
        {**received.counts, "entries": loaded.entries, "problems": loaded.problems},
        keys=_keys_to_reconcile(work, partner),
    )


def _keys_to_reconcile(work: Work, partner: Partner) -> list[str]:
    return [f"{partner.id}:{day.isoformat()}" for day in days_to_reconcile(work.connection, partner, work.clock.now())]


def _box(work: Work, partner: Partner, files: Files, loaded: _Loaded) -> SignedBox:
    apply = _LoadFiles(work, partner, files.day_of, loaded)
    return SignedBox(partner.id, files.kind, files.reader, apply, files.folder, limits_of(partner))


def day_of_statement(reader: StatementReader) -> DayOf:
    """The business date that a statement file's name claims; Malformed ``file-name-unknown`` where it claims none."""

    def of(document: FetchedDocument, content: object) -> date:
        day = reader.business_on(document.name)
        if day is None:
            raise Malformed("its name says no business date", code="file-name-unknown", where=document.name)
        return day

    return of


def day_of_remittance(document: FetchedDocument, content: object) -> date:
    """The business date that a remittance says of itself."""
    assert isinstance(content, Remittance)  # what remittance readers decode
    return content.remitted_on
