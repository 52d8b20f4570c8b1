"""Signed files of one kind from one partner: fetched, stored with their signature, verified, applied, archived.

A file whose signature stays away, one that is too large, one that is locked and one whose name is none are stored as
refused, told once, and left where they are; so is one that was taken and cannot be put away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from gateway.errors import Conflict, GatewayError, Malformed, NotFound, Refused, Unavailable, Untrusted
from gateway.flows.wiring import Work
from gateway.messages import receive, refused_files
from gateway.messages.judging import Apply
from gateway.model import Incoming, Kind, RawMessage
from gateway.partners import Partner
from gateway.ports import DocumentSource, FetchedDocument, RemoteDocument

_BYTES = "application/octet-stream"
_NOT_TAKEN = "application/octet-stream; not-taken"
"""The type of a record that stands for a file: none of its bytes were taken."""


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
        if raw.content_type.startswith(_NOT_TAKEN):
            raise _not_taken(raw.transport_id, raw.content_type.removeprefix(_NOT_TAKEN).strip("; "))
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
class Limits:
    """How large a file may be, and how long its signature is waited for."""

    largest_bytes: int
    signature_within: timedelta

    def require_size(self, size: int, where: str) -> None:
        """Raises Malformed ``message-too-large``."""
        if size > self.largest_bytes:
            raise _too_large(where, self.told(size))

    def told(self, size: int) -> str:
        return f"{size} bytes, at most {self.largest_bytes} are taken"


def limits_of(partner: Partner) -> Limits:
    """What the partner's configuration says of its files."""
    files = partner.statements or partner.remittances
    assert files is not None  # only partners with files have boxes
    return Limits(files.largest_megabytes * 1024 * 1024, timedelta(minutes=files.signature_minutes))


_HELD_BY_SERVER: Mapping[str, tuple[str, str]] = {
    refused_files.LOCKED: ("the server does not let us read it", "the right to read it"),
    refused_files.NOT_PUT_AWAY: (
        "it was taken and cannot be moved into the archive folder",
        "the folder and the right to move it",
    ),
}
"""Reason code -> what is wrong, and what the partner is asked for."""


def _not_taken(where: str, why: str) -> GatewayError:
    """What the record of a file says: why it was not taken or could not be put away, or else how large it is."""
    code, _, said = why.partition("; ")
    if code == refused_files.NO_PLAIN_NAME:
        return Malformed(
            "this is not a plain file name",
            code=code,
            where=repr(where[:200]),
            action="ask the partner to take the file away; nothing of it was taken",
        )
    if code in _HELD_BY_SERVER:
        what, ask_for = _HELD_BY_SERVER[code]
        return Refused(
            f"{what} ({said})",
            code=code,
            where=where,
            action=f"ask the partner for {ask_for}; every run tries it again",
        )
    return _too_large(where, why)


def _staying(document: RemoteDocument) -> str:
    """The type of the record that this very file was taken and could not be put away."""
    found = f"{document.size} bytes of {document.modified_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{_NOT_TAKEN}; {refused_files.NOT_PUT_AWAY}; {found}"


def _too_large(where: str, what: str) -> Malformed:
    return Malformed(
        what,
        code=refused_files.TOO_LARGE,
        where=where,
        action="ask the partner to split it, or raise `largest_megabytes` in its file; it is taken by the next run",
    )


