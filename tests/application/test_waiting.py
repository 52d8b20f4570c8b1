"""Việc đang chờ: everything that waits for a person, of every month, with its age and who may do it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.application import breaks, cash, days, months, refunds, treasury
from gateway.application.access import Person
from gateway.application.breaks import Decision
from gateway.application.waiting import ACT_OF, Waiting, waiting
from gateway.errors import Forbidden
from gateway.reports import signed
from tests.application.office import Office
from tests.console.finance_world import THU, VOUCHER
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

BANK = "bank-a"


def of(office: Office, user: str = "an") -> dict[str, Waiting]:
    return {one.kind: one for one in waiting(office.desk, office.person(user))}


def on(office: Office, day: date, hour: int = 3) -> None:
    """The clock goes on to that hour in UTC."""
    office.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    office.later(seconds=int((office.now - office.desk.clock.now()).total_seconds()))


def test_a_day_of_last_month_still_waits_on_the_first_of_this_one(office: Office) -> None:
    office.short()
    office.settle_day()
    on(office, date(2026, 12, 1))
    one = of(office)["day_reconciled"]
    assert (one.count, one.mine, one.oldest_on, one.age_days) == (1, 1, MONDAY, 8)
    assert (one.owners, one.path) == (("finance_maker",), f"/days/bank-a/{MONDAY}")
    assert [(day.partner, day.business_on, day.open_breaks) for day in one.days] == [(BANK, MONDAY, 1)]
    assert of(office, "binh")["day_reconciled"].mine == 0, "a checker decides no break"


def test_each_step_of_a_day_waits_for_the_next_person(office: Office) -> None:
    office.settled()
    office.settle_day()
    assert of(office)["day_ready"].mine == 1
    days.propose(office.desk, office.an, BANK, MONDAY)
    proposed = {user: of(office, user)["day_proposed"] for user in ("an", "binh")}
    assert {user: (one.count, one.mine) for user, one in proposed.items()} == {"an": (1, 0), "binh": (1, 1)}
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert not {"day_ready", "day_proposed", "day_reconciled"} & set(of(office))


def test_nobody_is_asked_to_approve_what_they_proposed_themselves(office: Office) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.person("chi"), BANK, MONDAY)
    one = of(office, "chi")["day_proposed"]
    assert (one.count, one.mine) == (1, 0), "chi is a maker and a checker, and still one person"


def test_a_late_file_waits_for_its_partner_from_the_first_judged_day_on(office: Office) -> None:
    office.settled()
    office.settle_day()
    assert "day_late" not in of(office), "Tuesday is a day off: Monday's files are due on Wednesday"
    on(office, date(2026, 11, 25))
    late = of(office)["day_late"]
    assert (late.owners, late.mine) == (("partner",), 0)
    assert {day.business_on for day in late.days} == {MONDAY}, "nobody owed anything before the first judged day"
    assert "bank-b" in {day.partner for day in late.days}
    assert BANK not in {day.partner for day in late.days}, "its file was judged"


def test_refunds_wait_for_each_of_their_people(office: Office) -> None:
    office.pay(office.owe(100_000), 190_000)
    payment = int(office.one("SELECT payment_pk FROM gateway.payment"))
    first = refunds.request(office.desk, office.an, payment, 30_000, "thừa")
    refunds.request(office.desk, office.an, payment, 20_000, "thừa")
    refunds.propose(office.desk, office.an, first)
    mine = {user: of(office, user) for user in ("an", "binh", "vy")}
    assert [mine[user]["refund_approve"].mine for user in ("an", "binh", "vy")] == [0, 1, 0]
    assert [mine[user]["refund_propose"].mine for user in ("an", "binh", "vy")] == [1, 0, 0]
    assert mine["an"]["refund_approve"].path == "/refunds?state=proposed"
    refunds.approve(office.desk, office.binh, first)
    assert of(office)["receipt"].path == f"/refunds/{first}"
    assert "refund_approve" not in of(office)


def test_a_write_off_waits_for_a_checker_who_did_not_write_it_off(office: Office) -> None:
    office.short(1_000_000, 900_000)
    office.settle_day()
    row = office.only_row()
    breaks.decide(office.desk, office.person("chi"), row.target, Decision.WRITE_OFF, reason="phí chuyển tiền")
    assert [of(office, user)["write_off"].mine for user in ("chi", "binh", "an")] == [0, 1, 0]
    assert of(office)["write_off"].path == f"/days/bank-a/{MONDAY}/breaks/{row.row_key}"


def test_counts_and_vouchers_wait_for_their_second_person(office: Office) -> None:
    wrong = cash.record(office.desk, office.an, THU)
    cash.correct(office.desk, office.an, wrong, THU, "đếm lại")
    voucher = treasury.record(office.desk, office.an, VOUCHER)
    waits = of(office, "binh")
    assert (waits["cash_count"].count, waits["cash_count"].mine) == (1, 1), "the count that was replaced waits no more"
    assert (waits["voucher"].count, waits["voucher"].path) == (1, f"/treasury/{voucher}")
    assert of(office)["voucher"].mine == 0
    treasury.confirm(office.desk, office.binh, voucher)
    assert "voucher" not in of(office)


def test_an_answer_for_an_approved_day_waits_for_the_checker_who_reopens_it(office: Office) -> None:
    from gateway.application import enquiries

    office.line(70_000, text="khong ro")
    office.settle_day()
    breaks.decide(office.desk, office.an, office.only_row().target, Decision.ENQUIRE, reason="không rõ người nộp")
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert not {kind for kind in of(office) if kind.startswith("enquiry")}, "it waits for the partner, in time"
    office.later(days=10)
    assert of(office)["enquiry_overdue"].mine == 1
    (asked,) = enquiries.enquiries(office.desk, office.an)
    enquiries.record_answer(office.desk, office.an, asked.enquiry_id, answer="của ông Bình", reference="CV 12")
    assert [of(office, user)["enquiry_reopen"].mine for user in ("an", "binh")] == [0, 1]
    assert of(office)["enquiry_reopen"].path == "/enquiries?state=unconcluded"
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="đã có trả lời")
    assert of(office)["enquiry_conclude"].mine == 1


def test_a_month_whose_days_are_all_approved_waits_to_be_closed(office: Office) -> None:
    last = date(2026, 11, 30)
    reference = office.owe(100_000)
    office.pay(reference, 100_000, business_on=last)
    office.line(100_000, reference, on=last)
    on(office, date(2026, 12, 1))
    office.load(BANK, last)
    office.judge(BANK, last, office.now)
    assert "month_close" not in of(office, "binh")
    days.propose(office.desk, office.an, BANK, last)
    days.approve(office.desk, office.binh, BANK, last)
    one = of(office, "binh")["month_close"]
    assert (one.count, one.mine, one.oldest_on) == (1, 1, date(2026, 12, 1))
    assert one.path == "/months/bank-a/2026-11"
    assert of(office)["month_close"].mine == 0
    months.close(office.desk, office.binh, BANK, last)
    assert "month_close" not in of(office, "binh")


def prepared(office: Office, version: int = 1) -> int:
    """Minutes of the approved Monday, as they are kept."""
    return signed.store(
        office.desk.connection, kind="day_minutes", partner=BANK, period=MONDAY.isoformat(), version=version,
        snapshot_sha256="0" * 64, content=b"%PDF", user="an", now=office.desk.clock.now(),
    )  # fmt: skip


def certificate(office: Office, user: str, signs_as: str) -> None:
    office.conn.execute(
        "INSERT INTO gateway.person_certificate (person, signs_as, subject, serial, thumbprint, not_after, in_force,"
        " by_user, at) VALUES (%s, %s, 'CN=x', '1', %s, now() + interval '1 year', true, 'oanh', now())",
        (user, signs_as, signs_as.encode().hex().ljust(64, "0")),
    )


def sign(office: Office, document_pk: int, step: int, user: str) -> None:
    field = signed.ORDER[step - 1]
    office.conn.execute(
        "INSERT INTO gateway.report_signature (document_pk, step, field, person, subject, serial, thumbprint,"
        " accepted_at, sha256, content) VALUES (%s, %s, %s, %s, 'CN=x', '1', %s, %s, %s, '')",
        (document_pk, step, field, user, field.encode().hex().ljust(64, "0"), office.desk.clock.now(), "0" * 64),
    )


def test_minutes_wait_for_the_office_that_signs_next_and_for_whom_it_knows(office: Office) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    document = prepared(office)
    certificate(office, "an", "lap_bieu")
    certificate(office, "binh", "ke_toan_truong")
    first = {user: of(office, user)["minutes_lap_bieu"] for user in ("an", "binh")}
    assert {user: one.mine for user, one in first.items()} == {"an": 1, "binh": 0}
    assert (first["an"].owners, first["an"].path) == (("lap_bieu",), f"/days/bank-a/{MONDAY}")
    sign(office, document, 1, "an")
    assert of(office, "binh")["minutes_ke_toan_truong"].mine == 1
    sign(office, document, 2, "binh")
    certificate(office, "chi", "thu_truong")
    sign(office, document, 3, "chi")
    assert of(office)["minutes_doi_tac"].mine == 1, "whoever may sign hands in the partner's copy"
    sign(office, document, 4, "an")
    assert not {kind for kind in of(office) if kind.startswith("minutes")}


def test_minutes_of_a_version_that_was_reopened_wait_for_nobody(office: Office) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    prepared(office)
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="xem lại")
    assert not {kind for kind in of(office) if kind.startswith("minutes")}
    assert of(office)["day_reopened"].mine == 1


def test_what_waits_stands_in_a_fixed_order_and_a_stranger_sees_none_of_it(office: Office) -> None:
    office.short()
    office.settle_day()
    kinds = [one.kind for one in waiting(office.desk, office.an)]
    assert kinds == [kind for kind in ACT_OF if kind in kinds]
    with pytest.raises(Forbidden) as stranger:
        waiting(office.desk, Person("khach", frozenset()))
    assert stranger.value.code == "act-not-allowed"


def test_the_calendar_of_a_months_first_days_begins_before_it(office: Office) -> None:
    on(office, date(2026, 12, 1))
    shown = days.calendar(office.desk, office.an, date(2026, 12, 1), days_before=7)
    assert min(one.business_on for one in shown) == date(2026, 12, 1) - timedelta(days=7)
    alone = days.calendar(office.desk, office.an, date(2026, 12, 1))
    assert min(one.business_on for one in alone) == date(2026, 12, 1)
