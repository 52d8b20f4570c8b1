"""Breaks, questions and refunds that were not concluded within their limit: one alert per partner, on working days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.application import breaks, days, enquiries, refunds
from gateway.application.breaks import Decision, Target
from gateway.ledger import sends
from gateway.model import Kind, OutboundMessage
from tests.lateness.watched import AN, BINH, CULTURE_DAY, WEDNESDAY, Province, at
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
DECEMBER_1, DECEMBER_2 = date(2026, 12, 1), date(2026, 12, 2)
"""Five working days after Monday the 23rd (the 24th is a day off), and the first morning after them."""


def step(province: Province, cause: str) -> int:
    return int(province.one("SELECT step FROM gateway.alert WHERE cause = %s AND cleared_at IS NULL", cause))


def test_a_break_is_too_old_from_the_morning_after_its_limit_on(province: Province) -> None:
    province.short(MONDAY)
    province.short(MONDAY, 200_000, 150_000)
    province.judged(MONDAY, at("06:40"))
    assert province.standing(at("23:45", DECEMBER_1), "break-too-old") == {}
    assert province.standing(at("00:00", DECEMBER_2), "break-too-old") == {
        "break-too-old:bank-a": "Ngân hàng A: 2 khoản lệch quá hạn xử lý, tổng 80.000 đ;"
        " cũ nhất của ngày 23/11/2026 (hạn 5 ngày làm việc)."
    }
    province.accept_everything("an")
    assert province.standing(at("00:15", DECEMBER_2), "break-too-old") == {}


def test_money_without_a_payer_has_a_limit_of_its_own(province: Province) -> None:
    province.line(15_000, text="CHUYEN TIEN")
    province.judged(MONDAY, at("06:40"))
    assert province.standing(at("12:00", date(2026, 12, 8)), "break-too-old") == {}
    (text,) = province.standing(at("00:00", date(2026, 12, 9)), "break-too-old").values()
    assert "(hạn 10 ngày làm việc)" in text


def test_no_break_becomes_too_old_on_a_day_off(province: Province, own_config: Path) -> None:
    file = own_config / "alerts.toml"
    file.write_text(file.read_text().replace("working_days = 5", "working_days = 3"))
    province.config = own_config
    province.short(MONDAY)
    province.judged(MONDAY, at("06:40"))
    for day in (FRIDAY, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2)):
        assert province.standing(at("23:45", day), "break-too-old") == {}
    assert len(province.standing(at("00:00", date(2026, 11, 30)), "break-too-old")) == 1


def test_breaks_of_a_later_day_are_news_and_fewer_of_the_same_day_are_not(province: Province) -> None:
    province.short(MONDAY)
    province.short(MONDAY)
    province.judged(MONDAY, at("06:40"))
    province.short(WEDNESDAY)
    province.judged(WEDNESDAY, at("06:40", THURSDAY))
    cause = "break-too-old:bank-a"
    province.look(at("00:00", DECEMBER_2))
    first = step(province, cause)
    decide(province, province.keys()[:1], Decision.ACCEPT, at_hour="08:00")
    assert "1 khoản lệch" in province.standing(at("08:15", DECEMBER_2))[cause]
    assert step(province, cause) == first
    assert "2 khoản lệch" in province.standing(at("00:00", date(2026, 12, 3)))[cause]
    assert step(province, cause) > first


def decide(province: Province, keys: Sequence[str], kind: Decision, at_hour: str, **params: object) -> None:
    desk = province.desk(at(at_hour, DECEMBER_2 if kind is Decision.ACCEPT else WEDNESDAY))
    for key in keys:
        breaks.decide(desk, AN, Target("bank-a", MONDAY, 1, key), kind, reason="đã xem sao kê", **params)  # type: ignore[arg-type]  # params are texts


def asked(province: Province) -> str:
    """A break of Monday that the bank was asked about on Wednesday, to be answered by Friday; its row."""
    province.short(MONDAY)
    province.judged(MONDAY, at("06:40"))
    (key,) = province.keys()
    decide(province, [key], Decision.ENQUIRE, at_hour="08:00", question="Đã nhận đủ chưa?", answer_due_on="2026-11-27")
    return key


def test_an_enquiry_is_overdue_on_the_working_day_after_its_date_until_it_is_answered(province: Province) -> None:
    key = asked(province)
    for day in (FRIDAY, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2)):
        assert province.standing(at("23:45", day), "enquiry-overdue") == {}
    monday = date(2026, 11, 30)
    number = province.one("SELECT enquiry_id FROM gateway.enquiry")
    assert province.standing(at("00:00", monday), "enquiry-overdue") == {
        "enquiry-overdue:bank-a": f"Ngân hàng A chưa trả lời 1 tra soát quá hạn; lâu nhất là {number}, hạn 27/11/2026."
    }
    path = province.one("SELECT path FROM gateway.alert WHERE code = 'enquiry-overdue'")
    assert path == f"/days/bank-a/{MONDAY}/breaks/{key}"
    enquiries.record_answer(province.desk(at("09:00", monday)), AN, number, answer="đã thu đủ", reference="CV 12")
    assert province.standing(at("09:15", monday), "enquiry-overdue") == {}


def test_a_break_that_the_partner_was_asked_about_is_not_too_old_until_it_is_answered(province: Province) -> None:
    asked(province)
    assert province.standing(at("00:00", DECEMBER_2), "break-too-old") == {}
    number = province.one("SELECT enquiry_id FROM gateway.enquiry")
    enquiries.record_answer(province.desk(at("09:00", DECEMBER_2)), AN, number, answer="thiếu thật", reference="CV 12")
    assert set(province.standing(at("09:15", DECEMBER_2), "break-too-old")) == {"break-too-old:bank-a"}


def test_an_answer_that_nobody_concluded_is_told_until_somebody_does(province: Province) -> None:
    key = asked(province)
    province.propose(at("09:00"))
    province.approve(at("10:00"))
    number = province.one("SELECT enquiry_id FROM gateway.enquiry")
    enquiries.record_answer(province.desk(at("09:00", FRIDAY)), AN, number, answer="thiếu thật", reference="CV 12")
    tuesday = date(2026, 12, 1)
    assert province.standing(at("23:45", tuesday), "enquiry-unconcluded") == {}, "two working days after Friday"
    cause = "enquiry-unconcluded:bank-a"
    assert province.standing(at("00:00", DECEMBER_2), "enquiry-unconcluded") == {
        cause: f"Ngân hàng A đã trả lời 1 tra soát quá 2 ngày làm việc mà chưa kết luận; lâu nhất là {number},"
        " trả lời ngày 27/11/2026. Trong đó 1 khoản thuộc ngày đã duyệt: phải mở lại ngày."
    }
    path = province.one("SELECT path FROM gateway.alert WHERE cause = %s", cause)
    assert path == f"/days/bank-a/{MONDAY}/breaks/{key}"
    days.reopen(province.desk(at("08:00", DECEMBER_2)), BINH, "bank-a", MONDAY, reason="đã có trả lời")
    target = Target("bank-a", MONDAY, 2, key)
    breaks.decide(province.desk(at("08:10", DECEMBER_2)), AN, target, Decision.ACCEPT, reason="theo trả lời")
    assert province.standing(at("08:15", DECEMBER_2), "enquiry-unconcluded") == {}


def test_a_question_about_a_row_that_the_day_no_longer_has_is_nobodys_matter(province: Province) -> None:
    asked(province)
    reference = str(province.one("SELECT reference FROM gateway.payment"))
    province.pay(reference, 30_000, "MORE", paid_at=at("10:00", MONDAY))
    province.line(30_000, reference)
    province.load()
    assert province.judge(now=at("10:00")).version == 2
    assert province.standing(at("00:00", date(2026, 11, 30)), "enquiry-overdue") == {}


def refund_in_doubt(province: Province, hour: str) -> str:
    """The bank was sent a refund that was approved on Wednesday, and did not answer; its number."""
    reference = province.owe(100_000)
    province.pay(reference, 130_000, "FT1")
    province.take_up()
    payment = province.one("SELECT payment_pk FROM gateway.payment")
    desk = province.desk(at(hour))
    number = refunds.request(desk, AN, payment, 30_000, "người nộp chuyển thừa")
    refunds.propose(desk, AN, number)
    refunds.approve(desk, BINH, number)
    row = province.conn.execute(
        "SELECT message_pk, message_id FROM gateway.message WHERE kind = 'refund' AND direction = 'out'"
    ).fetchone()
    assert row is not None
    order = OutboundMessage(row[0], "bank-a", Kind.REFUND, row[1], {"refund_id": number})
    sends.on_in_doubt(province.conn, order, at("15:05"))
    return number


def test_a_refund_is_in_doubt_for_too_long_from_the_next_working_noon_on(province: Province) -> None:
    number = refund_in_doubt(province, "15:00")
    assert province.standing(at("11:59", THURSDAY), "refund-in-doubt-long") == {}
    assert province.standing(at("12:00", THURSDAY), "refund-in-doubt-long") == {
        "refund-in-doubt-long:bank-a": f"Ngân hàng A: 1 lệnh hoàn phí chưa rõ đã chi chưa, tổng 30.000 đ;"
        f" lâu nhất là {number}, duyệt ngày 25/11/2026."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE code = 'refund-in-doubt-long'") == f"/refunds/{number}"
    province.conn.execute("UPDATE gateway.refund SET state = 'sent', sent_at = %s", (at("12:10", THURSDAY),))
    assert province.standing(at("12:15", THURSDAY), "refund-in-doubt-long") == {}


def test_refunds_that_wait_for_their_checker_past_noon_are_told_together(province: Province) -> None:
    reference = province.owe(100_000)
    province.pay(reference, 190_000, "FT1")
    payment = province.one("SELECT payment_pk FROM gateway.payment")
    desk = province.desk(at("15:00", MONDAY))
    for amount in (30_000, 60_000):
        refunds.propose(desk, AN, refunds.request(desk, AN, payment, amount, "người nộp chuyển thừa"))
    assert province.standing(at("12:00", CULTURE_DAY), "approval-waiting") == {}
    assert province.standing(at("12:00"), "approval-waiting") == {
        "approval-waiting:bank-a:refunds": "Ngân hàng A: 2 đề nghị hoàn phí, tổng 90.000 đ, trình từ 15:00 23/11/2026,"
        " quá 12:00 25/11/2026 chưa được duyệt."
    }