@dataclass(frozen=True, slots=True)
class SignedBox:
    """How the files of one kind are read and applied. ``folder`` holds what is being fetched, by partner."""

    partner: str
    kind: Kind
    reader: FileReader
    apply: Apply
    folder: Path
    limits: Limits

    def take_all(self, work: Work, source: DocumentSource) -> receive.Received:
        """Take every file that is offered now, one transaction each; first what a killed run left.

        One whose signature is still to come waits; past its time, too large or locked, it is stored as refused. No file
        holds up the others: one that was cut is gone on with after them, once, and what else goes wrong with one is
        raised at the end. Raises Unavailable where the partner does not answer; what was fetched is resumed next time.
        """
        total = receive.resume(work.connection, self.partner, self._inbox(work), kind=self.kind)
        cut, failed = list[RemoteDocument](), list[GatewayError]()
        for document in source.list():
            try:
                total.merge(self._one(work, source, document))
            except Unavailable:
                cut.append(document)
            except GatewayError as error:
                failed.append(error)
        for document in cut:
            total.merge(self._one(work, source, document))
        if failed:
            raise failed[0]
        return total

    def take(self, work: Work, name: str, content: bytes, signature: bytes) -> receive.Received:
        """Take one file whose bytes are here. What was refused of it before is ended by it."""
        raw = RawMessage(self.partner, self.kind, content, name, _BYTES, signature or None)
        received = receive.receive(work.connection, [raw], self._inbox(work))
        digest = hashlib.sha256(content).digest()
        refused_files.end(work.connection, self.partner, self.kind, name, digest, work.clock.now())
        return received

    def _one(self, work: Work, source: DocumentSource, document: RemoteDocument) -> receive.Received:
        if document.size > self.limits.largest_bytes:
            return self._refuse(work, document.name, refused_files.TOO_LARGE, self.limits.told(document.size))
        if document.signature_name is None and not self._is_overdue(work, document):
            return receive.Received()
        if self._stays(work, document):
            return self._put_away(work, source, document)
        try:
            fetched = source.fetch(document, self._folder(), unsigned=True)
        except NotFound:
            return receive.Received()  # it was put away since it was listed, by the partner or by another run
        except Malformed:
            return self._refuse(work, document.name, refused_files.NO_PLAIN_NAME, refused_files.NO_PLAIN_NAME)
        except Refused as error:
            return self._refuse(work, document.name, refused_files.LOCKED, f"{refused_files.LOCKED}; {error.code}")
        try:
            if fetched.size > self.limits.largest_bytes:  # it grew since it was listed
                return self._refuse(work, document.name, refused_files.TOO_LARGE, self.limits.told(fetched.size))
            received = self.take(work, document.name, fetched.path.read_bytes(), fetched.signature)
            if document.signature_name is not None:
                received.merge(self._put_away(work, source, document))
        finally:
            fetched.path.unlink(missing_ok=True)
        return received

    def _put_away(self, work: Work, source: DocumentSource, document: RemoteDocument) -> receive.Received:
        """Into the partner's archive folder. What was taken is taken, also where the server refuses to move it."""
        try:
            source.archive(document)
        except (Refused, NotFound, Conflict):
            if self._stays(work, document):
                return receive.Received()
            record = RawMessage(self.partner, self.kind, b"", document.name, _staying(document))
            return receive.receive(work.connection, [record], self._inbox(work))
        refused_files.end_put_away(work.connection, self.partner, self.kind, document.name, work.clock.now())
        return receive.Received()

    def _stays(self, work: Work, document: RemoteDocument) -> bool:
        """It was taken by an earlier run, which could not put it away, and is still the same file."""
        return refused_files.is_not_put_away(
            work.connection, self.partner, self.kind, document.name, _staying(document)
        )

    def _is_overdue(self, work: Work, document: RemoteDocument) -> bool:
        """Its signature should be there (by real time, as the partner's server says), and nobody was told yet."""
        if datetime.now(UTC) - document.modified_at < self.limits.signature_within:
            return False
        return not refused_files.is_told(
            work.connection, self.partner, self.kind, document.name, refused_files.UNSIGNED, document.size
        )

    def _refuse(self, work: Work, name: str, reason: str, why: str) -> receive.Received:
        """A record that the file is there; none of its bytes."""
        if refused_files.is_told(work.connection, self.partner, self.kind, name, reason, 0):
            return receive.Received()
        record = RawMessage(self.partner, self.kind, b"", name, f"{_NOT_TAKEN}; {why}")
        return receive.receive(work.connection, [record], self._inbox(work))

    def _inbox(self, work: Work) -> receive.Inbox:
        return receive.Inbox(_FileInbox(self.reader, self._folder()), self.apply, work.clock, work.run_pk)

    def _folder(self) -> Path:
        folder = self.folder / self.partner
        folder.mkdir(parents=True, exist_ok=True)
        return folder
