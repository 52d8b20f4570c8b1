"""Decisions that move money: attributed under the second pair of eyes, linked only where it adds up, asked back."""

from __future__ import annotations

import json

import pytest

from gateway.application import breaks, days, enquiries, refunds
from gateway.application.breaks import BreakRow, BreakState, Decision
from gateway.errors import Conflict, NotFound
from gateway.ledger.proof import prove_money
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK = "bank-a"


def stray(office: Office, amount: int = 80_000) -> BreakRow:
    """Money that only the statement tells of, and a dossier that owes as much."""
    office.settled()
    office.line(amount, text="NOP TIEN LE PHI", bank="FT26327001")
    office.settle_day()
    return office.rows_of_day(state="open")[0]


def owing(office: Office, amount: int) -> str:
    office.owe(amount)
    return office.code()


def attribute(office: Office, row: BreakRow, code: str, **more: object) -> int:
    params = {"dossier_code": code, **more}
    return breaks.decide(office.desk, office.an, row.target, Decision.ATTRIBUTE, reason="người nộp gọi điện", **params)


def agree(office: Office) -> None:
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)


def paid_of(office: Office, code: str) -> tuple[int, str]:
    found: tuple[int, str] = office.one("SELECT paid, state FROM gateway.fee WHERE dossier_code = %s", code)
    return found


def test_attributed_money_reaches_its_fee_when_a_second_person_approves_the_day(office: Office) -> None:
    row = stray(office)
    code = owing(office, 80_000)
    attribute(office, row, code)
    assert paid_of(office, code) == (0, "due")
    agree(office)
    assert paid_of(office, code) == (80_000, "settled")
    payment = office.one(
        "SELECT source, amount, allocated, dossier_code, partner_transaction_id FROM gateway.payment"
        " WHERE entry_pk IS NOT NULL"
    )
    assert payment == ("statement", 80_000, 80_000, code, "FT26327001")
    assert office.one("SELECT state FROM gateway.payment_request WHERE dossier_code = %s", code) == "settled"
    told = office.one(
        "SELECT convert_from(body, 'UTF8') FROM gateway.message JOIN gateway.message_body USING (message_pk)"
        " WHERE kind = 'event' AND dossier_code = %s",
        code,
    )
    assert json.loads(told)["data"]["amount"] == 80_000


def test_the_day_gives_the_same_bytes_after_its_stray_money_was_booked(office: Office) -> None:
    row = stray(office)
    attribute(office, row, owing(office, 80_000))
    agree(office)
    office.later(hours=1)
    assert not office.judge(now=office.desk.clock.now()).changed
    assert verify(office.conn, office.partners[BANK], MONDAY)
    assert [line.name for line in prove_money(office.conn, MONDAY) if not line.closes] == []


def test_money_is_attributed_only_where_it_fits(office: Office) -> None:
    row = stray(office)
    code = owing(office, 50_000)
    for more, error, why in (
        ({}, Conflict, "amount-does-not-fit"),  # 80.000 for a fee of 50.000
        ({"amount": 90_000}, Conflict, "amount-does-not-fit"),
        ({"amount": -1}, Conflict, "amount-does-not-fit"),
        ({"amount": "1e3"}, Conflict, "decision-incomplete"),
        ({"fee_id": "nothing"}, NotFound, "fee-unknown"),
    ):
        with pytest.raises(error) as refused:
            attribute(office, row, code, **more)
        assert refused.value.code == why
    assert office.one("SELECT count(*) FROM gateway.payment WHERE entry_pk IS NOT NULL") == 0
    attribute(office, row, code, amount=50_000)


def test_an_attribution_is_undone_before_the_day_is_approved_and_not_after(office: Office) -> None:
    row = stray(office)
    code = owing(office, 80_000)
    first = attribute(office, row, code)
    breaks.undo(office.desk, office.an, first, reason="nhầm hồ sơ")
    second = attribute(office, row, code)
    agree(office)
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="xem lại")
    with pytest.raises(Conflict) as done:
        breaks.undo(office.desk, office.an, second, reason="nhầm")
    assert done.value.code == "undo-not-possible"
    agree(office)
    assert paid_of(office, code) == (80_000, "settled")
    assert office.one("SELECT count(*) FROM gateway.payment_allocation WHERE message_pk IS NULL") == 1


