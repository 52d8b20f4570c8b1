"""Every act on refunds, cash, treasury, accounts and months, tried by every role that may not; here and in SQL."""

from __future__ import annotations

import psycopg
import pytest

from gateway import migrations
from gateway.application import accounts, cash, months, refunds, treasury
from gateway.application.access import Act, Person, Role
from gateway.application.refunds import Document
from gateway.errors import Forbidden
from tests.application.doors import Doors, forbidden, not_refused
from tests.application.office import Office
from tests.application.test_cash_counts import COUNT
from tests.application.test_treasury_vouchers import VOUCHER
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

DOORS: Doors = {
    "refund queue": (Act.SEE, lambda d, p: refunds.queue(d, p)),
    "receipts": (Act.SEE, lambda d, p: refunds.receipts_to_correct(d, p)),
    "refund": (Act.SEE, lambda d, p: refunds.refund(d, p, "HT0")),
    "request": (Act.PROPOSE_REFUND, lambda d, p: refunds.request(d, p, 1, 1, "x")),
    "propose": (Act.PROPOSE_REFUND, lambda d, p: refunds.propose(d, p, "HT0")),
    "approve": (Act.APPROVE_REFUND, lambda d, p: refunds.approve(d, p, "HT0")),
    "pay by document": (Act.PROPOSE_REFUND, lambda d, p: refunds.pay_by_document(d, p, "HT0", Document("x", MONDAY))),
    "not paid": (Act.APPROVE_REFUND, lambda d, p: refunds.not_paid(d, p, "HT0", "x")),
    "receipt": (Act.PROPOSE_REFUND, lambda d, p: refunds.correct_receipt(d, p, "HT0", "x")),
    "count": (Act.RECORD_CASH, lambda d, p: cash.record(d, p, COUNT)),
    "correct count": (Act.RECORD_CASH, lambda d, p: cash.correct(d, p, 1, COUNT, "x")),
    "cash book": (Act.SEE, lambda d, p: cash.book(d, p, MONDAY, MONDAY)),
    "confirm count": (Act.CONFIRM_RECORD, lambda d, p: cash.confirm(d, p, 1)),
    "cash history": (Act.SEE, lambda d, p: cash.history(d, p, 1)),
    "voucher": (Act.RECORD_VOUCHER, lambda d, p: treasury.record(d, p, VOUCHER)),
    "cancel voucher": (Act.CANCEL_VOUCHER, lambda d, p: treasury.cancel(d, p, 1, "x")),
    "confirm voucher": (Act.CONFIRM_RECORD, lambda d, p: treasury.confirm(d, p, 1)),
    "one voucher": (Act.SEE, lambda d, p: treasury.voucher(d, p, 1)),
    "cancelled vouchers": (Act.SEE, lambda d, p: treasury.cancelled(d, p, MONDAY, MONDAY)),
    "matching": (Act.SEE, lambda d, p: treasury.matching(d, p, MONDAY, MONDAY)),
    "accounts": (Act.SEE, lambda d, p: accounts.accounts(d, p, MONDAY, MONDAY)),
    "units": (Act.SEE, lambda d, p: accounts.units(d, p, MONDAY, MONDAY)),
    "month": (Act.SEE, lambda d, p: months.month(d, p, "bank-a", MONDAY)),
    "close": (Act.CLOSE_MONTH, lambda d, p: months.close(d, p, "bank-a", MONDAY)),
}


def test_every_forbidden_act_is_refused_before_anything_is_looked_at(office: Office) -> None:
    assert not_refused(office.desk, DOORS) == []
    assert len(forbidden(DOORS)) > 60


ADDED_TO = (
    "cash_count",
    "treasury_voucher",
    "treasury_voucher_item",
    "recon_month",
    "recon_month_day",
    "recon_month_item",
)


def attempt(office: Office, role: str, act: str) -> str:
    """How the database answers one act of a role: the refusal, or "done"."""
    with psycopg.connect(office.desk.settings.database_url) as conn:
        conn.execute(f"SET ROLE {role}".encode())
        try:
            conn.execute(act.encode())
        except psycopg.Error as error:
            return error.diag.constraint_name or type(error).__name__
        finally:
            conn.rollback()
    return "done"


@pytest.mark.parametrize("role", ["gateway_worker", "gateway_auditor", "gateway_door", "gateway_console"])
def test_nobody_erases_and_only_the_console_adds(office: Office, role: str) -> None:
    for table in ADDED_TO:
        assert attempt(office, role, f"DELETE FROM gateway.{table}") == "InsufficientPrivilege"
        if role != "gateway_console":
            assert attempt(office, role, f"INSERT INTO gateway.{table} DEFAULT VALUES") == "InsufficientPrivilege"
    assert attempt(office, role, "DELETE FROM gateway.refund") == "InsufficientPrivilege"


