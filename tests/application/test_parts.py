"""One transfer for several dossiers: each part is a decision of its own, until nothing is left of the money."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.application import breaks, days, refunds
from gateway.application.ageing import ageing
from gateway.application.breaks import BreakRow, BreakState, Decision
from gateway.errors import Conflict
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK = "bank-a"
PAID = "SELECT paid FROM gateway.fee WHERE dossier_code = %s"


def for_two(office: Office) -> tuple[str, str]:
    """Two dossiers that owe 50.000 and 70.000 đồng, and one transfer of 130.000 that names neither."""
    office.settled()
    office.owe(50_000)
    first = office.code()
    office.owe(70_000)
    second = office.code()
    office.line(130_000, text="CTY ABC nop phi 2 ho so")
    office.load()
    office.judge()
    return first, second


def decide(office: Office, kind: Decision, row: BreakRow | None = None, **params: object) -> int:
    target = (row or office.only_row()).target
    return breaks.decide(office.desk, office.an, target, kind, reason="theo công văn", **params)


def give(office: Office, code: str, amount: int | None = None) -> int:
    return decide(office, Decision.ATTRIBUTE, dossier_code=code, amount="" if amount is None else amount)


def left(office: Office) -> tuple[BreakState, int]:
    view = breaks.break_of(office.desk, office.an, BANK, MONDAY, office.only_row().row_key)
    return view.row.state, view.left


def may(office: Office) -> frozenset[Decision]:
    return breaks.break_of(office.desk, office.an, BANK, MONDAY, office.only_row().row_key).may


def refused(office: Office, kind: Decision, **params: object) -> str:
    with pytest.raises(Conflict) as raised:
        decide(office, kind, **params)
    return raised.value.code


def test_one_transfer_pays_two_dossiers_and_the_rest_goes_back(office: Office) -> None:
    first, second = for_two(office)
    give(office, first, 50_000)
    assert left(office) == (BreakState.PARTLY, 80_000)
    assert may(office) == {
        Decision.ATTRIBUTE, Decision.REFUND, Decision.ACCEPT, Decision.WRITE_OFF, Decision.UNDO,
    }  # fmt: skip
    give(office, second, 70_000)
    assert left(office) == (BreakState.PARTLY, 10_000)
    decide(office, Decision.REFUND)
    assert left(office) == (BreakState.DECIDED, 0)
    assert office.one("SELECT amount FROM gateway.refund") == 10_000
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert (office.one(PAID, first), office.one(PAID, second)) == (50_000, 70_000)
    assert office.one("SELECT amount, allocated, refunding FROM gateway.payment WHERE entry_pk IS NOT NULL") == (
        130_000,
        120_000,
        10_000,
    )
    assert verify(office.conn, office.partners[BANK], MONDAY)


def test_a_row_of_which_something_is_left_keeps_the_day_from_being_proposed(office: Office) -> None:
    first, _ = for_two(office)
    give(office, first, 50_000)
    assert [row.state for row in office.rows_of_day(state="partly")] == [BreakState.PARTLY]
    assert office.rows_of_day(state="open") == office.rows_of_day(state="decided") == ()
    assert days.day(office.desk, office.an, BANK, MONDAY).open_breaks == 1
    assert ageing(office.desk, office.an).total.count == 1
    with pytest.raises(Conflict) as still:
        days.propose(office.desk, office.an, BANK, MONDAY)
    assert still.value.code == "breaks-open"


def test_no_more_is_given_than_came(office: Office) -> None:
    first, second = for_two(office)
    give(office, first, 50_000)
    assert refused(office, Decision.REFUND, amount=80_001) == "amount-does-not-fit"
    assert refused(office, Decision.ATTRIBUTE, dossier_code=second, amount=70_001) == "amount-does-not-fit"
    give(office, second, 70_000)
    decide(office, Decision.REFUND, amount=10_000)
    office.owe(1_000)
    assert refused(office, Decision.ATTRIBUTE, dossier_code=office.code(), amount=1_000) == "amount-does-not-fit"
    assert refused(office, Decision.ACCEPT) == "break-decided-already"
    payment = office.one("SELECT payment_pk FROM gateway.payment WHERE entry_pk IS NOT NULL")
    row = office.only_row()
    with pytest.raises(Exception, match="decided already"):
        office.desk.connection.execute(
            "INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount, params,"
            " by_user, at) VALUES (%s, %s, %s, %s, 'attribute', 'x', 1,"
            " jsonb_build_object('payment_pk', %s::bigint), 'an', now())",
            (BANK, MONDAY, row.target.version, row.row_key, payment),
        )


def test_each_part_is_undone_by_itself(office: Office) -> None:
    first, second = for_two(office)
    one = give(office, first, 50_000)
    two = give(office, second, 70_000)
    back = decide(office, Decision.REFUND)
    breaks.undo(office.desk, office.an, two, reason="nhầm hồ sơ")
    assert left(office) == (BreakState.PARTLY, 70_000)
    breaks.undo(office.desk, office.an, back, reason="nhầm")
    assert office.one("SELECT state FROM gateway.refund") == "rejected"
    assert left(office) == (BreakState.PARTLY, 80_000)
    breaks.undo(office.desk, office.an, one, reason="nhầm")
    assert left(office) == (BreakState.OPEN, 130_000)


def test_the_rest_is_decided_otherwise(office: Office) -> None:
    first, second = for_two(office)
    give(office, first, 50_000)
    give(office, second, 70_000)
    for kind in (Decision.ENQUIRE, Decision.MOVE_DAY):
        assert refused(office, kind, to=str(MONDAY + timedelta(days=1)), question="?") == "break-decided-already"
    pk = decide(office, Decision.WRITE_OFF)
    assert office.one("SELECT amount FROM gateway.break_decision WHERE decision_pk = %s", pk) == 10_000
    assert left(office)[0] is BreakState.DECIDED
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert (office.one(PAID, first), office.one(PAID, second)) == (50_000, 70_000)


def test_a_large_rest_is_written_off_by_two(office: Office) -> None:
    first, _ = for_two(office)
    give(office, first, 50_000)
    pk = decide(office, Decision.WRITE_OFF)
    assert left(office)[0] is BreakState.WAITING
    breaks.confirm(office.desk, office.binh, pk, reason="đồng ý")
    assert left(office)[0] is BreakState.DECIDED


def test_a_surplus_of_a_payment_goes_to_two_dossiers(office: Office) -> None:
    reference = office.owe(100_000)
    office.owe(10_000)
    first = office.code()
    office.owe(20_000)
    second = office.code()
    office.pay(reference, 130_000)
    office.line(130_000, reference)
    office.load()
    office.judge()
    give(office, first, 10_000)
    assert left(office) == (BreakState.PARTLY, 20_000)
    give(office, second)
    assert left(office) == (BreakState.DECIDED, 0)
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert (office.one(PAID, first), office.one(PAID, second)) == (10_000, 20_000)


def test_a_partly_decided_row_is_a_refund_on_its_way_and_what_is_left(office: Office) -> None:
    first, _ = for_two(office)
    decide(office, Decision.REFUND, amount=30_000)
    refund_id = office.one("SELECT refund_id FROM gateway.refund")
    refunds.propose(office.desk, office.an, refund_id)
    refunds.approve(office.desk, office.binh, refund_id)
    give(office, first, 50_000)
    assert left(office) == (BreakState.PARTLY, 50_000)
