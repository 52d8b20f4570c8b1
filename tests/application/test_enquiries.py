"""A break that the partner was asked about stays in every list until it is concluded, whatever becomes of its day."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gateway.application import breaks, days, enquiries
from gateway.application.ageing import Count, ageing
from gateway.application.breaks import BreakRow, Decision
from gateway.application.enquiries import EnquiryTotals
from gateway.application.unidentified import queue
from gateway.errors import Conflict, Malformed
from tests.application.conftest import office
from tests.application.office import Office
from tests.ledger.story import MONDAY

__all__ = ["office"]

pytestmark = pytest.mark.services


@dataclass
class Asked:
    """Money that nobody knows, and the bank was asked whose it is; the day was approved all the same."""

    office: Office
    row: BreakRow
    number: str

    def answered(self) -> None:
        enquiries.record_answer(
            self.office.desk, self.office.an, self.number, answer="Người nộp là ông Bình", reference="CV 12"
        )

    def listed(self, state: str = "") -> list[str]:
        found = enquiries.enquiries(self.office.desk, self.office.an, state=state)
        return [one.next_step for one in found]

    def approve(self) -> None:
        days.propose(self.office.desk, self.office.an, "bank-a", MONDAY)
        days.approve(self.office.desk, self.office.binh, "bank-a", MONDAY)


@pytest.fixture
def asked(office: Office) -> Asked:
    office.line(70_000, text="khong ro noi dung")
    office.settle_day()
    row = office.only_row()
    breaks.decide(office.desk, office.an, row.target, Decision.ENQUIRE, reason="Không rõ người nộp")
    (one,) = enquiries.enquiries(office.desk, office.an)
    found = Asked(office, row, one.enquiry_id)
    found.approve()
    return found


def test_what_the_partner_was_asked_stays_in_both_lists_after_its_day_was_approved(asked: Asked) -> None:
    told = ageing(asked.office.desk, asked.office.an)
    assert (told.total, told.asked, told.answered) == (Count(1, 70_000), Count(1, 70_000), Count(0, 0))
    (item,) = queue(asked.office.desk, asked.office.an).items
    assert (item.amount, item.owner, item.next_step) == (70_000, "an", "await_answer")
    assert asked.listed("open") == ["await_answer"]


def test_an_answer_for_an_approved_day_says_that_the_day_is_to_be_reopened(asked: Asked) -> None:
    asked.answered()
    told = ageing(asked.office.desk, asked.office.an)
    assert (told.total, told.asked, told.answered) == (Count(1, 70_000), Count(0, 0), Count(1, 70_000))
    (item,) = queue(asked.office.desk, asked.office.an).items
    assert item.next_step == "reopen"
    assert asked.listed("unconcluded") == ["reopen"]
    with pytest.raises(Conflict) as closed:
        breaks.decide(asked.office.desk, asked.office.an, asked.row.target, Decision.ACCEPT, reason="theo trả lời")
    assert closed.value.code == "decision-day-closed"


def test_the_reopened_day_takes_the_conclusion_and_every_list_is_empty(asked: Asked) -> None:
    asked.answered()
    days.reopen(asked.office.desk, asked.office.binh, "bank-a", MONDAY, reason="ngân hàng đã trả lời")
    assert asked.listed("unconcluded") == ["conclude"]
    row = asked.office.only_row()
    breaks.decide(asked.office.desk, asked.office.an, row.target, Decision.REFUND, reason="theo trả lời")
    assert (asked.listed("open"), asked.listed("concluded")) == ([], [""])
    assert ageing(asked.office.desk, asked.office.an).total == Count(0, 0)
    assert queue(asked.office.desk, asked.office.an).count == 0
    asked.approve()
    assert asked.office.state() == "approved"


def test_an_answer_that_comes_while_the_day_is_proposed_sends_the_day_back_first(asked: Asked) -> None:
    days.reopen(asked.office.desk, asked.office.binh, "bank-a", MONDAY, reason="xem lại")
    days.propose(asked.office.desk, asked.office.an, "bank-a", MONDAY)
    asked.answered()
    assert asked.listed("unconcluded") == ["send_back"]


def test_enquiries_are_overdue_after_their_date_and_counted_by_what_they_wait_for(asked: Asked) -> None:
    desk, an = asked.office.desk, asked.office.an
    assert enquiries.totals(desk, an) == EnquiryTotals(asked=1, overdue=0, unconcluded=0)
    asked.office.later(days=10)
    desk = asked.office.desk
    assert enquiries.totals(desk, an) == EnquiryTotals(asked=1, overdue=1, unconcluded=0)
    assert [one.overdue for one in enquiries.enquiries(desk, an, state="overdue", partner="bank-a")] == [True]
    assert enquiries.enquiries(desk, an, partner="bank-b") == []
    asked.answered()
    assert enquiries.totals(desk, an) == EnquiryTotals(asked=0, overdue=0, unconcluded=1)
    assert enquiries.totals(desk, an, partner="bank-b") == EnquiryTotals(0, 0, 0)


def test_a_second_question_about_the_answer_concludes_the_first(asked: Asked) -> None:
    asked.answered()
    days.reopen(asked.office.desk, asked.office.binh, "bank-a", MONDAY, reason="trả lời chưa rõ")
    row = asked.office.only_row()
    breaks.decide(asked.office.desk, asked.office.an, row.target, Decision.ENQUIRE, reason="ông Bình nào")
    assert asked.listed() == ["", "await_answer"]
    first = enquiries.enquiries(asked.office.desk, asked.office.an, limit=1)
    rest = enquiries.enquiries(asked.office.desk, asked.office.an, after=first[0].enquiry_id)
    assert [one.next_step for one in (*first, *rest)] == ["", "await_answer"]


def test_a_state_that_is_none_is_told(asked: Asked) -> None:
    with pytest.raises(Malformed) as unknown:
        asked.listed("lost")
    assert unknown.value.code == "enquiry-state-unknown"
