"""Signed files of one kind from one partner: fetched, stored with their signature, verified, applied, archived."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.errors import Unavailable, Untrusted
from gateway.flows.wiring import Work
from gateway.messages import receive
from gateway.messages.judging import Apply
from gateway.model import Incoming, Kind, RawMessage
from gateway.ports import DocumentSource, FetchedDocument, RemoteDocument


class FileReader(Protocol):
    """What the readers of statements, remittances and answers have in common."""

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


@dataclass(frozen=True, slots=True)
class SignedBox:
    """How the files of one kind are read and applied. ``folder`` holds what is being fetched, by partner."""

    partner: str
    kind: Kind
    reader: FileReader
    apply: Apply
    folder: Path

    def take_all(self, work: Work, source: DocumentSource) -> receive.Received:
        """Take every file that is offered now with its signature, one transaction each; first what a killed run left.

        Raises Unavailable where the partner does not answer; a file that was cut does not hold up the others.
        """
        total = receive.resume(work.connection, self.partner, self._inbox(work), kind=self.kind)
        cut: Unavailable | None = None
        for document in source.list():
            if document.signature_name is None:
                continue  # its signature is still to come
            try:
                total.merge(self._fetch(work, source, document))
            except Unavailable as error:
                cut = error  # what was fetched of it is resumed by the next try; the others go on now
        if cut is not None:
            raise cut
        return total

    def take(self, work: Work, name: str, content: bytes, signature: bytes) -> receive.Received:
        """Take one file whose bytes are here."""
        raw = RawMessage(self.partner, self.kind, content, name, "application/octet-stream", signature)
        return receive.receive(work.connection, [raw], self._inbox(work))

    def _fetch(self, work: Work, source: DocumentSource, document: RemoteDocument) -> receive.Received:
        fetched = source.fetch(document, self._folder())
        received = self.take(work, document.name, fetched.path.read_bytes(), fetched.signature)
        source.archive(document)
        fetched.path.unlink(missing_ok=True)
        return received

    def _inbox(self, work: Work) -> receive.Inbox:
        return receive.Inbox(_FileInbox(self.reader, self._folder()), self.apply, work.clock, work.run_pk)

    def _folder(self) -> Path:
        folder = self.folder / self.partner
        folder.mkdir(parents=True, exist_ok=True)
        return folder
