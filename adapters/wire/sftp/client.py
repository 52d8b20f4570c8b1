"""The SFTP session that adapters use: list, put, get, move, remove."""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import paramiko

from adapters.wire.sftp import names
from adapters.wire.sftp.connection import NO_TEXT, SftpAddress, connect
from adapters.wire.sftp.download import Downloaded, beginning, download, remote_digest
from adapters.wire.sftp.failures import translated
from gateway.errors import Conflict, GatewayError, InDoubt, NotFound

_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a listing. ``name`` is the partner's: hold it to ``safe_name`` before it becomes a path."""

    name: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An upload that the server shows under its final name: size in bytes, SHA-256 in hex."""

    size: int
    sha256: str


def is_settled(file: RemoteFile, previous: Sequence[RemoteFile]) -> bool:
    """Whether ``file`` was there in the listing before, with the same size and time: it grows no more."""
    return file in previous


class SftpClient:
    """One connection; use it ``with``, from one thread. What it raises is said at ``connect`` and at each method.

    A lost connection is Unavailable (``sftp-connection-lost``, ``sftp-no-answer-in-time``) or, where a method says so,
    InDoubt. A full disk of ours is Unavailable (``local-disk-failed``).
    """

    def __init__(self, address: SftpAddress) -> None:
        self.address = address
        self._transport: paramiko.Transport | None = None
        self._opened: paramiko.SFTPClient | None = None

    def __enter__(self) -> SftpClient:
        self._transport, self._opened = connect(self.address)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = self._opened = None

    @property
    def _session(self) -> paramiko.SFTPClient:
        if self._opened is None:
            raise RuntimeError("an SftpClient is used inside its with block")
        return self._opened

    def _where(self, remote: str) -> str:
        return f"{self.address.where}/{remote.lstrip('/')}"

    def list(self, folder: str) -> Sequence[RemoteFile]:
        """The regular files of a folder by name. Hidden ones, temporary ones and those whose name is no text are left
        out. Raises NotFound.
        """
        with translated(self._transport, self._where(folder)):
            entries = self._session.listdir_attr(folder or ".")
        files = [
            RemoteFile(entry.filename, int(entry.st_size or 0), datetime.fromtimestamp(entry.st_mtime or 0, UTC))
            for entry in entries
            if stat.S_ISREG(entry.st_mode or 0) and not entry.filename.startswith(".") and NO_TEXT not in entry.filename
        ]
        return sorted(files, key=lambda file: file.name)

    def put(self, source: Path | bytes, remote: str, *, read_back: bool = True, mark: str = "") -> Uploaded:
        """Upload under a temporary name, rename, and read back what the server now has.

        Attempts with one ``mark`` (without it: of the same content) have one temporary name: what a cut left of the
        last is overwritten.

        Until the rename a failure is Unavailable or Refused and nobody saw a file; after it InDoubt: the connection
        broke (``sftp-connection-lost``), the file is not there (``upload-not-found``) or another (``upload-differs``).
        ``read_back=False`` compares the size only.
        """
        folder, name = names.split(remote)
        with _opened(source) as local:
            sha256 = hashlib.file_digest(local, "sha256").hexdigest()
            size = local.seek(0, io.SEEK_END)
            local.seek(0)
            temporary = f"{folder}.{name}.{(mark or sha256)[:16]}.tmp"
            with translated(self._transport, self._where(temporary)):
                self._upload(local, temporary)
        self._give_name(temporary, remote)
        self._confirm(remote, size, sha256 if read_back else None)
        return Uploaded(size, sha256)

    def _upload(self, local: io.BufferedReader | io.BytesIO, temporary: str) -> None:
        with self._session.open(temporary, "wb") as file:
            file.set_pipelined(True)
            block = local.read(_BLOCK)
            while block:
                following = local.read(_BLOCK)
                # The last write waits for the answers of all: closing would not tell what the server refused.
                file.set_pipelined(bool(following))
                file.write(block)
                block = following

    def _give_name(self, temporary: str, remote: str) -> None:
        with translated(self._transport, self._where(remote), doubtful=True):
            try:
                self._session.posix_rename(temporary, remote)
            except OSError as error:
                if error.errno is not None or not self._alive():
                    raise
                # A server without OpenSSH's extension: the plain rename, which may not replace a file.
                self._session.rename(temporary, remote)

    def _alive(self) -> bool:
        return self._transport is not None and self._transport.is_active()

    def _confirm(self, remote: str, size: int, sha256: str | None) -> None:
        where = self._where(remote)
        try:
            with translated(self._transport, where, doubtful=True):
                if sha256 is None:
                    found, digest = int(self._session.stat(remote).st_size or 0), None
                else:
                    found, digest = remote_digest(self._session, remote)
        except NotFound as error:
            message = "the server said OK, but the file is not there"
            raise InDoubt(message, code="upload-not-found", where=where) from error
        if (found, digest) != (size, sha256):
            raise InDoubt("the server said OK, but has other content", code="upload-differs", where=where)

    def get(self, remote: str, target: Path, *, resume: bool = True) -> Downloaded:
        """Download to ``target``; a cut leaves ``target.part``, from which the next call goes on.

        Raises NotFound (``sftp-file-not-found``), Refused (``sftp-refused``), Unavailable (also ``sftp-file-changed``).
        """
        names.split(remote)
        with translated(self._transport, self._where(remote)):
            return download(self._session, remote, target, resume=resume)

    def read(self, remote: str, *, at_most: int) -> bytes:
        """The first ``at_most`` bytes of a remote file, or all it has. Raises as ``get``."""
        names.split(remote)
        with translated(self._transport, self._where(remote)):
            return beginning(self._session, remote, at_most)

    def digest(self, remote: str) -> Uploaded:
        """Size and SHA-256 of a remote file, by reading it: the enquiry for an upload in doubt. Raises NotFound."""
        names.split(remote)
        with translated(self._transport, self._where(remote)):
            return Uploaded(*remote_digest(self._session, remote))

    def exists(self, remote: str) -> bool:
        """Whether a file or folder is there."""
        try:
            with translated(self._transport, self._where(remote)):
                self._session.stat(remote)
        except NotFound:
            return False
        return True

    def move(self, remote: str, to: str) -> None:
        """Rename, never over a file. Raises NotFound, Conflict (``sftp-target-exists``), Refused, InDoubt."""
        names.split(remote)
        names.split(to)
        if self.exists(to):
            raise Conflict("a file with this name is there", code="sftp-target-exists", where=self._where(to))
        with translated(self._transport, self._where(remote), doubtful=True):
            self._session.rename(remote, to)

    def remove(self, remote: str) -> None:
        """Remove a file; one that is not there is no error. Raises Refused, InDoubt."""
        names.split(remote)
        try:
            with translated(self._transport, self._where(remote), doubtful=True):
                self._session.remove(remote)
        except NotFound:
            return

    def make_folder(self, folder: str) -> None:
        """Make a folder where it is absent; its parent must be there. Raises NotFound, Refused."""
        if self.exists(folder):
            return
        try:
            with translated(self._transport, self._where(folder)):
                self._session.mkdir(folder)
        except GatewayError:
            if not self.exists(folder):  # somebody else may have made it meanwhile
                raise


def _opened(source: Path | bytes) -> io.BufferedReader | io.BytesIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
