"""Reports of an approved day leave by mail and into a folder, once, and what left is kept."""

from __future__ import annotations

import email
import hashlib
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection

from adapters.wire.mail import SmtpCarrier
from adapters.wire.report_folder import FolderCarrier
from adapters.wire.sftp import SftpAddress
from gateway import settings
from gateway.airflow.mail import smtp_url
from gateway.application import days
from gateway.bootstrap.deliveries import load_carriers
from gateway.errors import ConfigurationError, GatewayError, InDoubt, Refused, Unavailable
from gateway.flows.deliveries import deliver_approved
from gateway.flows.wiring import Work
from gateway.local.openssh import SshAddress
from gateway.reports.delivery import Carrier, Letterhead
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory
from tests.reports.signing import AN, BINH, Signing
from tests.reports.smtp_server import Mailbox, mail_server

LETTERHEAD = Letterhead("doi-soat@quangninh.example", ("ke-toan@quangninh.example",), "https://cong.example/gateway")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


def by_mail(mailbox: Mailbox) -> SmtpCarrier:
    return SmtpCarrier(mailbox.url, LETTERHEAD.sender, LETTERHEAD.recipients)


def by_sftp(server: SshAddress, folder: Path) -> FolderCarrier:
    address = SftpAddress("127.0.0.1", server.port, server.user, server.user_key, server.known_hosts)
    return FolderCarrier(address, folder.name)


def sent(signing: Signing, *carriers: Carrier) -> int:
    work = Work(signing.desk.connection, signing.desk.clock, signing.desk.partners)
    return int(deliver_approved(work, carriers, LETTERHEAD).counts["sent"])


@pytest.mark.services
def test_a_day_that_a_filter_refuses_holds_up_no_later_one(signing: Signing, mailbox: Mailbox) -> None:
    desk = signing.desk
    story = DayStory(desk.connection, dict(desk.partners), count=100)
    accounts = story.partners["bank-b"].accounts
    assert accounts is not None
    story.line(-11_000, text="Phí dịch vụ", account=accounts.default)
    story.settle_day("bank-b")
    story.accept_everything("an", "bank-b")
    days.propose(desk, AN, "bank-b", MONDAY)
    days.approve(desk, BINH, "bank-b", MONDAY)
    mailbox.rejects = "Ngân hàng A"
    with pytest.raises(Refused) as refused:
        sent(signing, by_mail(mailbox))
    assert refused.value.code == "mail-refused"
    assert [name for _, _, name, _, _ in archive(signing)] == ["doi-soat_bank-b_20261123_v1.eml"]
    mailbox.rejects = ""
    assert sent(signing, by_mail(mailbox)) == 1


def archive(signing: Signing) -> list[tuple[Any, ...]]:
    return signing.desk.connection.execute(
        "SELECT way, recipient, file_name, sha256, content FROM gateway.report_delivery ORDER BY delivery_pk"
    ).fetchall()


@pytest.mark.services
def test_the_mail_says_sums_and_a_link_and_no_name_and_is_kept(signing: Signing, mailbox: Mailbox) -> None:
    assert sent(signing, by_mail(mailbox)) == 1
    ((sender, recipients, content),) = mailbox.mails
    assert (sender, recipients) == (LETTERHEAD.sender, list(LETTERHEAD.recipients))
    message = email.message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "Đối soát Ngân hàng A ngày 23/11/2026: Đã duyệt, 1 khoản lệch"
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    assert html is not None
    assert text is not None
    for told in (html.get_content(), text.get_content()):
        assert "https://cong.example/gateway/days/bank-a/2026-11-23" in told
        assert "1.334.567" in told
        assert "NGUYỄN" not in told
        assert "H49.12" not in told
    ((way, recipient, name, digest, kept),) = archive(signing)
    assert (way, recipient, name) == ("mail", "ke-toan@quangninh.example", "doi-soat_bank-a_20261123_v1.eml")
    assert hashlib.sha256(kept).hexdigest() == digest
    assert kept.replace(b"\r\n", b"\n").strip() == content.replace(b"\r\n", b"\n").strip()


@pytest.mark.services
def test_what_was_sent_is_not_sent_again(signing: Signing, mailbox: Mailbox) -> None:
    assert sent(signing, by_mail(mailbox)) == 1
    assert sent(signing, by_mail(mailbox)) == 0
    assert len(mailbox.mails) == 1


