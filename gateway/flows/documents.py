"""Signed files of a partner: fetched, stored with their signature, verified, read, loaded; archived after that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from gateway.errors import Malformed, Unavailable, Untrusted
from gateway.flows.wiring import Work
from gateway.ledger import refunds, remittances, statements
from gateway.messages import receive
from gateway.messages.receive import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, Incoming, Kind, OutboxRow, RawMessage, Remittance, Summary
from gateway.partners import Partner
from gateway.ports import DocumentSource, FetchedDocument, RemittanceReader, RemoteDocument, StatementReader
from gateway.reconciliation.due import days_to_reconcile, has_inputs


class FileReader(Protocol):
    """What statement and remittance readers have in common."""

    def verify(self, document: FetchedDocument) -> str: ...

    def read(self, document: FetchedDocument) -> object: ...


@dataclass(frozen=True, slots=True)
class _FileInbox:
    """The Reader of stored files: verifies the detached signature over the stored bytes, then reads them.

    The identity of a file is its content: the same bytes under another name are a duplicate, and a reused name with
    other content is a new file.
    """

    reader: FileReader
    folder: Path

    def read(self, raw: RawMessage) -> Incoming:
        digest = hashlib.sha256(raw.body).hexdigest()
        if not raw.signature:
            raise Untrusted("it came without its signature", code="unsigned-message", where=raw.transport_id)
        path = self.folder / digest
        path.write_bytes(raw.body)
        try:
            document = FetchedDocument(raw.transport_id, path, len(raw.body), digest, raw.signature)
            signer = self.reader.verify(document)
            content = self.reader.read(document)
        finally:
            path.unlink(missing_ok=True)
        return Incoming(message_id=digest, kind=raw.kind, content=(document, content), signer=signer)


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
            assert isinstance(incoming.content, tuple)  # what _FileInbox decodes
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
    folder, loaded = _folder(files, partner), _Loaded()
    inbox = _inbox(work, partner, files, folder, loaded)
    total = receive.resume(work.connection, partner.id, inbox, kind=files.kind)
    cut: Unavailable | None = None
    for document in files.source.list():
        if document.signature_name is None:
            continue  # its signature is still to come
        try:
            total.merge(_take(work, partner, files, document, folder, inbox))
        except Unavailable as error:
            cut = error  # what was fetched of it is resumed by the next try; the others go on now
    if cut is not None:
        raise cut
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
    inbox = _inbox(work, partner, files, _folder(files, partner), loaded)
    raw = RawMessage(partner.id, files.kind, content, name, "application/octet-stream", signature)
    received = receive.receive(work.connection, [raw], inbox)
    return Summary(
        {**received.counts, "entries": loaded.entries, "problems": loaded.problems},
        keys=_keys_to_reconcile(work, partner),
    )


def _keys_to_reconcile(work: Work, partner: Partner) -> list[str]:
    return [f"{partner.id}:{day.isoformat()}" for day in days_to_reconcile(work.connection, partner.id)]


def _folder(files: Files, partner: Partner) -> Path:
    folder = files.folder / partner.id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _inbox(work: Work, partner: Partner, files: Files, folder: Path, loaded: _Loaded) -> receive.Inbox:
    apply = _LoadFiles(work, partner, files.day_of, loaded)
    return receive.Inbox(_FileInbox(files.reader, folder), apply, work.clock, work.run_pk)


def _take(
    work: Work, partner: Partner, files: Files, document: RemoteDocument, folder: Path, inbox: receive.Inbox
) -> receive.Received:
    fetched = files.source.fetch(document, folder)
    raw = RawMessage(
        partner.id, files.kind, fetched.path.read_bytes(), document.name, "application/octet-stream", fetched.signature
    )
    received = receive.receive(work.connection, [raw], inbox)
    files.source.archive(document)
    fetched.path.unlink(missing_ok=True)
    return received


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