def test_an_attribution_that_no_longer_fits_keeps_the_day_from_being_approved(office: Office) -> None:
    row = stray(office)
    reference = office.owe(80_000)
    attribute(office, row, office.code())
    days.propose(office.desk, office.an, BANK, MONDAY)
    office.later(minutes=1)
    office.now = office.desk.clock.now()
    office.pay(reference, 80_000)
    with pytest.raises(Conflict) as late:
        days.approve(office.desk, office.binh, BANK, MONDAY)
    assert late.value.code == "amount-does-not-fit"
    assert office.state() == "proposed"


def test_one_fee_is_not_promised_twice(office: Office) -> None:
    office.settled()
    for text in ("NOP TIEN MOT", "NOP TIEN HAI"):
        office.line(80_000, text=text)
    office.settle_day()
    one, two = office.rows_of_day(state="open")
    code = owing(office, 80_000)
    attribute(office, one, code)
    with pytest.raises(Conflict) as twice:
        attribute(office, two, code)
    assert twice.value.code == "amount-does-not-fit"


def apart(office: Office, ours: int = 60_000, theirs: int = 60_000) -> tuple[BreakRow, BreakRow, int, int]:
    """Our payment and their line that nothing joins; both rows, the payment and the entry."""
    office.settled()
    office.pay(office.owe(ours), ours)
    office.line(theirs, text="CK HO")
    office.settle_day()
    rows = {row.outcome: row for row in office.rows_of_day(state="open")}
    mine = rows.pop("missing_at_partner")
    (other,) = rows.values()
    payment = breaks.break_of(office.desk, office.an, BANK, MONDAY, mine.row_no).payments[0].payment_pk
    entry = breaks.break_of(office.desk, office.an, BANK, MONDAY, other.row_no).entries[0].entry_pk
    return mine, other, payment, entry


def link(office: Office, row: BreakRow, **sides: object) -> int:
    return breaks.decide(office.desk, office.an, row.target, Decision.LINK, reason="cùng một khoản", **sides)


def test_linking_by_hand_decides_both_rows_and_is_undone_on_both(office: Office) -> None:
    mine, other, _, entry = apart(office)
    pk = link(office, mine, entries=[entry])
    assert {row.row_key for row in office.rows_of_day(state="decided")} == {mine.row_key, other.row_key}
    breaks.undo(office.desk, office.an, pk, reason="nhầm")
    assert len(office.rows_of_day(state="open")) == 2
    link(office, mine, entries=[entry])
    days.propose(office.desk, office.an, BANK, MONDAY)


def test_a_link_adds_up_or_is_refused(office: Office) -> None:
    mine, _, _, entry = apart(office, 60_000, 59_000)
    with pytest.raises(Conflict) as uneven:
        link(office, mine, entries=[entry])
    assert uneven.value.code == "amount-does-not-fit"
    with pytest.raises(NotFound) as unknown:
        link(office, mine, entries=[999_999])
    assert unknown.value.code == "entry-unknown"


def test_an_entry_that_is_matched_is_linked_to_nothing_else(office: Office) -> None:
    mine, _, _, _ = apart(office, 100_000, 5_000)
    matched = office.one(
        "SELECT entry_pks[1] FROM gateway.recon_row WHERE outcome = 'matched' AND their_amount = 100000"
    )
    with pytest.raises(Conflict) as taken:
        link(office, mine, entries=[matched])
    assert taken.value.code == "link-not-possible"


