"""One mail per cause to the people concerned, again only on news; never lost, at worst repeated; links, no names."""

from __future__ import annotations

import email
import logging
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from adapters.wire.mail import SmtpCarrier
from gateway import settings
from gateway.bootstrap.deliveries import load_audiences
from gateway.errors import ConfigurationError, InDoubt, Refused, Unavailable
from gateway.flows.lateness import limits, telling
from gateway.flows.lateness.telling import Audience, Sender
from gateway.ledger.alert_actions import ACTION_VI
from gateway.model import Summary
from tests.lateness.watched import CONFIG, Province, at
from tests.ledger.story import MONDAY
from tests.reports.smtp_server import Mailbox

SENDER = Sender("doi-soat@quangninh.example", "https://cong.example/gateway")
MAIL = limits.load(CONFIG).mail


def audiences(mailbox: Mailbox | None) -> Sequence[Audience]:
    return [
        Audience(name, people, None if mailbox is None else SmtpCarrier(mailbox.url, SENDER.address, people))
        for name, people in MAIL.people.items()
    ]


def told(province: Province, hour: str, mailbox: Mailbox | None) -> Summary:
    """One lateness run at that hour: look, then tell."""
    province.look(at(hour))
    return telling.tell(province.work(at(hour)), audiences(mailbox), SENDER, MAIL)


def mails(mailbox: Mailbox) -> list[EmailMessage]:
    return [email.message_from_bytes(content, policy=policy.default) for _, _, content in mailbox.mails]  # type: ignore[misc]  # the policy's own class


def subjects(mailbox: Mailbox) -> list[tuple[str, str]]:
    return [(str(mail["To"]), str(mail["Subject"])) for mail in mails(mailbox)]


FINANCE = "ke-toan@quangninh.example"
OPS = "van-hanh@quangninh.example"
NOT_CLOSED = "ngày chưa được duyệt – bank-a"
UNCLOSED = "ngày không khép – bank-a"


def one_short_day(province: Province) -> None:
    province.short(MONDAY)
    province.short(MONDAY)
    province.judged(MONDAY, at("06:40"))


