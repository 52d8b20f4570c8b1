"""Card payments of a batch that are not as asked, on a real database: rows of their own, decided like any other."""

from __future__ import annotations

import pytest

from gateway.application import breaks, days
from gateway.application.breaks import Decision
from gateway.application.unidentified import queue
from gateway.errors import Conflict, GatewayError
from gateway.model import Channel
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK, ACCOUNT = "bank-b", "0511000022233"


def by_card(office: Office, owed: int, paid: int) -> str:
    reference = office.owe(owed, channel="pos")
    office.pay(reference, paid, partner=BANK, channel=Channel.POS, account=ACCOUNT)
    return reference


def settled_in_bulk(office: Office, amount: int) -> None:
    office.line(amount, text="QUYET TOAN POS", account=ACCOUNT, bank="FT1")
    office.load(BANK)
    office.judge(BANK)


def test_a_short_fee_and_a_surplus_of_a_batch_are_decided_and_the_day_is_closed(office: Office) -> None:
    by_card(office, 200_000, 200_000)
    short, over = by_card(office, 100_000, 60_000), by_card(office, 50_000, 70_000)
    settled_in_bulk(office, 330_000)
    rows = {row.reference: row for row in office.rows_of_day(BANK)}
    assert {name: (row.outcome, row.amount) for name, row in rows.items()} == {
        short: ("underpaid", 40_000),
        over: ("overpaid", 20_000),
    }
    assert office.outcomes(BANK)[-1] == ("matched", 200_000, 200_000)
    (money,) = queue(office.desk, office.an).items
    assert (money.amount, money.row_key, money.next_step) == (20_000, rows[over].row_key, "attribute_or_refund")
    breaks.decide(office.desk, office.an, rows[over].target, Decision.REFUND, reason="nộp thừa")
    breaks.decide(office.desk, office.an, rows[short].target, Decision.ACCEPT, reason="thu bổ sung sau")
    assert queue(office.desk, office.an).items == ()
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert verify(office.conn, office.partners[BANK], MONDAY)


def told(error: GatewayError) -> tuple[str, str]:
    return error.code, error.case


@pytest.mark.parametrize("all_wrong", [False, True])
def test_a_payment_of_a_batch_stands_where_its_batch_does(office: Office, all_wrong: bool) -> None:
    """It is neither moved to another day nor linked to another line, also where it holds the entry of the batch."""
    if not all_wrong:
        by_card(office, 200_000, 200_000)
    short = by_card(office, 100_000, 60_000)
    by_card(office, 50_000, 40_000)
    office.line(60_000, text="CHUYEN TIEN", account=ACCOUNT, bank="FT2")
    settled_in_bulk(office, 100_000 if all_wrong else 300_000)
    row = next(row for row in office.rows_of_day(BANK) if row.reference == short)
    stray = next(row for row in office.rows_of_day(BANK) if row.outcome == "unidentified")
    view = breaks.break_of(office.desk, office.an, BANK, MONDAY, row.row_key)
    assert len(view.entries) == int(all_wrong)
    assert not {Decision.MOVE_DAY, Decision.LINK} & view.may
    other = breaks.break_of(office.desk, office.an, BANK, MONDAY, stray.row_key).entries[0].entry_pk
    for target, kind, params in (
        (row.target, Decision.MOVE_DAY, {"to": "2026-11-24"}),
        (stray.target, Decision.LINK, {"payments": [view.payments[0].payment_pk]}),
        *([] if all_wrong else [(row.target, Decision.LINK, {"entries": [other]})]),
    ):
        with pytest.raises(Conflict) as refused:
            breaks.decide(office.desk, office.an, target, kind, reason="thử", **params)
        assert told(refused.value) in {("move-not-possible", "linked"), ("link-not-possible", "matched")}