def test_a_partner_is_asked_by_a_signed_file_and_its_answer_is_tracked(office: Office) -> None:
    row = stray(office)
    pk = breaks.decide(
        office.desk,
        office.an,
        row.target,
        Decision.ENQUIRE,
        reason="không rõ người nộp",
        question="Ai nộp | khoản này?",
    )
    (asked,) = enquiries.enquiries(office.desk, office.an, state="asked")
    assert (asked.decision_pk, asked.asked_by, asked.delivery, asked.state) == (pk, "an", "waiting", "asked")
    assert asked.answer_due_on.isoformat() == "2026-11-27"
    kind, body = office.one(
        "SELECT kind, convert_from(body, 'UTF8') FROM gateway.message JOIN gateway.message_body USING (message_pk)"
        " WHERE message_id = %s",
        f"enquiry:{asked.enquiry_id}",
    )
    payload = json.loads(body)
    assert (kind, payload["file_name"]) == ("enquiry", f"TRASOAT_bank-a_20261123_{asked.enquiry_id}.csv")
    assert "HOI|Ai nộp / khoản này?" in payload["content"].splitlines()
    assert "FT26327001" in payload["content"]
    days.propose(office.desk, office.an, BANK, MONDAY)  # what is asked is carried over
    days.reject(office.desk, office.binh, BANK, MONDAY, reason="chờ trả lời")
    enquiries.record_answer(office.desk, office.an, asked.enquiry_id, answer="NGUYEN VAN A", reference="CV 12/2026")
    assert office.rows_of_day()[0].state is BreakState.ANSWERED
    with pytest.raises(Conflict) as unconcluded:
        days.propose(office.desk, office.an, BANK, MONDAY)
    assert unconcluded.value.code == "breaks-open"
    breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="theo CV 12/2026")
    days.propose(office.desk, office.an, BANK, MONDAY)


def test_an_enquiry_is_asked_once_answered_once_and_never_unasked(office: Office) -> None:
    row = stray(office)
    pk = breaks.decide(office.desk, office.an, row.target, Decision.ENQUIRE, reason="không rõ")
    with pytest.raises(Conflict) as twice:
        breaks.decide(office.desk, office.an, row.target, Decision.ENQUIRE, reason="không rõ")
    assert twice.value.code == "break-decided-already"
    with pytest.raises(Conflict) as unasked:
        breaks.undo(office.desk, office.an, pk, reason="thôi")
    assert unasked.value.code == "undo-not-possible"
    (asked,) = enquiries.enquiries(office.desk, office.an)
    enquiries.record_answer(office.desk, office.an, asked.enquiry_id, answer="đã rõ", reference="CV 1")
    for number, answer, code in (
        (asked.enquiry_id, "khác", "enquiry-answered"),
        ("TS000000", "khác", "enquiry-unknown"),
        (asked.enquiry_id, " ", "reason-missing"),
    ):
        with pytest.raises((Conflict, NotFound)) as refused:
            enquiries.record_answer(office.desk, office.an, number, answer=answer, reference="CV 2")
        assert refused.value.code == code


def refund(office: Office, row: BreakRow, **more: object) -> int:
    return breaks.decide(office.desk, office.an, row.target, Decision.REFUND, reason="nộp nhầm", **more)


def test_a_refund_is_requested_with_the_decision_and_withdrawn_with_its_undo(office: Office) -> None:
    row = stray(office)
    pk = refund(office, row, amount=30_000)
    query = "SELECT state, amount, requested_by FROM gateway.refund"
    assert office.one(query) == ("requested", 30_000, "an")
    assert office.one("SELECT refunding FROM gateway.payment WHERE entry_pk IS NOT NULL") == 30_000
    breaks.undo(office.desk, office.an, pk, reason="người nộp đổi ý")
    assert office.one(query) == ("rejected", 30_000, "an")
    assert office.one("SELECT refunding FROM gateway.payment WHERE entry_pk IS NOT NULL") == 0
    with pytest.raises(Conflict) as too_much:
        refund(office, row, amount=80_001)
    assert too_much.value.code == "amount-does-not-fit"


def test_a_refund_that_is_on_its_way_is_not_undone(office: Office) -> None:
    row = stray(office)
    pk = refund(office, row)
    refund_id = office.one("SELECT refund_id FROM gateway.refund")
    refunds.propose(office.desk, office.an, refund_id)
    refunds.approve(office.desk, office.binh, refund_id)
    with pytest.raises(Conflict) as sent:
        breaks.undo(office.desk, office.an, pk, reason="thôi")
    assert sent.value.code == "undo-not-possible"


def test_a_row_without_any_money_of_its_own_gives_nothing_back(office: Office) -> None:
    office.settled()
    office.line(-40_000, text="RUT TIEN LA")
    office.settle_day()
    row = office.rows_of_day(state="open")[0]
    with pytest.raises(NotFound) as nothing:
        refund(office, row)
    assert nothing.value.code == "no-payment-on-record"
