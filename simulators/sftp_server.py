"""The SFTP server of a simulator: one account, one folder, key sign-in only, and misbehaviour on demand.

Misbehaviours (planned through ``simulators.control``; match fact ``name`` = the file's base name):

``drop_mid_file``    cut the connection after ``after`` bytes (default 1000) of a download
``drop_mid_upload``  cut the connection after ``after`` bytes of an upload
``drop_after_upload``  cut the connection when an upload got its final name, before saying OK
``lose_file``        say OK to an upload (or to its rename) and lose the file
``truncate_file``    say OK to an upload (or to its rename) and keep the first half
``refuse_upload``    answer "permission denied" to an upload
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from simulators.control import Misbehaviours

BEHAVIOURS = frozenset(
    {"drop_mid_file", "drop_mid_upload", "lose_file", "truncate_file", "refuse_upload", "drop_after_upload"}
)
_TEMPORARY = (".tmp", ".part", ".filepart")


@dataclass(frozen=True, slots=True)
class Account:
    """One partner's account: its folder is all it sees; ``authorized_key`` is an OpenSSH public key file."""

    username: str
    root: Path
    authorized_key: Path
    misbehaviours: Misbehaviours = field(default_factory=Misbehaviours)


async def start(account: Account, *, host_key: Path, port: int = 0, host: str = "127.0.0.1") -> asyncssh.SSHAcceptor:
    """Start listening; ``get_port()`` of the result says where. Makes the host key on the first start."""
    account.root.mkdir(parents=True, exist_ok=True)
    if not host_key.exists():
        host_key.parent.mkdir(parents=True, exist_ok=True)
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(host_key))

    def factory(channel: asyncssh.SSHServerChannel[bytes]) -> _Folder:
        return _Folder(channel, account)

    return await asyncssh.listen(
        host,
        port,
        server_factory=lambda: _KeyOnly(account),
        server_host_keys=[str(host_key)],
        sftp_factory=factory,
        encryption_algs=["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"],
    )


def ensure_client_key(certs: Path) -> Path:
    """The gateway's own SFTP key, ``certs/sftp/gateway`` and ``gateway.pub``; made where it is absent."""
    private = certs / "sftp" / "gateway"
    if not private.exists():
        private.parent.mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519", comment="gateway")
        key.write_public_key(str(private.with_name("gateway.pub")))
        key.write_private_key(str(private))
        private.chmod(0o600)
    return private


def public_host_key(host_key: Path) -> str:
    """``ssh-ed25519 AAAA...``: what a client's known_hosts must say after the host's name."""
    return asyncssh.read_private_key(str(host_key)).export_public_key().decode("ascii").strip()


class _KeyOnly(asyncssh.SSHServer):
    def __init__(self, account: Account) -> None:
        self._account = account
        self._key = asyncssh.read_public_key(str(account.authorized_key))

    def public_key_auth_supported(self) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return False

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == self._account.username and key == self._key


@dataclass(slots=True)
class _Open:
    """One open file and how many bytes may still pass before the connection is cut."""

    path: Path
    writing: bool
    cut_read_after: int | None = None
    was_read: bool = False
    cut_write_after: int | None = None


class _Folder(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], account: Account) -> None:
        super().__init__(channel, chroot=os.fsencode(account.root))
        self._account = account
        self._open: dict[int, _Open] = {}
        self._cut: Callable[[], None] = channel.get_connection().abort

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        real = Path(os.fsdecode(self.map_path(path)))
        writing = bool(pflags & asyncssh.FXF_WRITE)
        planned = self._account.misbehaviours
        if writing and planned.take("refuse_upload", name=real.name) is not None:
            raise asyncssh.SFTPPermissionDenied("the folder is read-only today")
        file = super().open(path, pflags, attrs)
        drop = planned.take("drop_mid_upload" if writing else "drop_mid_file", name=real.name)
        cut = None if drop is None else int(str(drop.get("after", 1000)))
        self._open[id(file)] = _Open(
            real, writing, cut_read_after=None if writing else cut, cut_write_after=cut if writing else None
        )
        return file

    def read(self, file_obj: object, offset: int, size: int) -> bytes | Awaitable[bytes]:
        opened = self._open[id(file_obj)]
        limit = opened.cut_read_after
        if not opened.was_read and offset > 0:
            self._account.misbehaviours.tell("download_resumed", name=opened.path.name, offset=offset)
        opened.was_read = True
        if limit is not None and offset + size > limit:
            if offset >= limit:
                self._account.misbehaviours.tell("download_cut", name=opened.path.name, offset=limit)
                return self._cut_soon()
            size = limit - offset
        return super().read(file_obj, offset, size)

    async def _cut_soon(self) -> bytes:
        # What was read before must still reach the client, or there is nothing to resume.
        await asyncio.sleep(0.05)
        self._cut()
        raise asyncssh.SFTPConnectionLost("cut")

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        limit = self._open[id(file_obj)].cut_write_after
        if limit is not None and offset + len(data) > limit:
            super().write(file_obj, offset, data[: max(0, limit - offset)])
            self._cut()
            return 0
        return super().write(file_obj, offset, data)  # type: ignore[return-value]  # a local file: never awaitable

    def close(self, file_obj: object) -> None:
        opened = self._open.pop(id(file_obj))
        super().close(file_obj)
        if opened.writing and not opened.path.name.endswith(_TEMPORARY):
            self._mistreat(opened.path)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().rename(oldpath, newpath)
        self._mistreat(Path(os.fsdecode(self.map_path(newpath))))

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().posix_rename(oldpath, newpath)
        self._mistreat(Path(os.fsdecode(self.map_path(newpath))))

    def _mistreat(self, path: Path) -> None:
        planned = self._account.misbehaviours
        if planned.take("drop_after_upload", name=path.name) is not None:
            self._cut()
        if planned.take("lose_file", name=path.name) is not None:
            path.unlink(missing_ok=True)
        elif planned.take("truncate_file", name=path.name) is not None:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
