"""What comes next for money in the queue, by where its day and its row stand; accepted money is in it, too."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gateway.application import breaks, days, months, refunds
from gateway.application.breaks import Decision
from gateway.application.unidentified import Unidentified, queue
from gateway.model import EventType
from tests.application.office import Office
from tests.application.test_one_use import across, wednesday
from tests.application.test_one_use import decide as decide_on
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK = "bank-a"


def item(office: Office) -> Unidentified:
    (one,) = queue(office.desk, office.an).items
    return one


def told(office: Office) -> tuple[int, str, str]:
    one = item(office)
    assert one.row_key == office.only_row().row_key
    return one.amount, one.owner, one.next_step


def decide(office: Office, kind: Decision, **params: object) -> int:
    return breaks.decide(office.desk, office.an, office.only_row().target, kind, reason="theo chứng từ", **params)


def stray(office: Office, amount: int = 80_000) -> str:
    """A line that only the statement tells of, and a dossier that owes as much."""
    office.settled()
    office.line(amount, text="NOP TIEN LE PHI", bank="FT26327001")
    office.load()
    office.judge()
    office.owe(80_000)
    return office.code()


def propose(office: Office) -> None:
    days.propose(office.desk, office.an, BANK, MONDAY)


def approve(office: Office) -> None:
    days.approve(office.desk, office.binh, BANK, MONDAY)


def test_attributed_money_waits_for_the_day_to_be_proposed_and_approved(office: Office) -> None:
    code = stray(office)
    assert told(office) == (80_000, "", "attribute_or_refund")
    decide(office, Decision.ATTRIBUTE, dossier_code=code)
    assert told(office) == (80_000, "an", "propose_day")
    propose(office)
    assert told(office) == (80_000, "an", "approve_day")
    approve(office)
    assert queue(office.desk, office.an).items == ()


def test_what_is_left_of_a_transfer_is_to_be_attributed_or_refunded(office: Office) -> None:
    code = stray(office, 100_000)
    decide(office, Decision.ATTRIBUTE, dossier_code=code, amount=80_000)
    assert told(office) == (100_000, "an", "attribute_or_refund")


def test_a_surplus_of_an_approved_day_needs_the_day_reopened(office: Office) -> None:
    office.pay(reference := office.owe(100_000), 130_000)
    office.line(130_000, reference)
    office.load()
    office.judge()
    assert told(office) == (30_000, "", "attribute_or_refund")
    pk = decide(office, Decision.ACCEPT)
    assert told(office) == (30_000, "an", "undo_decision")
    propose(office)
    assert told(office) == (30_000, "an", "send_back_day")
    approve(office)
    assert told(office) == (30_000, "an", "reopen_day")
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="hoàn tiền thừa")
    breaks.undo(office.desk, office.an, pk, reason="hoàn tiền thừa")
    assert told(office) == (30_000, "", "attribute_or_refund")
    decide(office, Decision.REFUND)
    assert queue(office.desk, office.an).items == ()


def test_accepted_money_stays_in_the_queue_and_in_the_months(office: Office) -> None:
    stray(office)
    decide(office, Decision.ACCEPT)
    propose(office)
    assert told(office) == (80_000, "an", "send_back_day")
    approve(office)
    assert told(office) == (80_000, "an", "reopen_day")
    month = months.month(office.desk, office.an, BANK, date(2026, 11, 1))
    assert [(one.item.row_key, one.fate) for one in month.items] == [(office.only_row().row_key, "carried")]
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="hoàn tiền")
    assert told(office) == (80_000, "an", "attribute_or_refund")
    decide(office, Decision.REFUND)
    assert queue(office.desk, office.an).items == ()
    month = months.month(office.desk, office.an, BANK, date(2026, 11, 1))
    assert [(one.fate, one.how) for one in month.items] == [("solved", "refund")]


def test_a_matched_payment_that_pays_nothing_is_given_back_and_a_late_one_is_judged_first(office: Office) -> None:
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    office.line(100_000, reference)
    office.load()
    office.judge()
    office.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "thu nhầm"})
    refund_id = office.one("SELECT refund_id FROM gateway.refund")
    refunds.reject(office.desk, office.binh, refund_id, "sai người nhận")
    assert (item(office).amount, item(office).row_key, item(office).next_step) == (100_000, "", "refund_payment")
    office.later(days=1)
    office.now = office.desk.clock.now()
    office.pay(office.owe(50_000), 60_000, paid_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert [one.next_step for one in queue(office.desk, office.an).items] == ["refund_payment", "reconcile"]


def test_a_line_that_was_linked_is_no_unidentified_money_whatever_was_decided_before(office: Office) -> None:
    entry = across(office)
    given = decide_on(office, wednesday(office), Decision.REFUND)
    breaks.undo(office.desk, office.an, given, reason="nhầm")
    decide_on(office, wednesday(office), Decision.ACCEPT)
    assert [one.amount for one in queue(office.desk, office.an).items] == [60_000]
    decide_on(office, office.only_row(), Decision.LINK, entries=[entry])
    assert queue(office.desk, office.an).items == ()