@pytest.mark.services
def test_the_folder_has_the_files_byte_for_byte_as_they_are_kept(
    signing: Signing, ssh_server: SshAddress, ssh_folder: Path
) -> None:
    assert sent(signing, by_sftp(ssh_server, ssh_folder)) == 3
    there = {file.name: file.read_bytes() for file in ssh_folder.iterdir()}
    assert there == {name: kept for _, _, name, _, kept in archive(signing)}
    assert {Path(name).suffix for name in there} == {".xlsx", ".csv", ".pdf"}


@pytest.mark.services
def test_a_mail_server_that_is_away_does_not_hold_up_the_folder(
    signing: Signing, mailbox: Mailbox, ssh_server: SshAddress, ssh_folder: Path
) -> None:
    mailbox.busy = True
    with pytest.raises(Unavailable) as told:
        sent(signing, by_mail(mailbox), by_sftp(ssh_server, ssh_folder))
    assert told.value.code == "mail-unavailable"
    assert len(list(ssh_folder.iterdir())) == 3
    mailbox.busy = False
    assert sent(signing, by_mail(mailbox), by_sftp(ssh_server, ssh_folder)) == 1


@pytest.mark.services
def test_a_mail_in_doubt_is_sent_again_with_the_same_message_id(signing: Signing, mailbox: Mailbox) -> None:
    mailbox.hangs_up = True
    with pytest.raises(InDoubt) as told:
        sent(signing, by_mail(mailbox))
    assert told.value.code == "mail-in-doubt"
    mailbox.hangs_up = False
    assert sent(signing, by_mail(mailbox)) == 1
    first, second = (email.message_from_bytes(content)["Message-ID"] for _, _, content in mailbox.mails)
    assert first == second


@pytest.mark.unit
def test_a_recipient_that_the_server_refuses_stops_the_mail(mailbox: Mailbox) -> None:
    mailbox.refuses.add("ke-toan@quangninh.example")
    with pytest.raises(Refused) as told:
        by_mail(mailbox).send("a.eml", b"Subject: a\n\na")
    assert told.value.code == "mail-refused"
    assert mailbox.mails == []


@pytest.mark.unit
@pytest.mark.parametrize(
    ("url", "kind"), [("smtp://127.0.0.1:1", Unavailable), ("http://127.0.0.1", ConfigurationError)]
)
def test_a_server_that_is_not_there_or_no_mail_server_is_told(url: str, kind: type[GatewayError]) -> None:
    with pytest.raises(kind):
        SmtpCarrier(url, "a@b.example", ("c@d.example",)).send("a.eml", b"a")


@pytest.mark.unit
def test_the_password_of_the_mail_server_is_in_no_repr() -> None:
    chosen = settings.load({"GATEWAY_SMTP_URL": "smtp://user:hidden-word@mail.example:587"})
    assert "hidden-word" not in repr(chosen)
    _, carriers = load_carriers(chosen)
    assert "hidden-word" not in repr(carriers)
    assert [carrier.way for carrier in carriers] == ["mail"]


@pytest.mark.unit
def test_without_a_mail_server_nothing_leaves_by_mail() -> None:
    assert list(load_carriers(settings.load({}))[1]) == []


@pytest.mark.unit
def test_a_wrong_delivery_file_is_told_whole(tmp_path: Path) -> None:
    (tmp_path / "reports.toml").write_text('console_url = "x"\n[mail]\nsender = "a"\nrecipients = []\n')
    with pytest.raises(ConfigurationError) as told:
        load_carriers(settings.load({"GATEWAY_CONFIG": str(tmp_path)}))
    assert {problem.key for problem in told.value.problems} == {"console_url", "mail.sender", "mail.recipients"}


@pytest.mark.unit
@pytest.mark.parametrize(
    ("port", "url"),
    [(465, "smtps://gateway:m%40t@mail.example:465"), (None, "smtp://gateway:m%40t@mail.example:587")],
)
def test_the_connection_of_airflow_becomes_the_address_of_the_mail_server(port: int | None, url: str) -> None:
    connection = Connection(
        conn_id="gateway_smtp", conn_type="smtp", host="mail.example", port=port, login="gateway", password="m@t"
    )
    assert smtp_url(connection) == url
