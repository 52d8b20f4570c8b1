"""The life of a refund to its end: by the bank, the treasury, by hand; in doubt; never more than was received."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta

import psycopg
import pytest

from gateway.clock import FixedClock
from gateway.errors import Conflict, NotFound
from gateway.flows.wiring import LedgerEffects
from gateway.ledger import refunds
from gateway.ledger.refunds import Document
from gateway.messages import acts, dispatch, doubt, outbox
from gateway.model import Channel, EventType, Kind, Knowledge, OutboxRow, SendVerdict
from tests.ledger.story import CODE, MONDAY, Story
from tests.messages.partner_double import Partner
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services


@pytest.fixture
def day(story: Story) -> DayStory:
    return DayStory(story.conn, story.partners)


def requested(story: Story, amount: int = 100_000) -> str:
    """A refund of a paid dossier that was refused; its id."""
    story.submit()
    story.pay(story.ask(("p1", "phi", amount)), amount, "FT1")
    story.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"})
    return str(story.one("SELECT refund_id FROM gateway.refund"))


def approved(story: Story) -> tuple[str, list[OutboxRow]]:
    refund_id = requested(story)
    refunds.propose(story.conn, refund_id, "an", story.now)
    return refund_id, refunds.approve(story.conn, refund_id, "binh", story.now)


def state(story: Story) -> str:
    return str(story.one("SELECT state FROM gateway.refund"))


def route_to(partner: Partner, story: Story, hours: int = 0) -> dispatch.Route:
    clock = FixedClock(story.now + timedelta(hours=hours))
    return dispatch.Route(sender=partner, clock=clock, effects=LedgerEffects(story.partners, clock))


def dispatched(story: Story, rows: Sequence[OutboxRow], partner: Partner) -> None:
    outbox.enqueue(story.conn, rows, now=story.now)
    story.conn.commit()
    dispatch.dispatch(story.conn, route_to(partner, story))


def test_a_sent_refund_is_debited_by_the_statement_and_returned_by_it(day: DayStory) -> None:
    refund_id, rows = approved(day)
    dispatched(day, rows, Partner())
    assert state(day) == "sent"
    day.line(-99_999, refund_id)
    day.load()
    assert refunds.settle_by_statements(day.conn, "bank-a", day.now) == refunds.Settled(0, 0), "another amount"
    day.line(-100_000, refund_id)
    day.load()
    assert refunds.settle_by_statements(day.conn, "bank-a", day.now) == refunds.Settled(1, 0)
    assert refunds.settle_by_statements(day.conn, "bank-a", day.now) == refunds.Settled(0, 0)
    assert day.one("SELECT state, debited_on FROM gateway.refund") == ("debited", MONDAY)
    day.line(100_000, refund_id, text="LENH CHUYEN TRA")
    day.load()
    assert refunds.settle_by_statements(day.conn, "bank-a", day.now) == refunds.Settled(0, 1)
    assert state(day) == "returned"
    assert day.one("SELECT amount FROM gateway.unidentified_money") == 100_000, "the money is free again"


def test_another_partners_statement_settles_nothing(day: DayStory) -> None:
    refund_id, rows = approved(day)
    dispatched(day, rows, Partner())
    day.line(-100_000, refund_id, account="0511000022233")
    day.load("bank-b")
    assert refunds.settle_by_statements(day.conn, "bank-b", day.now) == refunds.Settled(0, 0)
    assert state(day) == "sent"


def test_a_refund_in_doubt_is_asked_about_and_never_resent_by_a_machine(story: Story) -> None:
    _, rows = approved(story)
    bank = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.UNKNOWN)
    dispatched(story, rows, bank)
    for hours in range(1, 72, 7):
        doubt.settle(story.conn, route_to(bank, story, hours))
        dispatch.dispatch(story.conn, route_to(bank, story, hours))
    assert len(bank.received) == 1
    assert len(bank.asked) > 3
    assert state(story) == "in_doubt"


def test_where_the_bank_has_no_trace_the_money_is_not_free_until_a_person_says_so(story: Story) -> None:
    _, rows = approved(story)
    bank = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT_NOT)
    dispatched(story, rows, bank)
    doubt.settle(story.conn, route_to(bank, story, 1))
    dispatch.dispatch(story.conn, route_to(bank, story, 2))
    assert len(bank.received) == 1
    assert state(story) == "in_doubt"
    assert story.rows("SELECT 1 FROM gateway.unidentified_money") == []
    ((message_pk,),) = story.rows("SELECT message_pk FROM gateway.message WHERE kind = %s", Kind.REFUND)
    acts.replay(story.conn, message_pk, actor="oanh", why="ngân hàng xác nhận chưa chi", now=story.now)
    dispatch.dispatch(story.conn, route_to(bank, story, 3))
    assert len(bank.received) == 2
    assert state(story) == "sent"


def test_a_debit_on_the_statement_settles_the_doubt_and_its_order_is_never_sent_again(day: DayStory) -> None:
    refund_id, rows = approved(day)
    bank = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT_NOT)
    dispatched(day, rows, bank)
    day.line(-100_000, refund_id)
    day.load()
    assert refunds.settle_by_statements(day.conn, "bank-a", day.now) == refunds.Settled(1, 0)
    day.conn.commit()
    doubt.settle(day.conn, route_to(bank, day, 1))
    assert state(day) == "debited"
    ((message_pk,),) = day.rows("SELECT message_pk FROM gateway.message WHERE kind = %s", Kind.REFUND)
    with pytest.raises(Conflict) as again:
        acts.replay(day.conn, message_pk, actor="oanh", why="x", now=day.now)
    assert again.value.code == "refund-not-in-doubt"
    assert len(bank.received) == 1


def test_a_bank_that_answers_after_its_statement_is_told_on_to_the_dossier_system(day: DayStory) -> None:
    refund_id, rows = approved(day)
    bank = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT)
    dispatched(day, rows, bank)
    day.line(-100_000, refund_id)
    day.load()
    refunds.settle_by_statements(day.conn, "bank-a", day.now)
    day.conn.commit()
    doubt.settle(day.conn, route_to(bank, day, 1))
    assert state(day) == "debited"
    assert day.one("SELECT count(*) FROM gateway.message WHERE kind = 'event' AND direction = 'out'") >= 1


def test_two_who_ask_at_once_for_the_same_money_get_it_once(story: Story, database_url: str) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 160_000, "FT1")
    payment_pk = story.one("SELECT payment_pk FROM gateway.payment")
    story.conn.commit()
    granted: list[str] = []
    refused: list[str] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        with psycopg.connect(database_url, autocommit=True) as conn:
            ready.wait()
            try:
                granted.append(refunds.request(conn, payment_pk, 30_000, "thừa", story.now, by="an"))
            except Conflict as error:
                refused.append(error.code)

    people = [threading.Thread(target=ask) for _ in range(4)]
    for one in people:
        one.start()
    for one in people:
        one.join(timeout=30)
    assert len(granted) == 2, "60.000 were free: two of four fit"
    assert refused == ["step-not-allowed"] * 2
    assert story.one("SELECT allocated, refunding, amount FROM gateway.payment") == (100_000, 60_000, 160_000)


def test_a_refund_of_no_payment_is_unknown(story: Story) -> None:
    with pytest.raises(NotFound) as unknown:
        refunds.request(story.conn, 7, 1, "x", story.now)
    assert unknown.value.code == "payment-unknown"


def voucher(story: Story, covers_to: date = MONDAY, *, confirmed: bool = True) -> None:
    story.conn.execute(
        "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
        " VALUES ('an', 'finance_maker', 'grant', 'setup', now()), ('binh', 'finance_checker', 'grant', 'setup', now())"
    )
    story.conn.execute(
        "INSERT INTO gateway.treasury_voucher (voucher_number, form_code, document_number, reference, method,"
        " payer_name, payer_tax_code, payer_address, partner, account, collects_as, treasury_account, treasury_name,"
        " authority, unit_code, paid_on, covers_from, covers_to, total, recorded_by, recorded_at)"
        " VALUES ('GNT1', 'C1-02/NS', '', '', 'transfer', 'TT PVHCC', '', '', 'bank-a', '1120000000101',"
        " 'TK_THU_NSNN', '7111', 'KBNN Quảng Ninh', '', '', %s, '2026-11-01', %s, 5, 'an', now())",
        (MONDAY, covers_to),
    )
    story.conn.execute(
        "INSERT INTO gateway.treasury_voucher_item SELECT voucher_pk, 1, 'phi', '', '', 'Phí', '426', '2716', 5"
        " FROM gateway.treasury_voucher"
    )
    if confirmed:
        story.conn.execute("UPDATE gateway.treasury_voucher SET confirmed_by = 'binh', confirmed_at = now()")


def test_money_in_the_treasury_is_not_asked_of_the_bank_but_paid_on_the_treasurys_document(story: Story) -> None:
    requested(story)
    voucher(story)
    refund_id = str(story.one("SELECT refund_id FROM gateway.refund"))
    refunds.propose(story.conn, refund_id, "an", story.now)
    assert refunds.approve(story.conn, refund_id, "binh", story.now) == [], "no order leaves"
    assert story.one("SELECT route, state FROM gateway.refund") == ("treasury", "approved")
    with pytest.raises(psycopg.errors.CheckViolation, match="refund_only_a_bank"), story.conn.transaction():
        story.conn.execute("UPDATE gateway.refund SET state = 'sent'")
    with pytest.raises(psycopg.errors.CheckViolation, match="refund_end_is_proven"), story.conn.transaction():
        story.conn.execute("UPDATE gateway.refund SET state = 'debited'")
    refunds.pay_by_document(story.conn, refund_id, Document("LTT-09", MONDAY), "an", story.now)
    assert story.one("SELECT state, document_number, paid_by FROM gateway.refund") == ("debited", "LTT-09", "an")


def test_a_voucher_that_nobody_confirmed_changes_nothing(story: Story) -> None:
    requested(story)
    voucher(story, confirmed=False)
    refunds.propose(story.conn, str(story.one("SELECT refund_id FROM gateway.refund")), "an", story.now)
    assert story.one("SELECT route FROM gateway.refund") == "bank"


def test_a_voucher_that_ends_before_the_payment_changes_nothing(story: Story) -> None:
    requested(story)
    voucher(story, MONDAY - timedelta(days=1))
    refund_id = str(story.one("SELECT refund_id FROM gateway.refund"))
    refunds.propose(story.conn, refund_id, "an", story.now)
    assert len(refunds.approve(story.conn, refund_id, "binh", story.now)) == 1


def test_nobody_chooses_the_way_of_a_refund(story: Story) -> None:
    requested(story)
    with pytest.raises(psycopg.errors.CheckViolation, match="where the money is"):
        story.conn.execute("UPDATE gateway.refund SET route = 'hand'")


def test_the_platforms_money_goes_back_by_hand(story: Story) -> None:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), channel="platform")
    story.pay(reference, 100_000, "P1", partner="intermediary", channel=Channel.PLATFORM)
    story.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"})
    refund_id = str(story.one("SELECT refund_id FROM gateway.refund"))
    refunds.propose(story.conn, refund_id, "an", story.now)
    assert refunds.approve(story.conn, refund_id, "binh", story.now) == []
    assert story.one("SELECT route FROM gateway.refund") == "hand"
    refunds.not_paid(story.conn, refund_id, "binh", "người nộp không đến nhận", story.now)
    assert story.one("SELECT amount FROM gateway.unidentified_money") == 100_000


def test_money_that_named_no_reference_cannot_be_ordered_back_at_the_bank(story: Story) -> None:
    assert story.pay("", 55_000, "FT7").reason == "money-unidentified"
    payment_pk = story.one("SELECT payment_pk FROM gateway.payment")
    refunds.request(story.conn, payment_pk, 55_000, "không rõ người nộp", story.now)
    assert story.one("SELECT route FROM gateway.refund") == "hand"


def test_a_document_does_not_end_what_the_bank_has_an_order_for(story: Story) -> None:
    refund_id, _ = approved(story)
    with pytest.raises(Conflict) as theirs:
        refunds.pay_by_document(story.conn, refund_id, Document("PC-1", MONDAY), "an", story.now)
    assert theirs.value.code == "refund-paid-by-the-bank"
    with pytest.raises(Conflict) as also:
        refunds.not_paid(story.conn, refund_id, "binh", "x", story.now)
    assert also.value.code == "refund-paid-by-the-bank"


def test_the_receipt_is_cancelled_where_all_goes_back_and_adjusted_where_a_part_does(story: Story) -> None:
    story.submit()
    story.pay(story.ask(("p1", "phi", 100_000)), 130_000, "FT1")
    payment_pk = story.one("SELECT payment_pk FROM gateway.payment")
    part = refunds.request(story.conn, payment_pk, 30_000, "thừa", story.now)
    refunds.propose(story.conn, part, "an", story.now)
    assert story.one("SELECT receipt_mark FROM gateway.refund") == ""
    refunds.approve(story.conn, part, "binh", story.now)
    assert story.one("SELECT receipt_mark FROM gateway.refund") == "adjust"
    refunds.correct_receipt(story.conn, part, "BBDC-01", "an", story.now)
    with pytest.raises(Conflict) as twice:
        refunds.correct_receipt(story.conn, part, "BBDC-02", "an", story.now)
    assert twice.value.code == "receipt-not-marked"
    story.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"}, CODE)
    rest = str(story.one("SELECT refund_id FROM gateway.refund WHERE state = 'requested'"))
    refunds.propose(story.conn, rest, "an", story.now)
    refunds.approve(story.conn, rest, "binh", story.now)
    assert story.one("SELECT receipt_mark FROM gateway.refund WHERE refund_id = %s", rest) == "cancel"
