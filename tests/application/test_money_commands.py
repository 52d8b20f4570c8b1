"""The commands of refunds, cash, treasury, accounts and months: the same layer as the pages, on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.application.office import Office
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT

pytestmark = pytest.mark.services

Run = Callable[..., Any]
VOUCHER = f"""
voucher_number = "GNT-0012"
partner = "bank-a"
account = "{ACCOUNT}"
paid_on = 2026-11-23
covers_from = 2026-11-16
covers_to = 2026-11-20
payer_name = "Trung tâm Phục vụ hành chính công"
treasury_name = "KBNN Quảng Ninh"

[[items]]
kind = "phi"
content = "Phí thẩm định"
amount = 5_000_000
chapter = "426"
subitem = "2716"
"""


@pytest.fixture
def run(office: Office, tmp_path: Path) -> Run:
    clock = tmp_path / "clock"

    def run(*arguments: str, user: str = "an", code: int = 0) -> Any:
        """What a command says in JSON; its error where it is to fail."""
        clock.write_text(office.desk.clock.now().isoformat(), encoding="ascii")
        environ = {
            "GATEWAY_DATABASE_URL": office.desk.settings.database_url,
            "GATEWAY_CONFIG": str(office.desk.settings.config),
            "GATEWAY_BUSINESS_CLOCK": str(clock),
            "GATEWAY_ENV": "test",
            "GATEWAY_VAR": str(tmp_path),
        }
        answer = CliRunner().invoke(app, [*arguments, "--user", user, "--json"], env=environ)
        assert answer.exit_code == code, answer.output
        told = json.loads(answer.stdout)
        return told["error"]["code"] if isinstance(told, dict) and "error" in told else told

    return run


def test_a_refund_passes_through_two_hands(office: Office, run: Run) -> None:
    office.pay(office.owe(100_000), 130_000)
    payment = str(office.one("SELECT payment_pk FROM gateway.payment"))
    refund_id = run("refund", "request", payment, "30000", "--why", "chuyển thừa")["refund_id"]
    assert run("refund", "propose", refund_id, user="vy", code=1) == "act-not-allowed"
    run("refund", "propose", refund_id)
    assert run("refund", "approve", refund_id, user="chi")["route"] == "bank"
    (waiting,) = run("refund", "list", user="vy")
    assert (waiting["owner"], waiting["next_step"]) == ("partner", "send")
    (receipt,) = run("refund", "list", "--receipts")
    assert receipt["receipt_mark"] == "adjust"
    run("refund", "receipt", refund_id, "BBDC-01")
    assert run("refund", "show", refund_id)["receipt_done"] is True
    assert run("refund", "paid", refund_id, "PC-1", "2026-11-24", code=1) == "refund-paid-by-the-bank"
    assert run("refund", "not-paid", refund_id, "--why", "x", user="binh", code=1) == "refund-paid-by-the-bank"
    other = run("refund", "request", payment, "1", "--why", "x", code=1)
    assert other == "step-not-allowed", "nothing is free any more"


def test_a_cash_count_is_recorded_and_corrected(run: Run) -> None:
    book = ("--cashier", "Trần Thu", "--unit", "H49.12", "--series", "AA/26", "--first", "1", "--last", "3")
    first = run("cash", "record", "2026-11-23", *book, "--receipts", "3", "--amount", "140000")["count_pk"]
    assert run("cash", "record", "2026-11-23", *book, "--receipts", "3", "--amount", "1", code=1) == "cash-count-known"
    corrected = ("--receipts", "3", "--amount", "150000", "--corrects", str(first), "--why", "đếm lại")
    run("cash", "record", "2026-11-23", *book, *corrected)
    second = run("cash", "record", "2026-11-24", *book, "--receipts", "3", "--amount", "1")["count_pk"]
    assert run("cash", "confirm", str(second), code=1) == "act-not-allowed"
    run("cash", "confirm", str(second), user="binh")
    told = run("cash", "list", "2026-11-23", "--to", "2026-11-30")
    assert (told["confirmed"], [one["confirmed_by"] for one in told["counts"]]) == (1, [None, "binh"])
    told = run("cash", "list", "2026-11-23")
    assert told["total"] == 150_000
    assert [one["code"] for one in told["problems"]] == ["cash-differs", "cash-receipt-gap"]


def test_a_voucher_is_read_from_a_file_and_cancelled(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "gnt.toml"
    file.write_text(VOUCHER, encoding="utf-8")
    pk = run("treasury", "record", str(file))["voucher_pk"]
    (waiting,) = run("treasury", "list", "2026-11-23")["waiting"]
    assert (waiting["voucher_pk"], waiting["total"]) == (pk, 5_000_000)
    run("treasury", "confirm", str(pk), user="binh")
    (alone,) = run("treasury", "list", "2026-11-23")["vouchers"]
    assert alone["voucher_pk"] == pk
    assert run("treasury", "cancel", str(pk), "--why", "nhập sai", code=1) == "act-not-allowed"
    run("treasury", "cancel", str(pk), "--why", "nhập sai", user="binh")
    assert run("treasury", "list", "2026-11-23")["vouchers"] == []
    file.write_text(VOUCHER.replace("subitem", "tieu_muc").replace("amount = 5_000_000", "amount = 'x'"), "utf-8")
    assert run("treasury", "record", str(file), code=1) == "voucher-invalid"
    assert run("treasury", "record", str(tmp_path / "none.toml"), code=1) == "voucher-invalid"


def test_the_account_book_and_the_units_are_told(office: Office, run: Run) -> None:
    office.settled()
    office.load()
    (day,) = run("account", "book", "2026-11-23")
    assert (day["account"], day["closing"], day["gap"]) == ("•••0101", 100_000, 0)
    office.balances[ACCOUNT] += 7
    office.line(1_000, text="x", on=date(2026, 11, 24))
    office.load(on=date(2026, 11, 24))
    assert run("account", "book", "2026-11-23", "--to", "2026-11-24", code=1)[1]["gap"] == 7
    told = run("account", "units", "2026-11-23")
    assert (told["units"][0]["phi"], told["gap"]) == (100_000, 0)


def test_a_month_is_shown_and_not_closed_before_its_end(office: Office, run: Run) -> None:
    office.settled()
    office.settle_day()
    told = run("month", "show", "bank-a", "2026-11")
    assert (told["state"], told["blocking"][0]) == ("open", MONDAY.isoformat())
    assert run("month", "close", "bank-a", "2026-11", code=1) == "act-not-allowed"
    assert run("month", "close", "bank-a", "2026-11", user="binh", code=1) == "month-not-over"
