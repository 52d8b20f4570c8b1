"""Whose bytes are kept beyond their term: those of money that is not reconciled, or not at its end, yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from gateway.application import days, refunds
from gateway.flows.kept_messages import unreconciled_messages
from gateway.messages import expiry
from gateway.model import EventType
from tests.application.office import Office
from tests.application.test_days import BANK, accept_all, agree
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services


@pytest.fixture
def worker(database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """With the rights of the nightly run."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET ROLE gateway_worker")
        yield connection


Worker = psycopg.Connection[tuple[object, ...]]


def pk(office: Office, query: str) -> int:
    return int(office.one(f"SELECT message_pk FROM gateway.{query}"))


def test_a_payment_and_its_statement_are_kept_until_two_people_agreed_on_their_day(
    office: Office, worker: Worker
) -> None:
    office.settled()
    office.load()
    payment, statement = pk(office, "payment"), pk(office, "statement")
    assert {payment, statement} <= unreconciled_messages(worker), "nobody has judged the day"
    office.judge()
    accept_all(office)
    days.propose(office.desk, office.an, BANK, MONDAY)
    assert {payment, statement} <= unreconciled_messages(worker), "proposed is not approved"
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert not {payment, statement} & unreconciled_messages(worker)


def test_a_day_that_is_opened_again_keeps_its_bytes_again(office: Office, worker: Worker) -> None:
    office.settled()
    office.load()
    office.judge()
    agree(office)
    assert pk(office, "payment") not in unreconciled_messages(worker)
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="ngân hàng sửa sao kê")
    assert pk(office, "payment") in unreconciled_messages(worker)


def test_a_remittance_is_kept_until_its_day_is_agreed(office: Office, worker: Worker) -> None:
    with office.conn.transaction():
        office.remit(("H49.12-20261123-0000001", 100_000, 30_000))
    assert pk(office, "remittance") in unreconciled_messages(worker)


def test_a_statement_is_kept_for_an_entry_that_it_books_on_another_day(office: Office, worker: Worker) -> None:
    """Its own day is agreed on; one of its lines belongs to a day that is not."""
    office.settled()
    office.load()
    office.judge()
    agree(office)
    assert pk(office, "statement") not in unreconciled_messages(worker)
    office.conn.execute("UPDATE gateway.statement_entry SET booked_on = '2026-11-24'")
    assert pk(office, "statement") in unreconciled_messages(worker)


def test_a_surplus_of_an_agreed_day_is_kept_as_long_as_it_pays_nothing(office: Office, worker: Worker) -> None:
    reference = office.owe(100_000)
    office.pay(reference, 130_000)
    office.line(130_000, reference)
    office.load()
    office.judge()
    agree(office)
    payment = pk(office, "payment")
    assert payment in unreconciled_messages(worker), "tiền chưa xác định"
    paid = int(office.one("SELECT payment_pk FROM gateway.payment"))
    refund = refunds.request(office.desk, office.an, paid, 30_000, "nộp thừa")
    assert payment not in unreconciled_messages(worker)
    assert refund


def test_counter_cash_which_has_no_day_of_its_own_is_kept(office: Office, worker: Worker) -> None:
    office.owe(100_000, channel="cash")
    cash = {
        "method": "cash", "amount": 100_000, "fee_ids": ["p1"], "receipt_series": "C1-10", "receipt_number": "0000123",
        "cashier": "Lê Thu", "paid_at": "2026-11-23T09:00:00+07:00",
    }  # fmt: skip
    office.tell(EventType.COUNTER_PAYMENT, cash, office.code())
    assert pk(office, "payment") in unreconciled_messages(worker)


def test_the_order_of_a_refund_is_kept_until_a_statement_shows_it(office: Office, worker: Worker) -> None:
    office.settled()
    office.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "rút hồ sơ"}, office.code())
    (refund,) = refunds.queue(office.desk, office.an)
    refunds.propose(office.desk, office.an, refund.refund_id)
    refunds.approve(office.desk, office.binh, refund.refund_id)
    asked = pk(office, "refund")
    order = pk(office, "message WHERE direction = 'out' AND kind = 'refund'")
    assert {asked, order} <= unreconciled_messages(worker)


def test_the_receipt_of_a_payment_is_kept_with_it(office: Office, worker: Worker) -> None:
    office.settled()
    bill = office.message()
    office.conn.execute(
        "INSERT INTO gateway.payment_bill (payment_pk, asked, message_pk, sha256, fetched_at)"
        " SELECT payment_pk, 1, %s, repeat('a', 64), now() FROM gateway.payment",
        (bill,),
    )
    assert bill in unreconciled_messages(worker)
    office.load()
    office.judge()
    agree(office)
    assert bill not in unreconciled_messages(worker)


def test_the_nightly_run_lets_the_bytes_of_an_agreed_day_go_and_no_others(office: Office, worker: Worker) -> None:
    office.settled()
    office.load()
    office.judge()
    agree(office)
    loose = office.owe(50_000)
    office.pay(loose, 50_000, paid_at=office.now.replace(day=24), business_on=date(2026, 11, 24))
    office.conn.execute("UPDATE gateway.message SET state = 'applied' WHERE state = 'stored'")
    office.conn.execute("SELECT gateway.ensure_month('2026-11-01')")
    office.conn.execute(
        "INSERT INTO gateway.message_body (month, message_pk, body) SELECT body_month, message_pk, 'x'"
        " FROM gateway.message ON CONFLICT DO NOTHING"
    )
    kept = unreconciled_messages(worker)
    expiry.expire_bodies(worker, before=date(2026, 12, 1), now=office.now, unreconciled=kept)
    still = {
        int(str(row[0]))
        for row in office.rows("SELECT message_pk FROM gateway.message_body JOIN gateway.message USING (message_pk)"
                               " WHERE state = 'applied'")
    }  # fmt: skip
    assert still == {pk(office, "payment WHERE business_on = '2026-11-24'")}