@pytest.mark.parametrize(
    ("role", "change", "answer"),
    [
        ("gateway_console", "state = 'proposed', proposed_by = 'vy', proposed_at = now()", "refund_by_role"),
        ("gateway_console", "state = 'proposed', proposed_by = 'binh', proposed_at = now()", "refund_by_role"),
        ("gateway_console", "state = 'proposed', proposed_by = 'an', proposed_at = now()", "done"),
        ("gateway_console", "debit_entry_pk = 1", "InsufficientPrivilege"),
        ("gateway_console", "route = 'hand'", "InsufficientPrivilege"),
        ("gateway_console", "amount = 1", "InsufficientPrivilege"),
        ("gateway_console", "receipt_mark = 'cancel'", "InsufficientPrivilege"),
        ("gateway_worker", "approved_by = 'binh', approved_at = now()", "InsufficientPrivilege"),
        ("gateway_worker", "paid_by = 'an'", "InsufficientPrivilege"),
        ("gateway_worker", "state = 'sent'", "refund_step"),
        ("gateway_auditor", "state = 'rejected'", "InsufficientPrivilege"),
        ("gateway_door", "state = 'rejected'", "InsufficientPrivilege"),
    ],
)
def test_a_refund_moves_by_the_right_people_and_machines_only(
    office: Office, role: str, change: str, answer: str
) -> None:
    office.pay(office.owe(100_000), 130_000)
    payment_pk = int(office.one("SELECT payment_pk FROM gateway.payment"))
    refunds.request(office.desk, office.an, payment_pk, 30_000, "thừa")
    assert attempt(office, role, f"UPDATE gateway.refund SET {change}") == answer


def test_the_console_cannot_say_that_a_bank_paid(office: Office) -> None:
    office.pay(office.owe(100_000), 130_000)
    payment_pk = int(office.one("SELECT payment_pk FROM gateway.payment"))
    refund_id = refunds.request(office.desk, office.an, payment_pk, 30_000, "thừa")
    refunds.propose(office.desk, office.an, refund_id)
    refunds.approve(office.desk, office.binh, refund_id)
    proven = "state = 'debited', document_number = 'x', document_on = now(), paid_by = 'an'"
    assert attempt(office, "gateway_console", f"UPDATE gateway.refund SET {proven}") == "refund_end_is_proven"
    assert attempt(office, "gateway_console", "UPDATE gateway.refund SET state = 'sent'") == "refund_by_role"


def test_no_end_of_a_refund_is_without_its_date(office: Office) -> None:
    office.pay(office.owe(100_000), 130_000)
    payment_pk = int(office.one("SELECT payment_pk FROM gateway.payment"))
    refunds.request(office.desk, office.an, payment_pk, 30_000, "thừa")
    rejected = "UPDATE gateway.refund SET state = 'rejected', ended_by = 'an', ended_reason = 'nhầm'"
    assert attempt(office, "gateway_console", rejected) == "refund_dated"
    ended = "UPDATE gateway.refund SET ended_at = now()"
    assert attempt(office, "gateway_console", ended) == "refund_ended_is_over"


