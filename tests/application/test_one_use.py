"""One piece of money has one use: what is linked, on record or explained is not given away once more."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from gateway.application import breaks, days, refunds
from gateway.application.breaks import BreakRow, Decision
from gateway.errors import Conflict, GatewayError
from gateway.model import EventType
from gateway.reasons import REASONS
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK = "bank-a"
WEDNESDAY = MONDAY + timedelta(days=2)
LATER = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def across(office: Office) -> int:
    """Somebody paid on Monday, and the bank shows the money on Wednesday, unnamed; its entry."""
    office.settled()
    office.pay(office.owe(60_000), 60_000)
    office.load()
    office.judge()
    office.line(60_000, text="nop ho so", on=WEDNESDAY, bank="FT77")
    office.load(on=WEDNESDAY)
    office.judge(on=WEDNESDAY, now=LATER)
    return int(office.one("SELECT entry_pk FROM gateway.statement_entry WHERE booked_on = %s", WEDNESDAY))


def owing(office: Office, amount: int) -> str:
    office.owe(amount)
    return office.code()


def decide(office: Office, row: BreakRow, kind: Decision, **params: object) -> int:
    return breaks.decide(office.desk, office.an, row.target, kind, reason="theo chứng từ", **params)


def wednesday(office: Office) -> BreakRow:
    return office.only_row(on=WEDNESDAY)


def refused(office: Office, row: BreakRow, kind: Decision, **params: object) -> GatewayError:
    with pytest.raises(Conflict) as raised:
        decide(office, row, kind, **params)
    error = raised.value
    details = REASONS[error.code].details
    assert error.case in details
    assert error.action
    named = {name for name in ("other", "reference", "outcome") if "{" + name in details[error.case]}
    assert all(error.facts[name] for name in named)
    return error


def told(error: GatewayError) -> tuple[str, str]:
    return error.code, error.case


def offered(office: Office, row: BreakRow) -> frozenset[Decision]:
    view = breaks.break_of(office.desk, office.an, BANK, row.target.business_on, row.row_key)
    return view.may & {Decision.ATTRIBUTE, Decision.REFUND}


def booked(office: Office) -> int:
    return int(office.one("SELECT count(*) FROM gateway.payment WHERE entry_pk IS NOT NULL"))


def test_a_line_that_is_linked_to_mondays_payment_pays_no_other_fee_and_is_not_refunded(office: Office) -> None:
    entry = across(office)
    linked = decide(office, office.only_row(), Decision.LINK, entries=[entry])
    code = owing(office, 60_000)
    with pytest.raises(psycopg.errors.CheckViolation):
        office.desk.connection.execute("SELECT gateway.book_entry(%s, now())", (entry,))
    assert offered(office, wednesday(office)) == set()
    for kind, params in ((Decision.ATTRIBUTE, {"dossier_code": code}), (Decision.REFUND, {})):
        error = refused(office, wednesday(office), kind, **params)
        assert (told(error), error.facts["other"]) == (("money-used-already", "linked"), MONDAY)
    breaks.undo(office.desk, office.an, linked, reason="nhầm")
    assert offered(office, wednesday(office)) == {Decision.ATTRIBUTE, Decision.REFUND}
    decide(office, wednesday(office), Decision.ATTRIBUTE, dossier_code=code)


def test_a_line_that_pays_another_fee_is_linked_to_nothing(office: Office) -> None:
    entry = across(office)
    given = decide(office, wednesday(office), Decision.ATTRIBUTE, dossier_code=owing(office, 60_000))
    assert told(refused(office, office.only_row(), Decision.LINK, entries=[entry])) == ("link-not-possible", "given")
    breaks.undo(office.desk, office.an, given, reason="nhầm")
    back = decide(office, wednesday(office), Decision.REFUND)
    assert told(refused(office, office.only_row(), Decision.LINK, entries=[entry])) == ("link-not-possible", "given")
    breaks.undo(office.desk, office.an, back, reason="nhầm")
    decide(office, office.only_row(), Decision.LINK, entries=[entry])


def test_the_schema_refuses_the_second_use_also_of_those_who_ask_it_alone(office: Office) -> None:
    entry = across(office)
    given = decide(office, wednesday(office), Decision.ATTRIBUTE, dossier_code=owing(office, 60_000))
    payment = office.one("SELECT payment_pk FROM gateway.payment WHERE entry_pk = %s", entry)
    breaks.undo(office.desk, office.an, given, reason="nhầm")
    decide(office, office.only_row(), Decision.LINK, entries=[entry])
    with pytest.raises(Conflict) as back:
        refunds.request(office.desk, office.an, payment, 60_000, "nộp nhầm")
    assert told(back.value) == ("money-used-already", "refund")
    assert office.one("SELECT count(*) FROM gateway.refund") == 0


def test_of_two_who_use_one_line_at_once_one_is_refused(office: Office) -> None:
    entry = across(office)
    code = owing(office, 60_000)
    monday, other = office.only_row(), wednesday(office)

    def one(kind: Decision, row: BreakRow, params: Mapping[str, object]) -> str:
        desk = office.another_desk()
        try:
            breaks.decide(desk, office.an, row.target, kind, reason="x", **params)
        except GatewayError as error:
            return error.code
        finally:
            desk.connection.close()
        return "decided"

    with ThreadPoolExecutor(2) as two:
        ends = [
            two.submit(one, Decision.LINK, monday, {"entries": [entry]}),
            two.submit(one, Decision.ATTRIBUTE, other, {"dossier_code": code}),
        ]
        told_of = sorted(end.result(timeout=30) for end in ends)
    assert told_of[0] == "decided" or told_of[1] == "decided"
    assert set(told_of) & {"link-not-possible", "money-used-already", "break-decided-already"}


def test_the_late_half_of_our_own_payment_is_neither_refunded_nor_given_to_another_fee(office: Office) -> None:
    office.settled()
    reference = office.owe(60_000)
    office.pay(reference, 60_000)
    office.load()
    office.judge()
    office.line(60_000, reference, on=WEDNESDAY, bank="FT77")
    office.load(on=WEDNESDAY)
    office.judge(on=WEDNESDAY, now=LATER)
    row = wednesday(office)
    assert row.outcome == "wrong_day"
    assert offered(office, row) == set()
    code = owing(office, 60_000)
    for kind, params in ((Decision.ATTRIBUTE, {"dossier_code": code}), (Decision.REFUND, {})):
        error = refused(office, row, kind, **params)
        assert told(error) == ("money-used-already", "recorded")
        assert (error.facts["other"], error.facts["reference"]) == (MONDAY, reference)
    assert booked(office) == 0
    entry = breaks.break_of(office.desk, office.an, BANK, WEDNESDAY, row.row_key).entries[0].entry_pk
    decide(office, office.only_row(), Decision.LINK, entries=[entry])


def test_a_line_that_names_another_payment_is_not_linked_to_this_one(office: Office) -> None:
    entry = across(office)
    named = office.owe(60_000)
    office.pay(named, 60_000, paid_at=datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    office.line(60_000, named, on=WEDNESDAY, bank="FT78")
    office.load(on=WEDNESDAY)
    theirs = office.one("SELECT entry_pk FROM gateway.statement_entry WHERE tokens = %s", named)
    assert theirs != entry
    error = refused(office, office.only_row(), Decision.LINK, entries=[theirs])
    assert told(error) == ("link-not-possible", "recorded")


def named_before_it_was_told(office: Office) -> tuple[str, str]:
    """A credit of a judged day that names a fee of ours, before any notice of it; the reference and its dossier."""
    office.settled()
    reference = office.owe(60_000)
    office.line(60_000, reference)
    office.load()
    office.judge()
    return reference, office.code()


def test_a_payment_told_after_the_day_was_judged_is_not_booked_again_from_its_line(office: Office) -> None:
    reference, code = named_before_it_was_told(office)
    office.later(days=1)
    office.now = office.desk.clock.now()
    row = office.only_row()
    assert row.outcome == "missing_with_us"
    assert offered(office, row)
    office.pay(reference, 60_000, paid_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert offered(office, row) == set()
    assert told(refused(office, row, Decision.REFUND)) == ("money-used-already", "recorded")
    owing(office, 60_000)
    error = refused(office, row, Decision.ATTRIBUTE, dossier_code=office.code())
    assert told(error) == ("money-used-already", "recorded")
    assert code != office.code()


def test_a_refund_is_not_approved_once_a_late_notice_tells_of_its_money(office: Office) -> None:
    office.settled()
    reference = office.owe(60_000)
    office.line(60_000, reference)
    office.load()
    office.judge()
    decide(office, office.only_row(), Decision.REFUND)
    refund_id = office.one("SELECT refund_id FROM gateway.refund")
    refunds.propose(office.desk, office.an, refund_id)
    office.pay(reference, 60_000, paid_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    with pytest.raises(Conflict) as late:
        refunds.approve(office.desk, office.binh, refund_id)
    assert told(late.value) == ("money-used-already", "refund")
    assert office.one("SELECT state FROM gateway.refund") == "proposed"


def test_an_attribution_is_not_carried_out_once_a_late_notice_tells_of_its_money(office: Office) -> None:
    office.settled()
    reference = office.owe(60_000)
    office.line(60_000, reference)
    office.load()
    office.judge()
    owing(office, 60_000)
    decide(office, office.only_row(), Decision.ATTRIBUTE, dossier_code=office.code())
    days.propose(office.desk, office.an, BANK, MONDAY)
    office.pay(reference, 60_000, paid_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    with pytest.raises(Conflict) as late:
        days.approve(office.desk, office.binh, BANK, MONDAY)
    assert told(late.value) == ("money-used-already", "since")
    assert office.state() == "proposed"


def test_money_that_came_twice_is_given_back_once(office: Office) -> None:
    reference = office.owe(60_000)
    office.pay(reference, 60_000)
    office.line(60_000, reference, bank="FT1")
    office.line(60_000, reference, bank="FT2")
    office.load()
    office.judge()
    row = office.only_row()
    assert row.outcome == "duplicate"
    decide(office, row, Decision.REFUND)
    assert booked(office) == 1


def test_what_the_post_passed_on_pays_no_other_fee(office: Office) -> None:
    office.settled()
    office.remit(("VN1", 100_000, 30_000), batch="BK0001")
    office.line(130_000, "BK0001", text="VNPOST CHUYEN TIEN")
    office.load()
    office.judge()
    row = office.only_row()
    assert row.outcome == "remittance_credit"
    assert offered(office, row) == set()
    error = refused(office, row, Decision.ATTRIBUTE, dossier_code=owing(office, 130_000))
    assert told(error) == ("money-used-already", "explained")
    assert told(refused(office, row, Decision.REFUND)) == ("money-used-already", "explained")


def test_a_payment_told_after_its_line_paid_the_fee_is_not_given_back(office: Office) -> None:
    reference, code = named_before_it_was_told(office)
    decide(office, office.only_row(), Decision.ATTRIBUTE, dossier_code=code)
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    office.later(days=1)
    office.now = office.desk.clock.now()
    office.pay(reference, 60_000, paid_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    late, free = office.one(
        "SELECT payment_pk, amount - allocated FROM gateway.payment ORDER BY payment_pk DESC LIMIT 1"
    )
    assert free == 60_000
    for judged_again in (False, True):
        if judged_again:
            office.judge(now=office.desk.clock.now())
        with pytest.raises(Conflict) as second:
            refunds.request(office.desk, office.an, late, 60_000, "nộp hai lần")
        assert told(second.value) == ("money-used-already", "refund")
    # The dossier is refused: what its line paid goes back, once.
    with office.conn.transaction():
        office.tell(EventType.DOSSIER_REFUSED, {"reason": "x", "refused_at": "2026-11-24T10:00:00+07:00"}, code)
    asked = office.conn.execute("SELECT refund_id, payment_pk = %s FROM gateway.refund", (late,)).fetchall()
    assert [twice for _, twice in asked].count(False) == 1
    for refund_id, twice in asked:
        if twice:
            with pytest.raises(Conflict) as again:
                refunds.propose(office.desk, office.an, str(refund_id))
            assert told(again.value) == ("money-used-already", "refund")
        else:
            refunds.propose(office.desk, office.an, str(refund_id))
            refunds.approve(office.desk, office.binh, str(refund_id))
