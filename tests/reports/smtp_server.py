"""A mail server that speaks SMTP on loopback and keeps what it is given; it can refuse a recipient or hang up."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy


@dataclass
class Mailbox:
    """``refuses``: addresses answered 550. ``busy``: everything is answered 451. ``hangs_up``: after DATA.

    ``rejects``: what a filter finds in a mail that it answers with 554.
    """

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    rejects: str = ""
    busy: bool = False
    hangs_up: bool = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Session(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        sender, recipients = "", list[str]()
        self._say("220 mail.example")
        for line in self.rfile:
            words = line.decode().strip()
            verb = words[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "MAIL":
                sender = words.partition(":")[2].strip("<>")
                self._say("451 later" if self.mailbox.busy else "250 ok")
            elif verb == "RCPT":
                recipient = words.partition(":")[2].strip("<>")
                recipients.append(recipient)
                self._say("550 no such user" if recipient in self.mailbox.refuses else "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                content = self._content()
                if self.mailbox.rejects and self.mailbox.rejects in _text(content):
                    self._say("554 looks like spam")
                    continue
                self.mailbox.mails.append((sender, recipients, content))
                if self.mailbox.hangs_up:
                    return
                self._say("250 kept")
            else:
                self._say("250 mail.example")

    def _content(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


def _text(content: bytes) -> str:
    body = email.message_from_bytes(content, policy=policy.default).get_body(("plain",))
    return "" if body is None else str(body.get_content())


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on a free port of loopback."""
    mailbox = Mailbox()
    session = type("Session", (_Session,), {"mailbox": mailbox})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), session) as server:
        server.daemon_threads = True
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
