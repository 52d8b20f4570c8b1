"""A TCP proxy on loopback that cuts or stalls connections on demand: for tests of what a broken network does."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading


class CuttingProxy:
    """Forwards ``port`` to ``target``; without a target it says ``greeting`` (if any) and then nothing.

    ``cut_after`` counts the bytes of both directions; ``stall`` keeps connections open and forwards nothing more.
    """

    def __init__(self, target: int | None, *, greeting: bytes = b"") -> None:
        self._target = target
        self._greeting = greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.forwarded = 0
        self._left: int | None = None
        self._cut_before = self._cut_answer_to = b""
        self._answer_is_cut = False
        self._going = threading.Event()
        self._going.set()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, count: int) -> None:
        """Reset every connection when ``count`` more bytes passed; connections made later are left alone."""
        with self._lock:
            self._left = count

    def cut_now(self) -> None:
        """Reset every connection; new ones are welcome."""
        with self._lock:
            open_now, self._sockets = self._sockets, set()
        for one in open_now:
            # Linger 0: the peer sees a reset, as from a network that broke.
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut_before(self, said: bytes) -> None:
        """Reset the connection instead of forwarding what holds ``said`` to the target; once."""
        self._cut_before = said

    def cut_answer_to(self, said: bytes) -> None:
        """Forward what holds ``said`` to the target, and reset the connection instead of what it says next; once."""
        self._cut_answer_to = said

    def stall(self) -> None:
        """Forward nothing more, in either direction, and close nothing."""
        self._going.clear()

    def close(self) -> None:
        """Cut everything and listen no more."""
        self._going.set()
        # Closing alone leaves the kernel listening as long as a thread waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_now()

    def __enter__(self) -> CuttingProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._lock:
                self._sockets.add(client)
            if self._target is None:
                with contextlib.suppress(OSError):
                    client.sendall(self._greeting)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets.add(server)
            for source, sink in ((client, server), (server, client)):
                forward = (source, sink, source is client)
                threading.Thread(target=self._forward, args=forward, daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._going.wait()
                if self._is_the_end(data, outward):
                    self.cut_now()
                    return
                allowed = self._allowed(len(data))
                sink.sendall(data[:allowed])
                if allowed < len(data):
                    self.cut_now()
                    return
            sink.shutdown(socket.SHUT_WR)

    def _is_the_end(self, data: bytes, outward: bool) -> bool:
        with self._lock:
            if not outward:
                end, self._answer_is_cut = self._answer_is_cut, False
                return end
            if self._cut_answer_to and self._cut_answer_to in data:
                self._cut_answer_to, self._answer_is_cut = b"", True
            if self._cut_before and self._cut_before in data:
                self._cut_before = b""
                return True
            return False

    def _allowed(self, size: int) -> int:
        with self._lock:
            self.forwarded += size
            if self._left is None:
                return size
            allowed = min(size, self._left)
            self._left -= allowed
            if allowed < size:
                self._left = None
            return allowed
