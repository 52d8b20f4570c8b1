"""Personal data is masked in one way, whoever reads it: page, command, report and minutes say the same of the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway import masking
from gateway.application import breaks, day_listing
from gateway.application.breaks import Decision
from gateway.application.timelines import timeline
from gateway.masking import as_shown, masked_account, stored_account
from gateway.model import EventType
from gateway.reports import rows as report_rows
from gateway.reports.day_minutes import day_minutes
from gateway.reports.decided import decided
from gateway.reports.minutes import as_data
from tests.application.office import Office
from tests.ledger.story import MONDAY

GATEWAY = Path(masking.__file__).parent
OTHER_WAYS = re.compile(r"•|\[-[34]:\]|\bright\(\w+, [34]\)")
NO_MASK = {"local/day/script.py": "the last digits of a dossier code, for a made-up receipt"}


@pytest.mark.unit
def test_nothing_masks_but_the_functions_for_it() -> None:
    files = [file for kind in ("py", "sql", "html") for file in GATEWAY.rglob(f"*.{kind}")]
    found = {str(file.relative_to(GATEWAY)) for file in files if OTHER_WAYS.search(file.read_text("utf-8"))}
    assert found == {"masking.py", *NO_MASK}


@pytest.mark.unit
def test_an_account_that_the_engine_wrote_is_shown_as_every_account() -> None:
    assert as_shown(stored_account("1120000000101")) == masked_account("1120000000101") == "•••0101"
    assert as_shown("tài khoản …0101, không phải 1120000000101") == "tài khoản •••0101, không phải •••0101"
    assert as_shown(stored_account("")) == "(không có)"


@pytest.mark.services
def test_a_row_of_the_engine_says_the_same_on_its_page_by_command_and_in_the_report(office: Office) -> None:
    """The number of a card terminal looks like an account: nobody can tell, so it is masked everywhere."""
    office.owe(100_000, channel="pos")
    paid = {
        "paid_at": "2026-11-23T09:00:00+07:00", "method": "pos", "amount": 100_000, "fee_ids": ["p1"],
        "cashier": "Lê Thu", "receipt_series": "C1-10", "receipt_number": "0000001",
        "partner_transaction_id": "POS-1", "terminal_id": "12345678",
    }  # fmt: skip
    office.tell(EventType.COUNTER_PAYMENT, paid, office.code())
    accounts = office.partners["bank-b"].accounts
    assert accounts is not None
    office.line(98_900, text="QUYET TOAN POS 12345678 23/11/2026", account=accounts.default)
    office.load("bank-b")
    office.judge("bank-b")
    said = "Phí trừ thẳng khi quyết toán: máy POS •••5678 ngày 23/11/2026, 1 giao dịch"
    (on_page,) = (row for row in office.rows_of_day("bank-b") if row.outcome == "bank_charge")
    by_command = day_listing.show_day(office.desk, office.an, "bank-b", MONDAY)["rows"]
    assert isinstance(by_command, list)
    with office.conn.transaction():
        of_report = report_rows.rows(
            office.conn, report_rows.head(office.conn, office.partners["bank-b"], MONDAY).version_pk
        )
        in_report = [row.cells() for row in of_report]
    assert on_page.reason == said
    assert [row["reason"] for row in by_command if row["outcome"] == "bank_charge"] == [said]
    assert sum(said in cells for cells in in_report) == 1


@pytest.mark.services
def test_what_somebody_wrote_is_masked_alike_in_the_history_the_minutes_and_the_timeline(office: Office) -> None:
    written, shown = "gọi 0912 345 678 và 0912345678 xác nhận", "gọi •••••••••678 và •••••••678 xác nhận"
    office.short(100_000, 70_000)
    office.load()
    office.judge()
    breaks.decide(office.desk, office.an, office.only_row().target, Decision.ACCEPT, reason=written)
    (decision,) = breaks.history(office.desk, office.an, "bank-a", MONDAY, office.only_row().row_key)
    assert decision.reason == shown
    with office.conn.transaction():
        report = report_rows.head(office.conn, office.partners["bank-a"], MONDAY)
        (told,) = decided(office.conn, report).values()
        minutes = str(as_data(day_minutes(office.conn, office.partners["bank-a"], report)))
    assert shown in told
    assert shown in minutes
    office.conn.execute(
        "INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at)"
        " SELECT payment_pk, fee_pk, -1, %s, now() FROM gateway.payment, gateway.fee",
        (written,),
    )
    events = timeline(office.desk, office.an, office.code()).events
    assert [one.state for one in events if one.kind == "allocation" and one.amount == -1] == [shown]
    assert not [one for one in events if "0912" in f"{one.name} {one.state} {one.detail}"]
