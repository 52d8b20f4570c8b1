"""A confirmation that our own fault kept from leaving is not in doubt: nobody has to be asked about it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from adapters.wire.confirmations import ConfirmationSender
from adapters.wire.sftp.connection import SftpAddress
from adapters.wire.signed_files import SignedOutbox
from gateway.model import Kind, OutboundMessage, SendVerdict
from gateway.security import development_pki
from gateway.security.keys import SigningKey

MESSAGE = OutboundMessage(
    1, "bank-a", Kind.SETTLEMENT_CONFIRMATION, "m-1", {"file_name": "XN_20261123.csv", "content": "ngày;số tiền\n"}
)


def test_a_confirmation_waits_while_the_key_for_the_server_is_not_there(tmp_path: Path) -> None:
    development_pki.create(tmp_path)
    (tmp_path / "known_hosts").write_text("")
    key = SigningKey.load(tmp_path / "gateway-ec.key", tmp_path / "gateway-ec.crt")
    address = SftpAddress("127.0.0.1", 1, "gateway", tmp_path / "lost", tmp_path / "known_hosts")
    outbox = SignedOutbox("in", address, key, "test", lambda: datetime(2026, 11, 24, tzinfo=UTC))
    sender = ConfirmationSender("bank-a", outbox)
    ((_, outcome),) = sender.send([(MESSAGE, sender.encode(MESSAGE))])
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "sftp-key-unusable")
    assert "lost" in outcome.detail
