"""Mails, XCom and log lines carry links: of a story full of names and numbers nothing stands in them."""

from __future__ import annotations

import email
import logging
from email import policy

import psycopg
import pytest

from adapters.wire.mail import SmtpCarrier
from gateway import retention
from gateway.application import breaks, enquiries
from gateway.application.breaks import Decision
from gateway.flows.deliveries import deliver_approved
from gateway.flows.lateness import telling
from gateway.flows.lateness.telling import Audience, Sender
from gateway.flows.retention import apply as expire
from gateway.model import Summary
from gateway.reports.delivery import Letterhead
from tests.lateness.test_telling import MAIL, audiences
from tests.lateness.watched import AN, CONFIG, Province, at
from tests.ledger.story import MONDAY
from tests.reports.smtp_server import Mailbox

pytestmark = pytest.mark.services

NAME, CCCD, PHONE = "Đặng Thị Mật", "022190777666", "0987654321"
MAIL_OF_HERS, ADDRESS, ACCOUNT = "mat.dang@example.vn", "Số 7 ngõ Kín, Phường Hồng Gai", "1120 0000 00999"
WRITTEN = f"{NAME}, CCCD {CCCD}, gọi {PHONE}, tài khoản {ACCOUNT}"
SECRETS = (NAME, "Mật", CCCD, PHONE, MAIL_OF_HERS, "ngõ Kín", ACCOUNT, "1120000000999", "1120000000101", "NHA BA MAT")
FROM = Sender("doi-soat@quangninh.example", "https://cong.example/gateway")
LETTERHEAD = Letterhead(FROM.address, ("ke-toan@quangninh.example",), FROM.console_url)


def told_everywhere(province: Province) -> None:
    """She stands in the dossier, the statement, the tracking feed, a refusal, and in what people write of her."""
    her = {"owner_name": NAME, "owner_id_number": CCCD, "phone": PHONE, "email": MAIL_OF_HERS, "address": ADDRESS}
    reference = province.owe(100_000, **her, summary=f"NHA BA MAT, {WRITTEN}")
    province.pay(reference, 70_000)
    province.line(70_000, reference, text=WRITTEN)
    province.line(50_000, text=f"{WRITTEN} nop phi")
    province.conn.execute(
        "INSERT INTO gateway.postal_event (partner, record_id, order_number, item_code, status_code, status_text,"
        " occurred_at, collected, message_pk) VALUES ('vnpost', 'r1', 'EV1', 'i1', '99', %s, %s, 0, %s)",
        (f"Đã giao cho {WRITTEN}", province.now, province.message()),
    )
    province.conn.execute(
        "UPDATE gateway.message SET state = 'quarantined', reason = 'statement-line', detail = %s, state_at = %s"
        " WHERE message_pk = %s",
        (WRITTEN, province.now, province.message()),
    )
    province.judged(MONDAY, at("06:40"))


def decided_about(province: Province) -> None:
    desk = province.desk(at("13:00"))
    for row in breaks.breaks_of(desk, AN, "bank-a", MONDAY).rows:
        breaks.decide(desk, AN, row.target, Decision.ENQUIRE, reason=WRITTEN, question=WRITTEN)
    for asked in enquiries.enquiries(desk, AN):
        enquiries.record_answer(desk, AN, asked.enquiry_id, answer=WRITTEN, reference=f"gọi {PHONE}")
    for row in breaks.breaks_of(desk, AN, "bank-a", MONDAY).rows:
        breaks.decide(desk, AN, row.target, Decision.ACCEPT, reason=WRITTEN)


def leaked(*texts: str) -> list[str]:
    return [secret for secret in SECRETS for text in texts if secret in text]


def bodies(mailbox: Mailbox) -> list[str]:
    """Headers and every part of every mail, decoded."""
    texts = []
    for _, _, content in mailbox.mails:
        message = email.message_from_bytes(content, policy=policy.default)
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        texts.append("\n".join([*map(str, message.values()), *map(str, parts)]))
    return texts


def test_mails_xcom_and_logs_of_a_story_full_of_names_hold_none(
    province: Province, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told_everywhere(province)
    summaries: list[Summary] = [province.look(at("12:30"))]
    summaries.append(telling.tell(province.work(at("12:30")), audiences(mailbox), FROM, MAIL))
    decided_about(province)
    province.propose(at("13:30"))
    province.approve(at("14:00"))
    carrier = SmtpCarrier(mailbox.url, LETTERHEAD.sender, LETTERHEAD.recipients)
    summaries.append(deliver_approved(province.work(at("14:30")), [carrier], LETTERHEAD))
    summaries.append(expire(province.work(at("15:00")), retention.load(CONFIG)))
    codes = {str(code) for (code,) in province.rows("SELECT code FROM gateway.alert")}
    assert {"postal-status-unknown", "messages-quarantined", "day-not-closed"} <= codes
    mails = bodies(mailbox)
    assert len(mails) >= 3
    assert any("Đối soát Ngân hàng A" in one for one in mails)
    assert leaked(*mails) == []
    assert leaked(*(str(summary.as_xcom()) for summary in summaries)) == []
    assert leaked(caplog.text) == []
    assert (
        leaked(*(str(row) for row in province.rows("SELECT cause, text_vi, action, path, gist FROM gateway.alert")))
        == []
    )


def test_a_log_line_about_a_mail_that_was_refused_names_nobody(
    province: Province, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    told_everywhere(province)
    province.look(at("12:30"))
    caplog.set_level(logging.DEBUG)
    alone = [Audience(one.name, one.recipients, None) for one in audiences(mailbox)]
    telling.tell(province.work(at("12:30")), alone, FROM, MAIL)
    assert caplog.text != ""
    assert leaked(caplog.text) == []


def test_what_people_wrote_is_masked_where_it_is_read_and_kept_as_it_was(province: Province) -> None:
    told_everywhere(province)
    decided_about(province)
    desk = province.desk(at("14:00"))
    (row, *_) = breaks.breaks_of(desk, AN, "bank-a", MONDAY).rows
    view = breaks.break_of(desk, AN, "bank-a", MONDAY, row.row_key)
    numbers = (CCCD, PHONE, ACCOUNT)
    shown = [*(one.reason for one in view.decisions), *(str(one.params) for one in view.decisions)]
    shown += [text for one in view.enquiries for text in (one.question, one.answer, one.reference)]
    shown += [one.question for one in enquiries.enquiries(desk, AN)]
    assert len(shown) >= 7
    assert [number for number in numbers for text in shown if number in text] == []
    assert all("•••" in text for text in shown if text and text != "{}")
    kept = province.rows(
        "SELECT reason FROM gateway.break_decision UNION ALL SELECT answer FROM gateway.enquiry_answer"
    )
    assert {text for (text,) in kept} == {WRITTEN}


def test_the_database_itself_keeps_reasons_from_being_erased(province: Province) -> None:
    told_everywhere(province)
    decided_about(province)
    province.conn.commit()
    for table in ("break_decision", "enquiry", "enquiry_answer"):
        with pytest.raises(psycopg.errors.CheckViolation) as kept, province.conn.transaction():
            province.conn.execute(f"DELETE FROM gateway.{table}".encode())
        assert kept.value.diag.constraint_name == "never_edited"
