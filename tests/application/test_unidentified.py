"""The queue of money that pays no fee: both sources, its age, who has it and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from gateway.application import breaks
from gateway.application.access import Person
from gateway.application.breaks import Decision, Target
from gateway.application.unidentified import queue
from gateway.errors import Forbidden, Malformed
from gateway.model import EventType
from tests.application.people_office import AN, CHI, STRANGER, Office, office_at
from tests.reconciliation.day_story import MONDAY

pytestmark = pytest.mark.services


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


def employ(office: Office, person: Person) -> None:
    with psycopg.connect(office.url) as owner:
        for role in person.roles:
            owner.execute(
                "INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES (%s, %s, 'grant', 'x', now())",
                (person.user, role.value),
            )


def test_a_surplus_waits_in_the_queue_with_its_age(office: Office) -> None:
    office.story.pay(office.story.owe(100_000), 130_000)
    told = queue(office.open(datetime(2026, 11, 30, 3, 0, tzinfo=UTC)), CHI)
    (item,) = told.items
    assert (item.source, item.amount, item.age_days, item.owner, item.next_step) == (
        "payment",
        30_000,
        7,
        "",
        "reconcile",
    )
    assert item.dossier_code == office.story.code()
    assert (told.count, told.amount) == (1, 30_000)


def test_counter_money_for_an_unknown_fee_waits_with_its_receipt_and_why(office: Office) -> None:
    story = office.story
    story.owe(100_000)
    taken = {
        "method": "cash", "amount": 100_000, "fee_ids": ["p9"], "receipt_series": "C1-10", "receipt_number": "0000123",
        "cashier": "Lê Thu", "paid_at": "2026-11-23T09:00:00+07:00",
    }  # fmt: skip
    told = story.tell(EventType.COUNTER_PAYMENT, taken, story.code())
    story.conn.execute(
        "UPDATE gateway.message m SET state = 'applied', reason = %s FROM gateway.payment p"
        " WHERE p.message_pk = m.message_pk",
        (told.reason,),
    )
    (item,) = queue(office.open(), CHI).items
    assert (item.partner, item.amount, item.dossier_code) == ("", 100_000, story.code())
    assert item.text == "biên lai C1-10 0000123: khoản thu không tồn tại"


def test_a_line_that_nothing_explains_waits_with_its_suggestion(office: Office) -> None:
    story = office.story
    story.owe(100_000)
    story.line(100_000, text=f"NGUYEN THI HANH {story.code().replace('-', '').replace('.', '')} SDT 0912345678")
    story.settle_day()
    (item,) = queue(office.open(), CHI).items
    assert (item.source, item.amount, item.next_step) == ("entry", 100_000, "attribute_or_refund")
    assert len(item.row_key) == 32
    assert "0912345678" not in item.text


def test_an_enquiry_is_somebodys_and_waits_for_the_answer(office: Office) -> None:
    story = office.story
    story.line(70_000, text="khong ro noi dung")
    story.settle_day()
    desk = office.open()
    employ(office, AN)
    (before,) = queue(desk, CHI).items
    (row,) = story.found()
    breaks.decide(
        desk, AN, Target("bank-a", MONDAY, 1, row["row_key"]), Decision.ENQUIRE, reason="Không rõ người nộp",
        question="Đề nghị cho biết người chuyển tiền",
    )  # fmt: skip
    (item,) = queue(desk, CHI).items
    assert (before.owner, before.next_step) == ("", "attribute_or_refund")
    assert (item.owner, item.next_step) == ("an", "await_answer")


def test_what_was_accepted_stays_in_the_queue_until_it_is_attributed_or_refunded(office: Office) -> None:
    """Changed: accepting it alone used to take it out. It says the difference is understood."""
    story = office.story
    story.line(70_000, text="khong ro noi dung")
    story.settle_day()
    desk = office.open()
    employ(office, AN)
    (row,) = story.found()
    target = Target("bank-a", MONDAY, 1, row["row_key"])
    breaks.decide(desk, AN, target, Decision.ACCEPT, reason="Đã có biên bản riêng")
    (item,) = queue(desk, CHI).items
    assert (item.amount, item.owner, item.next_step) == (70_000, "an", "attribute_or_refund")
    assert breaks.break_of(desk, AN, "bank-a", MONDAY, row["row_key"]).may == {
        Decision.ATTRIBUTE, Decision.REFUND, Decision.UNDO,
    }  # fmt: skip
    breaks.decide(desk, AN, target, Decision.REFUND, reason="Người nộp xin lại")
    assert queue(desk, CHI).items == ()


def test_pages_go_from_the_oldest_on(office: Office) -> None:
    for number in range(5):
        office.story.pay(office.story.owe(100_000), 100_001 + number)
    for number in range(3):
        office.story.line(200_000 + number, text=f"khong ro {number}")
    office.story.load()
    office.story.judge()
    desk = office.open()
    whole = [(item.source, item.pk) for item in queue(desk, CHI).items]
    paged: list[tuple[str, int]] = []
    after = ""
    while True:
        page = queue(desk, CHI, after=after, limit=3)
        paged += [(item.source, item.pk) for item in page.items]
        assert page.count == len(whole)
        after = page.after
        if not after:
            break
    assert paged == whole
    assert len(whole) >= 8


def test_a_foreign_place_is_refused_and_a_stranger_sees_nothing(office: Office) -> None:
    with pytest.raises(Malformed) as refused:
        queue(office.open(), CHI, after="x")
    assert refused.value.code == "page-cursor-invalid"
    with pytest.raises(Forbidden) as raised:
        queue(office.open(), STRANGER)
    assert raised.value.code == "act-not-allowed"
