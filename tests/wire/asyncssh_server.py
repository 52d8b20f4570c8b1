"""An SFTP server made with asyncssh, in a thread of the test: a second opinion beside OpenSSH."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import asyncssh


class AsyncsshServer:
    """Serves ``root`` to one user key until ``close``."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.user_key = state / "user_key"
        user_key = asyncssh.generate_private_key("ssh-ed25519")
        user_key.write_private_key(str(self.user_key))
        host_key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        self.host_key = " ".join(host_key.export_public_key().decode().split()[:2])
        authorized = state / "authorized_keys"
        user_key.write_public_key(str(authorized))
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(host_key, authorized), daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    def _serve(self, host_key: asyncssh.SSHKey, authorized: Path) -> None:
        asyncio.set_event_loop(self._loop)
        listening = asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=str(authorized),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(self.root)),
        )
        self._acceptor = self._loop.run_until_complete(listening)
        self.port = self._acceptor.get_port()
        self._started.set()
        self._loop.run_forever()

    def close(self) -> None:
        async def stop() -> None:
            self._acceptor.close()
            await self._acceptor.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
