"""A day that people closed is judged again from what was known then, whatever became of it since."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.application import breaks, days, enquiries, refunds
from gateway.application.breaks import BreakRow, Decision
from gateway.ledger import refunds as ledger_refunds
from gateway.ledger import sends
from gateway.model import Channel, EventType, Kind, OutboundMessage
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.ledger.story import MONDAY
from tests.reconciliation.test_other_partners import deliver

pytestmark = pytest.mark.services
BANK = "bank-a"
CHANNELS = {"bank-a": "internet_banking", "bank-b": "qr", "intermediary": "platform"}


def close(office: Office, partner: str = BANK) -> None:
    for row in office.rows_of_day(partner, state="open"):
        breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="đã xem")
    office.later(minutes=5)
    days.propose(office.desk, office.an, partner, MONDAY)
    days.approve(office.desk, office.binh, partner, MONDAY)
    assert office.state(partner) == "approved"


def holds(office: Office, partner: str = BANK) -> None:
    """The version verifies, and judging the day again later asks nobody anything."""
    office.later(hours=1)
    office.now = office.desk.clock.now()
    assert verify(office.conn, office.partners[partner], MONDAY)
    again = office.judge(partner, now=office.now)
    assert (again.changed, again.state, again.version) == (False, "approved", 1)


def decide(office: Office, row: BreakRow, kind: Decision, **params: object) -> int:
    return breaks.decide(office.desk, office.an, row.target, kind, reason="theo hồ sơ", **params)


def attribute(office: Office, text: str, code: str, amount: int = 80_000) -> None:
    """A credit with this text is given to the dossier."""
    office.settled()
    office.line(amount, text=text)
    office.settle_day()
    (row,) = office.rows_of_day(state="open")
    decide(office, row, Decision.ATTRIBUTE, dossier_code=code)


def owing(office: Office, amount: int = 80_000, **more: object) -> str:
    office.owe(amount, **more)  # type: ignore[arg-type]  # what the dossier says
    return office.code()


def squeezed(code: str) -> str:
    return code.replace(".", "").replace("-", "")


def day_of_every_break(office: Office, partner: str) -> None:
    """A matched payment, a payment that nobody states, and lines that nobody told of."""
    account = office.partners[partner].accounts.default  # type: ignore[union-attr]  # all three have accounts
    known: dict[str, Any] = {"response_code": "00"} if partner == "intermediary" else {}
    pay = {"partner": partner, "channel": Channel(CHANNELS[partner]), "account": account}
    for amount, stated in ((100_000, True), (60_000, False)):
        reference = office.owe(amount, channel=CHANNELS[partner])
        office.pay(reference, amount, **pay)
        if stated:
            named = {"trace": reference, **known} if partner == "intermediary" else {"reference": reference}
            office.line(amount, account=account, **named)
    office.owe(80_000, channel=CHANNELS[partner])
    text = {80_000: f"NOP TIEN {squeezed(office.code())}"}
    for amount in (60_000, 80_000, 81_000, 82_000, 83_000, 84_000, 85_000, 30_000, 150_000):
        office.line(amount, text=text.get(amount, f"CK {amount}"), account=account, **known)


def decide_everything(office: Office, partner: str) -> None:
    rows = {row.their_amount: row for row in office.rows_of_day(partner, state="open")}
    decide(office, rows[80_000], Decision.ATTRIBUTE, dossier_code=office.code())
    (unstated,) = (row for row in rows.values() if row.outcome == "missing_at_partner")
    theirs = breaks.break_of(office.desk, office.an, partner, MONDAY, rows[60_000].row_no)
    decide(office, unstated, Decision.LINK, entries=[theirs.entries[0].entry_pk])
    decide(office, rows[85_000], Decision.MOVE_DAY, to="2026-11-24")
    decide(office, rows[81_000], Decision.REFUND, amount=50_000)
    decide(office, rows[81_000], Decision.ACCEPT)  # the rest is understood; it stays in its queue
    decide(office, rows[82_000], Decision.ENQUIRE, question="Ai nộp?")
    decide(office, rows[83_000], Decision.ENQUIRE, question="Ai nộp?")
    asked = {one.decision_pk: one for one in enquiries.enquiries(office.desk, office.an)}
    enquiries.record_answer(office.desk, office.an, asked[max(asked)].enquiry_id, answer="đã rõ", reference="CV 1")
    decide(office, rows[83_000], Decision.ACCEPT)
    taken_back = decide(office, rows[84_000], Decision.REFUND)
    breaks.undo(office.desk, office.an, taken_back, reason="nhầm")
    decide(office, rows[84_000], Decision.ACCEPT)
    decide(office, rows[30_000], Decision.WRITE_OFF)
    large = decide(office, rows[150_000], Decision.WRITE_OFF)
    breaks.confirm(office.desk, office.binh, large, reason="đồng ý")


@pytest.mark.parametrize("partner", ["bank-a", "bank-b", "intermediary"])
def test_a_day_with_every_kind_of_decision_keeps_its_bytes(office: Office, partner: str) -> None:
    day_of_every_break(office, partner)
    office.settle_day(partner)
    decide_everything(office, partner)
    close(office, partner)
    assert office.one("SELECT count(*) FROM gateway.attribution") == 1
    holds(office, partner)
    refund_id = office.one("SELECT refund_id FROM gateway.refund WHERE state = 'requested'")
    refunds.propose(office.desk, office.an, refund_id)
    refunds.approve(office.desk, office.binh, refund_id)
    holds(office, partner)


def test_a_vnpost_day_keeps_its_bytes_after_it_was_decided(office: Office) -> None:
    with office.conn.transaction():
        short, whole = deliver(office, 100_000, 30_000), deliver(office, 70_000, 0)
        office.remit((short, 80_000, 30_000), (whole, 70_000, 0), ("H49.12-20261123-7777777", 10_000, 0))
    office.judge("vnpost")
    rows = {row.outcome: row for row in office.rows_of_day("vnpost", state="open")}
    decide(office, rows["unidentified"], Decision.ENQUIRE, question="Bưu gửi nào?")
    decide(office, rows["underpaid"], Decision.WRITE_OFF)
    close(office, "vnpost")
    holds(office, "vnpost")


def test_money_given_to_the_suggested_dossier_does_not_reopen_its_own_day(office: Office) -> None:
    code = owing(office)
    attribute(office, f"NOP TIEN {squeezed(code)}", code)
    assert office.one("SELECT suggestions -> 0 ->> 'score' FROM gateway.recon_row WHERE their_amount = 80000") == "98"
    close(office)
    assert office.one(
        "SELECT state, state_at = %s FROM gateway.payment_request WHERE dossier_code = %s",
        office.desk.clock.now(),
        code,
    ) == ("settled", True)
    holds(office)


def test_a_line_that_names_the_request_it_was_given_to_does_not_reopen_its_own_day(office: Office) -> None:
    reference = office.owe(80_000)
    code = office.code()
    office.settled()
    office.line(80_000, reference)
    office.settle_day()
    (row,) = office.rows_of_day(state="open")
    assert row.outcome == "missing_with_us"
    decide(office, row, Decision.ATTRIBUTE, dossier_code=code)
    close(office)
    holds(office)


def test_a_payment_of_unknown_reference_is_judged_without_the_dossier_that_people_found(office: Office) -> None:
    code = owing(office)
    office.settled()
    office.pay("QN2611239999999", 80_000)
    office.line(80_000, "QN2611239999999")
    office.settle_day()
    (row,) = office.rows_of_day(state="open")
    decide(office, row, Decision.ATTRIBUTE, dossier_code=code)
    close(office)
    found = office.one("SELECT dossier_code FROM gateway.payment WHERE reference = 'QN2611239999999'")
    assert found == office.one("SELECT dossier_code FROM gateway.payment_named") == code
    holds(office)


def test_a_payment_of_a_cancelled_request_is_judged_without_the_fee_that_people_gave_it_to(office: Office) -> None:
    cancelled = office.owe(80_000)
    withdrawn = {"withdrawn_at": "2026-11-23T09:00:00+07:00", "reason": "x"}
    office.tell(EventType.DOSSIER_WITHDRAWN, withdrawn, office.code())
    code = owing(office)
    office.settled()
    office.pay(cancelled, 80_000)
    office.line(80_000, cancelled)
    office.settle_day()
    rows = office.rows_of_day(state="open")
    assert len(rows) == 1, rows
    decide(office, rows[0], Decision.ATTRIBUTE, dossier_code=code)
    close(office)
    holds(office)


def test_a_corrected_owner_changes_no_day_that_was_judged(office: Office) -> None:
    code = owing(office)
    office.settled()
    office.line(80_000, text="NGUYEN THI HANH NOP PHI")
    office.settle_day()
    assert (
        "tên chủ hồ sơ" in office.one("SELECT suggestions FROM gateway.recon_row WHERE their_amount = 80000")[0]["why"]
    )
    close(office)
    office.now = office.desk.clock.now()
    office.submit(code, owner_name="Trần Văn Bình")
    holds(office)


def test_a_dossier_told_late_adds_no_suggestion_to_a_day_that_was_judged(office: Office) -> None:
    late = "H49.12-20261123-7654321"
    office.settled()
    office.line(80_000, text=f"NOP TIEN {squeezed(late)}")
    office.settle_day()
    assert office.one("SELECT suggestions FROM gateway.recon_row WHERE their_amount = 80000") == []
    office.later(minutes=1)
    office.now = office.desk.clock.now()
    office.submit(late)
    assert verify(office.conn, office.partners[BANK], MONDAY)
    judged = office.judge(now=office.now)
    assert (judged.changed, judged.version) == (True, 2), "an open day is told what is news about its lines"
    assert verify(office.conn, office.partners[BANK], MONDAY, 1)


def refund_in_doubt(office: Office) -> OutboundMessage:
    """A surplus is given back; the bank does not answer, and its statement shows the debit."""
    reference = office.owe(100_000)
    office.pay(reference, 130_000, "FT1")
    office.line(130_000, reference)
    payment = office.one("SELECT max(payment_pk) FROM gateway.payment")
    refund_id = refunds.request(office.desk, office.an, payment, 30_000, "thừa")
    refunds.propose(office.desk, office.an, refund_id)
    refunds.approve(office.desk, office.binh, refund_id)
    pk, code = office.one("SELECT message_pk, dossier_code FROM gateway.message WHERE kind = 'refund'")
    order = OutboundMessage(pk, BANK, Kind.REFUND, "m", {"refund_id": refund_id}, dossier_code=code)
    with office.conn.transaction():
        sends.on_in_doubt(office.conn, order, office.now)
    office.line(-30_000, refund_id)
    office.load()
    with office.conn.transaction():
        assert ledger_refunds.settle_by_statements(office.conn, BANK, office.now).debited == 1
    return order


def test_a_banks_answer_after_the_debit_was_judged_changes_no_day(office: Office) -> None:
    order = refund_in_doubt(office)
    office.judge()
    close(office)
    with office.conn.transaction():
        sends.on_delivered(
            office.conn, order, {"refund_transaction_id": "RT77"}, partners=office.partners, now=office.desk.clock.now()
        )
    assert office.one("SELECT refund_transaction_id, state FROM gateway.refund") == ("RT77", "debited")
    holds(office)