@pytest.mark.services
def test_a_mail_says_what_is_wrong_what_to_do_and_where_and_names_nobody(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    assert told(province, "12:00", mailbox).counts == {"told": 1, "over": 0, "untold": 0}
    ((sender, recipients, _),) = mailbox.mails
    assert (sender, recipients) == (SENDER.address, [FINANCE])
    (mail,) = mails(mailbox)
    text = mail.get_content()
    assert mail["Subject"] == f"[Cảnh báo] {NOT_CLOSED}"
    assert "Ngày 23/11/2026 của Ngân hàng A còn 2 khoản lệch chưa kết luận." in text
    assert ACTION_VI["day-not-closed"] in text
    assert f"https://cong.example/gateway/days/bank-a/{MONDAY}\n" in text
    for personal in ("Nguyễn", "H49.12", "0912345678", "022190000001", "1120000000101"):
        assert personal not in text


@pytest.mark.services
def test_what_was_told_is_not_told_again_while_only_figures_move(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    told(province, "12:00", mailbox)
    province.short(MONDAY)
    province.load()
    province.judge(now=at("06:50"))
    assert "3 khoản lệch" in province.standing(at("12:15"))[f"day-not-closed:bank-a:{MONDAY}"]
    for hour in ("12:15", "12:30", "12:45"):
        assert told(province, hour, mailbox).counts["told"] == 0
    assert len(mailbox.mails) == 1


@pytest.mark.services
def test_each_audience_is_told_of_its_own_kinds(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    province.conn.execute("UPDATE gateway.statement SET closing = closing + 5000 WHERE ours")
    told(province, "09:30", mailbox)
    assert sorted(subjects(mailbox)) == [(FINANCE, f"[Cảnh báo] {UNCLOSED}"), (OPS, f"[Cảnh báo] {UNCLOSED}")]


@pytest.mark.services
def test_other_sums_that_are_off_are_news_and_another_amount_is_not(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    province.conn.execute("UPDATE gateway.statement SET closing = closing + 5000 WHERE ours")
    told(province, "09:30", mailbox)
    province.conn.execute("UPDATE gateway.statement SET closing = closing + 1000 WHERE ours")
    told(province, "09:45", mailbox)
    assert len(mailbox.mails) == 2, "one to each audience"
    province.conn.execute("DELETE FROM gateway.recon_entry")
    told(province, "10:00", mailbox)
    assert [subject for _, subject in subjects(mailbox)[2:]] == [f"[Cập nhật] {UNCLOSED}"] * 2
    first, second = (mail for mail in mails(mailbox) if mail["To"] == FINANCE)
    assert second["In-Reply-To"] == first["Message-ID"]


@pytest.mark.services
def test_a_cause_that_is_gone_is_told_as_over_once_it_stayed_away(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    told(province, "12:00", mailbox)
    province.accept_everything("an")
    province.propose(at("12:10"))
    for hour in ("12:15", "13:14"):
        assert told(province, hour, mailbox).counts == {"told": 0, "over": 0, "untold": 0}
    assert told(province, "13:15", mailbox).counts == {"told": 0, "over": 1, "untold": 0}
    assert told(province, "13:30", mailbox).counts == {"told": 0, "over": 0, "untold": 0}
    assert [subject for _, subject in subjects(mailbox)] == [f"[Cảnh báo] {NOT_CLOSED}", f"[Đã hết] {NOT_CLOSED}"]


def circuit(province: Province, failures: int) -> None:
    province.conn.execute(
        "INSERT INTO gateway.circuit (partner, failures, open_until, changed_at) VALUES ('bank-a', %(n)s, now(), now())"
        " ON CONFLICT (partner) DO UPDATE SET failures = %(n)s",
        {"n": failures},
    )


@pytest.mark.services
def test_a_cause_that_comes_and_goes_is_one_mail(province: Province, mailbox: Mailbox) -> None:
    for hour, failures in (("08:00", 9), ("08:15", 0), ("08:30", 9), ("08:45", 0), ("09:30", 9)):
        circuit(province, failures)
        told(province, hour, mailbox)
    assert [subject for _, subject in subjects(mailbox)] == ["[Cảnh báo] đối tác không trả lời đã lâu – bank-a"]
    assert len(province.changes("circuit-open-long:bank-a")) == 1


@pytest.mark.services
def test_a_cause_that_comes_back_later_is_a_new_one(province: Province, mailbox: Mailbox) -> None:
    for hour, failures in (("08:00", 9), ("08:15", 0), ("09:15", 9)):
        circuit(province, failures)
        told(province, hour, mailbox)
    assert len(province.changes("circuit-open-long:bank-a")) == 2
    assert [str(mail["Subject"]).split("]")[0] for mail in mails(mailbox)] == ["[Cảnh báo", "[Đã hết", "[Cảnh báo"]


@pytest.mark.services
def test_without_a_mail_server_alerts_stay_untold_and_the_run_says_so(
    province: Province, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    one_short_day(province)
    with caplog.at_level(logging.WARNING, "gateway.alerts"):
        assert told(province, "12:00", None).counts == {"told": 0, "over": 0, "untold": 1}
    assert caplog.messages == ["no mail server: 1 alerts are told on the pages only"]
    assert province.one("SELECT count(*) FROM gateway.alert WHERE cleared_at IS NULL") == 1
    assert told(province, "12:15", mailbox).counts == {"told": 1, "over": 0, "untold": 0}


@pytest.mark.services
def test_a_mail_that_perhaps_arrived_is_sent_again_under_the_same_message_id(
    province: Province, mailbox: Mailbox
) -> None:
    one_short_day(province)
    mailbox.hangs_up = True
    with pytest.raises(InDoubt) as raised:
        told(province, "12:00", mailbox)
    assert raised.value.code == "mail-in-doubt"
    mailbox.hangs_up = False
    told(province, "12:15", mailbox)
    told(province, "12:30", mailbox)
    first, second = (mail["Message-ID"] for mail in mails(mailbox))
    assert first == second


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.services
def test_a_run_killed_between_sending_and_recording_repeats_the_mail_and_loses_none(
    province: Province, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_short_day(province)
    send = SmtpCarrier.send

    def send_and_die(carrier: SmtpCarrier, name: str, content: bytes) -> None:
        send(carrier, name, content)
        raise _Killed

    monkeypatch.setattr(SmtpCarrier, "send", send_and_die)
    with pytest.raises(_Killed):
        told(province, "12:00", mailbox)
    assert province.rows("SELECT 1 FROM gateway.alert_told") == []
    monkeypatch.undo()
    assert told(province, "12:15", mailbox).counts["told"] == 1
    assert told(province, "12:30", mailbox).counts["told"] == 0
    assert len({mail["Message-ID"] for mail in mails(mailbox)}) == 1
    assert len(mailbox.mails) == 2


@pytest.mark.services
def test_an_audience_that_is_refused_holds_up_no_other(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    province.conn.execute("UPDATE gateway.statement SET closing = closing + 5000 WHERE ours")
    mailbox.refuses.add(FINANCE)
    with pytest.raises(Refused) as raised:
        told(province, "09:30", mailbox)
    assert raised.value.code == "mail-refused"
    assert [to for to, _ in subjects(mailbox)] == [OPS]
    mailbox.refuses.clear()
    told(province, "09:45", mailbox)
    assert [to for to, _ in subjects(mailbox)] == [OPS, FINANCE]


@pytest.mark.services
def test_a_mail_that_a_filter_refuses_holds_up_no_later_one(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    province.conn.execute("UPDATE gateway.statement SET closing = closing + 5000 WHERE ours")
    mailbox.rejects = "Mã: day-not-closed."
    for hour in ("12:30", "12:45"):
        with pytest.raises(Refused) as raised:
            told(province, hour, mailbox)
        assert raised.value.code == "mail-refused"
    assert {to for to, _ in subjects(mailbox)} == {OPS, FINANCE}
    before = len(mailbox.mails)
    mailbox.rejects = ""
    assert told(province, "13:00", mailbox).counts["told"] == 1
    assert len(mailbox.mails) == before + 1


@pytest.mark.services
def test_a_mail_server_that_is_away_is_tried_again_by_the_run(province: Province, mailbox: Mailbox) -> None:
    one_short_day(province)
    mailbox.busy = True
    with pytest.raises(Unavailable) as raised:
        told(province, "12:00", mailbox)
    assert raised.value.code == "mail-unavailable"
    mailbox.busy = False
    assert told(province, "12:15", mailbox).counts["told"] == 1


@pytest.mark.services
def test_one_look_that_fails_holds_up_no_other_and_clears_nothing_of_its_own(
    province: Province, own_config: Path
) -> None:
    one_short_day(province)
    province.line(15_000, text="CHUYEN TIEN")
    circuit(province, 9)
    closed = f"day-not-closed:bank-a:{MONDAY}"
    assert set(province.standing(at("12:00"))) == {closed, "circuit-open-long:bank-a"}
    (own_config / "calendars" / "vn-banking.toml").unlink()
    province.config = own_config
    circuit(province, 0)
    with pytest.raises(ConfigurationError) as raised:
        province.look(at("12:15"))
    assert raised.value.code == "calendar-unknown"
    assert province.rows("SELECT cause FROM gateway.alert WHERE cleared_at IS NULL") == [(closed,)]


@pytest.mark.unit
def test_every_kind_of_alert_is_told_to_somebody() -> None:
    assert set(MAIL.to) == set(ACTION_VI)
    assert all(MAIL.to.values())


@pytest.mark.unit
def test_a_wrong_file_of_limits_is_told_whole(own_config: Path) -> None:
    file = own_config / "alerts.toml"
    text = file.read_text().replace("at_least = 8", "at_least = 40").replace("from_hour = 09:30:00", "from_hour = 25")
    file.write_text(text.replace('finance = ["ke-toan@quangninh.example"]', 'finance = ["ke-toan"]'))
    with pytest.raises(ConfigurationError) as raised:
        limits.load(own_config)
    assert {problem.key for problem in raised.value.problems} >= {"proof.from_hour", "totals", "mail.people.finance.0"}
    file.write_text(text.replace('circuit-open-long = ["ops"]', 'circuit-open-long = ["nobody"]'))
    with pytest.raises(ConfigurationError) as raised:
        limits.load(own_config)
    assert "to names nobody of people: nobody" in {problem.message for problem in raised.value.problems}
    file.unlink()
    with pytest.raises(ConfigurationError) as raised:
        limits.load(own_config)
    assert raised.value.code == "configuration-invalid"


@pytest.mark.unit
def test_mail_leaves_only_where_a_server_is_named() -> None:
    sender, without, _ = load_audiences(settings.load({"GATEWAY_CONFIG": str(CONFIG)}))
    assert [audience.carrier for audience in without] == [None, None]
    chosen = settings.load({"GATEWAY_CONFIG": str(CONFIG), "GATEWAY_SMTP_URL": "smtp://u:hidden-word@mail.example:587"})
    _, with_one, _ = load_audiences(chosen)
    assert [audience.name for audience in with_one if audience.carrier] == ["finance", "ops"]
    assert "hidden-word" not in repr(with_one)
    assert sender.console_url.startswith("http")
