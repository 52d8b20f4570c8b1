"""Refunds at the desk: a queue with age, owner and next step; two people; rights of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.application import refunds
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.ledger.refunds import Document
from gateway.model import Channel
from tests.application.money_story import AN, BINH, GUEST, STRANGER, MoneyStory, at_a_desk
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services


@pytest.fixture
def told(database_url: str) -> Iterator[tuple[MoneyStory, Desk]]:
    with at_a_desk(database_url) as pair:
        yield pair


def surplus(story: MoneyStory, partner: str = "bank-a", channel: Channel = Channel.INTERNET_BANKING) -> int:
    """A payment with 30.000 too much; its pk."""
    reference = story.owe(100_000, channel=channel.value)
    story.pay(reference, 130_000, f"FT{story.number}", partner=partner, channel=channel)
    story.conn.commit()
    return int(story.one("SELECT max(payment_pk) FROM gateway.payment"))


def test_a_refund_goes_from_one_desk_to_the_other_and_leaves_through_the_outbox(
    told: tuple[MoneyStory, Desk],
) -> None:
    story, desk = told
    refund_id = refunds.request(desk, AN, surplus(story), 30_000, "người nộp chuyển thừa")
    (waiting,) = refunds.queue(desk, GUEST)
    assert (waiting.owner, waiting.next_step, waiting.age_days) == ("finance_maker", "propose", 0)
    assert (waiting.requested_by, waiting.paid, waiting.unit_name) == ("an", 130_000, "Sở Xây dựng")
    refunds.propose(desk, AN, refund_id)
    assert refunds.refund(desk, GUEST, refund_id).next_step == "approve"
    refunds.approve(desk, BINH, refund_id)
    later = Desk(desk.connection, FixedClock(story.now + timedelta(days=3)), desk.partners, desk.settings)
    (sent,) = refunds.queue(later, GUEST)
    assert (sent.owner, sent.next_step, sent.age_days) == ("partner", "send", 3)
    assert story.one("SELECT partner, transaction_id FROM gateway.message WHERE kind = 'refund'") == (
        "bank-a",
        refund_id,
    )
    (receipt,) = refunds.receipts_to_correct(desk, GUEST)
    assert receipt.receipt_mark == "adjust"
    refunds.correct_receipt(desk, AN, refund_id, "BBDC-01/2026")
    assert refunds.receipts_to_correct(desk, GUEST) == []


def test_rights_are_checked_before_anything_else(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    refund_id = refunds.request(desk, AN, surplus(story), 30_000, "thừa")
    tries = [
        lambda: refunds.propose(desk, BINH, refund_id),
        lambda: refunds.request(desk, GUEST, 1, 1, "x"),
        lambda: refunds.approve(desk, AN, refund_id),
        lambda: refunds.reject(desk, GUEST, refund_id, "x"),
        lambda: refunds.pay_by_document(desk, BINH, refund_id, Document("x", MONDAY)),
        lambda: refunds.not_paid(desk, AN, refund_id, "x"),
        lambda: refunds.correct_receipt(desk, GUEST, refund_id, "x"),
        lambda: refunds.queue(desk, STRANGER),
    ]
    for act in tries:
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "act-not-allowed"


def test_a_person_with_both_roles_is_still_one_person(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    both = type(AN)("an", AN.roles | BINH.roles)
    story.employ(an="finance_checker")
    refund_id = refunds.request(desk, both, surplus(story), 30_000, "thừa")
    refunds.propose(desk, both, refund_id)
    with pytest.raises(Forbidden) as alone:
        refunds.approve(desk, both, refund_id)
    assert alone.value.code == "same-person"
    assert refunds.refund(desk, GUEST, refund_id).state == "proposed"


def test_what_was_proposed_only_a_checker_rejects(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    refund_id = refunds.request(desk, AN, surplus(story), 30_000, "thừa")
    refunds.propose(desk, AN, refund_id)
    with pytest.raises(Forbidden):
        refunds.reject(desk, AN, refund_id, "nhầm")
    refunds.reject(desk, BINH, refund_id, "chưa đủ hồ sơ")
    found = refunds.refund(desk, GUEST, refund_id)
    assert (found.state, found.ended_by, found.ended_reason) == ("rejected", "binh", "chưa đủ hồ sơ")
    again = refunds.request(desk, AN, found.payment_pk, 30_000, "đủ hồ sơ")
    refunds.reject(desk, AN, again, "người nộp để lại cho lần sau")
    with pytest.raises(Conflict) as ended:
        refunds.propose(desk, AN, again)
    assert ended.value.code == "step-not-allowed"


def test_platform_money_is_paid_on_a_slip_of_the_agency(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    payment_pk = surplus(story, "intermediary", Channel.PLATFORM)
    refund_id = refunds.request(desk, AN, payment_pk, 30_000, "thừa")
    refunds.propose(desk, AN, refund_id)
    refunds.approve(desk, BINH, refund_id)
    found = refunds.refund(desk, GUEST, refund_id)
    assert (found.route, found.owner, found.next_step) == ("hand", "finance_maker", "own_document")
    refunds.pay_by_document(desk, AN, refund_id, Document("UNC-15", MONDAY))
    found = refunds.refund(desk, GUEST, refund_id)
    assert (found.state, found.document_number, found.next_step) == ("debited", "UNC-15", "")
    assert story.rows("SELECT 1 FROM gateway.message WHERE kind = 'refund'") == []


def test_the_queue_goes_on_after_a_refund_and_filters(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    ids = [refunds.request(desk, AN, surplus(story), 10_000, "thừa") for _ in range(3)]
    assert [one.refund_id for one in refunds.queue(desk, GUEST, limit=2)] == ids[:2]
    assert [one.refund_id for one in refunds.queue(desk, GUEST, after=ids[1])] == ids[2:]
    assert refunds.queue(desk, GUEST, partner="bank-b") == []
    assert refunds.queue(desk, GUEST, state="debited") == []
    with pytest.raises(NotFound) as unknown:
        refunds.refund(desk, GUEST, "HT0")
    assert unknown.value.code == "refund-unknown"