def test_a_right_that_was_taken_since_the_page_was_opened_is_refused_by_the_database(office: Office) -> None:
    maker = Person("la", frozenset({Role.MAKER, Role.CHECKER}))
    office.pay(office.owe(100_000), 130_000)
    payment_pk = int(office.one("SELECT payment_pk FROM gateway.payment"))
    refund_id = refunds.request(office.desk, office.an, payment_pk, 30_000, "thừa")
    for act in (
        lambda: refunds.propose(office.desk, maker, refund_id),
        lambda: cash.record(office.desk, maker, COUNT),
        lambda: treasury.record(office.desk, maker, VOUCHER),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "act-not-allowed"


@pytest.mark.parametrize("who", ["binh", "oanh", "vy", "minh", "nobody"])
def test_what_people_record_is_recorded_by_a_maker_in_the_database_too(office: Office, who: str) -> None:
    count = (
        "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number,"
        " receipt_count, amount, counted_by, counted_at)"
        f" VALUES ('a', '2026-11-23', 'u', 's', '1', '1', 1, 1, '{who}', now())"
    )
    assert attempt(office, "gateway_console", count) == "recorded_by_maker"
    closing = (
        "INSERT INTO gateway.recon_month VALUES ('bank-a', '2026-11-01',"
        f" '{who if who != 'binh' else 'an'}', now(), '{{}}', encode(sha256('{{}}'), 'hex'))"
    )
    assert attempt(office, "gateway_console", closing) == "month_by_checker"


@pytest.mark.parametrize("table", ["cash_count", "treasury_voucher"])
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ("confirmed_by = 'an', confirmed_at = now()", "confirmed_by_checker"),
        ("confirmed_by = 'vy', confirmed_at = now()", "confirmed_by_checker"),
        ("confirmed_by = 'CHI', confirmed_at = now()", "{table}_two_people"),
        ("confirmed_by = 'binh'", "{table}_confirmed_by_somebody"),
        ("confirmed_by = 'binh', confirmed_at = now()", "done"),
        ("{amount} = 1", "InsufficientPrivilege"),
    ],
)
def test_the_database_wants_a_second_person_for_what_is_recorded(
    office: Office, table: str, change: str, answer: str
) -> None:
    chi = office.person("chi")
    cash.record(office.desk, chi, COUNT)
    treasury.record(office.desk, chi, VOUCHER)
    act = f"UPDATE gateway.{table} SET {change.format(amount='amount' if table == 'cash_count' else 'total')}"
    assert attempt(office, "gateway_console", act) == answer.format(table=table)
    if answer == "done":
        for role in ("gateway_worker", "gateway_auditor", "gateway_door"):
            assert attempt(office, role, act) == "InsufficientPrivilege"


def test_nothing_is_recorded_as_confirmed_and_a_confirmation_stands(office: Office) -> None:
    pk = cash.record(office.desk, office.an, COUNT)
    copied = "cashier, business_on + 1, unit_code, receipt_series, first_number, last_number, receipt_count, amount"
    both = (
        "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number,"
        f" receipt_count, amount, counted_by, counted_at, confirmed_by, confirmed_at) SELECT {copied}, counted_by,"
        " counted_at, 'binh', now() FROM gateway.cash_count"
    )
    assert attempt(office, "gateway_console", both) == "confirmed_by_checker"
    cash.confirm(office.desk, office.binh, pk)
    back = "UPDATE gateway.cash_count SET confirmed_by = NULL, confirmed_at = NULL"
    assert attempt(office, "gateway_console", back) == "cash_count_is_a_fact"


@pytest.mark.parametrize(
    ("who", "confirmed", "answer"),
    [
        ("vy", False, "cancelled_by_role"), ("an", False, "done"), ("an", True, "cancelled_by_role"),
        ("chi", True, "treasury_voucher_cancelled_by_two"), ("binh", True, "done"),
    ],
)  # fmt: skip
def test_the_database_knows_who_cancels_a_voucher(office: Office, who: str, confirmed: bool, answer: str) -> None:
    pk = treasury.record(office.desk, office.person("chi"), VOUCHER)
    if confirmed:
        treasury.confirm(office.desk, office.binh, pk)
    act = f"cancelled_by = '{who}', cancelled_at = now(), cancelled_reason = 'sai'"
    assert attempt(office, "gateway_console", f"UPDATE gateway.treasury_voucher SET {act}") == answer


def test_what_was_recorded_before_there_was_a_second_person_counts_as_it_did(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = migrations._files()
    monkeypatch.setattr(migrations, "_files", lambda: [one for one in files if one[0] < "0010"])
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        migrations.migrate(owner)
        owner.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('an', 'finance_maker', 'grant', 'setup', now())"
        )
        for series, corrects, reason in (("A", None, ""), ("A", 1, "đếm lại"), ("B", None, "")):
            owner.execute(
                "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number,"
                " last_number, receipt_count, amount, counted_by, counted_at, corrects, reason)"
                " VALUES ('a', '2026-11-23', 'u', %s, '1', '1', 1, 1, 'an', now(), %s, %s)",
                (series, corrects, reason),
            )
        monkeypatch.setattr(migrations, "_files", lambda: files)
        assert "0010_second_eyes.sql" in migrations.migrate(owner)
        told = owner.execute(
            "SELECT count(*), count(DISTINCT confirmed_by), bool_and(confirmed_at = counted_at) FROM gateway.cash_count"
        ).fetchone()
        assert told == (3, 1, True)
        with pytest.raises(psycopg.errors.CheckViolation, match="does not change"):
            owner.execute("UPDATE gateway.cash_count SET amount = 2")
