"""A dossier's timeline tells a refund from its request to its end: one row for each date of its life."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources

import pytest

from gateway.application.dossiers import timeline
from gateway.clock import vietnam_date
from gateway.ledger import refunds
from gateway.ledger.refunds import Document
from gateway.messages import doubt
from gateway.model import Knowledge, SendVerdict
from tests.application.people_office import CHI, Office, office_at
from tests.ledger.story import CODE, MONDAY
from tests.ledger.test_refund_life import approved, dispatched, requested, route_to, voucher
from tests.messages.partner_double import Partner

pytestmark = pytest.mark.services

TUESDAY = MONDAY + timedelta(days=1)
Row = tuple[str, date, str]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


def told(office: Office) -> list[Row]:
    """State, date in Vietnam and who of every row about the refund, in the order of the page."""
    events = timeline(office.open(), CHI, CODE).events
    assert [event.at for event in events] == sorted(event.at for event in events)
    return [(event.state, vietnam_date(event.at), event.name) for event in events if event.kind == "refund"]


DECIDED = [("requested", MONDAY, ""), ("proposed", MONDAY, "an"), ("approved", MONDAY, "binh")]


def test_a_refund_that_was_in_doubt_was_sent_debited_and_returned_on_its_own_dates(office: Office) -> None:
    story = office.story
    refund_id, rows = approved(story)
    bank = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT)
    dispatched(story, rows, bank)
    doubt.settle(story.conn, route_to(bank, story, 2))
    story.line(-100_000, refund_id)
    story.load()
    refunds.settle_by_statements(story.conn, "bank-a", story.now)
    story.line(100_000, refund_id, text="LENH CHUYEN TRA", on=TUESDAY)
    story.load("bank-a", TUESDAY)
    refunds.settle_by_statements(story.conn, "bank-a", story.now)
    assert told(office) == [
        *DECIDED,
        ("in_doubt", MONDAY, ""),
        ("sent", MONDAY, ""),
        ("debited", MONDAY, ""),
        ("given_back", TUESDAY, ""),
    ]


def test_a_debit_that_settles_the_doubt_stands_on_its_own_day_and_not_on_that_of_the_file(office: Office) -> None:
    story = office.story
    refund_id, rows = approved(story)
    dispatched(story, rows, Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.UNKNOWN))
    story.line(-100_000, refund_id)
    story.load()
    refunds.settle_by_statements(story.conn, "bank-a", story.now + timedelta(days=1))
    assert told(office) == [
        *DECIDED, ("in_doubt", MONDAY, ""), ("debited", MONDAY, ""), ("sent_known", TUESDAY, ""),
    ]  # fmt: skip


def test_a_refund_that_the_bank_refused_has_an_end(office: Office) -> None:
    story = office.story
    _, rows = approved(story)
    dispatched(story, rows, Partner(answers=[SendVerdict.REFUSED]))
    assert told(office) == [*DECIDED, ("refused", MONDAY, "")]


def test_a_rejected_refund_says_when_and_by_whom(office: Office) -> None:
    story = office.story
    refund_id = requested(story)
    refunds.propose(story.conn, refund_id, "an", story.now)
    refunds.reject(story.conn, refund_id, story.now + timedelta(days=1), "binh", "chưa đủ hồ sơ")
    assert told(office) == [*DECIDED[:2], ("rejected", TUESDAY, "binh")]
    (end,) = [event for event in timeline(office.open(), CHI, CODE).events if event.state == "rejected"]
    assert end.detail == "chưa đủ hồ sơ"


def test_a_refund_by_the_treasury_is_told_with_its_document_and_the_receipt_that_was_cancelled(office: Office) -> None:
    story = office.story
    refund_id = requested(story)
    voucher(story)
    refunds.propose(story.conn, refund_id, "an", story.now)
    refunds.approve(story.conn, refund_id, "binh", story.now)
    later = story.now + timedelta(days=2)
    refunds.pay_by_document(story.conn, refund_id, Document("LTT-09", TUESDAY), "an", later)
    refunds.correct_receipt(story.conn, refund_id, "BB-7", "an", later + timedelta(days=1))
    assert told(office)[2:] == [
        ("approved_treasury", MONDAY, "binh"),
        ("paid_treasury", TUESDAY, ""),
        ("paid_recorded", TUESDAY + timedelta(days=1), "an"),
        ("receipt_cancelled", TUESDAY + timedelta(days=2), "an"),
    ]


def test_an_end_of_before_its_date_was_kept_is_told_with_that(office: Office) -> None:
    story = office.story
    refund_id = requested(story)
    refunds.reject(story.conn, refund_id, story.now, "binh", "nhầm")
    story.conn.execute("UPDATE gateway.refund SET ended_at = NULL")
    (end,) = [event for event in timeline(office.open(), CHI, CODE).events if event.state == "rejected"]
    assert end.detail == "nhầm (không ghi thời điểm)"


def test_what_is_older_than_its_dates_takes_them_from_the_history_of_its_order(office: Office) -> None:
    story = office.story
    _, rows = approved(story)
    dispatched(story, rows, Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.UNKNOWN))
    before = story.one("SELECT in_doubt_at FROM gateway.refund")
    story.conn.execute("UPDATE gateway.refund SET in_doubt_at = NULL")
    migration = (resources.files("gateway.migrations") / "0019_refund_dates.sql").read_text(encoding="utf-8")
    backfills = re.findall(r"^UPDATE .*?;$", migration, re.MULTILINE | re.DOTALL)
    assert len(backfills) == 2
    for one in backfills:
        story.conn.execute(one.encode())
    assert story.one("SELECT in_doubt_at FROM gateway.refund") == before
