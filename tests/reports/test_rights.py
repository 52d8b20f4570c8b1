"""Reports are made, signed and sent with the rights that the processes have, and with no others."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from gateway.application import month_report, reports
from gateway.errors import Conflict, Forbidden
from gateway.flows import days
from gateway.flows.deliveries import deliver_approved
from gateway.flows.wiring import Work
from gateway.reports.delivery import Letterhead
from tests.ledger.story import MONDAY
from tests.reports.signing import AN, BINH, VIEWER, Signing
from tests.reports.smtp_server import mail_server
from tests.reports.test_delivery import by_mail

pytestmark = pytest.mark.services


def act_as(signing: Signing, role: str) -> None:
    signing.desk.connection.execute(f"SET ROLE {role}".encode())


def test_the_console_prepares_signs_and_exports(signing: Signing, tmp_path: Path) -> None:
    act_as(signing, "gateway_console")
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    assert reports.prepare_day(signing.desk, BINH, "bank-a", MONDAY).document_pk == signing.document.document_pk
    names = [reports.export_day(signing.desk, AN, "bank-a", MONDAY, form).name for form in reports.MEDIA_TYPES]
    day = "doi-soat_bank-a_20261123_v1"
    assert names == [f"bien-ban_{day}.pdf", f"{day}.xlsx", f"{day}.csv"], "as a run of reconcile names them"
    file = month_report.export_month(signing.desk, BINH, MONDAY, tmp_path)
    assert file.name == "thu-phi_202611.xlsx"
    act_as(signing, "gateway_auditor")
    left = signing.desk.connection.execute("SELECT what, by_user FROM gateway.export_log ORDER BY export_pk").fetchall()
    assert left[-4:] == [
        ("day-pdf:bank-a:2026-11-23", "an"), ("day-xlsx:bank-a:2026-11-23", "an"), ("day-csv:bank-a:2026-11-23", "an"),
        ("month-xlsx:2026-11", "binh"),
    ]  # fmt: skip


def test_who_may_not_export_takes_no_report_away(signing: Signing, tmp_path: Path) -> None:
    for act in (
        lambda: reports.export_day(signing.desk, VIEWER, "bank-a", MONDAY, "csv"),
        lambda: month_report.export_month(signing.desk, VIEWER, MONDAY, tmp_path),
        lambda: month_report.prepare_month(signing.desk, VIEWER, "bank-a", MONDAY),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "act-not-allowed"
    assert list(tmp_path.iterdir()) == []


def test_minutes_of_an_open_month_are_not_signed(signing: Signing) -> None:
    with pytest.raises(Conflict) as refused:
        month_report.prepare_month(signing.desk, AN, "bank-a", MONDAY)
    assert refused.value.code == "month-open"


def test_the_worker_writes_verifies_and_sends_but_cannot_sign(signing: Signing, tmp_path: Path) -> None:
    act_as(signing, "gateway_worker")
    work = Work(signing.desk.connection, signing.desk.clock, signing.desk.partners)
    bank = signing.desk.partners["bank-a"]
    assert len(days.write_reports(work, bank, MONDAY, tmp_path)) == 3
    assert {item.verdict for item in days.verify(work, bank, MONDAY).items} == {"equal"}
    with mail_server() as mailbox:
        letterhead = Letterhead("a@b.example", ("c@d.example",), "https://x.example")
        assert deliver_approved(work, [by_mail(mailbox)], letterhead).counts["sent"] == 1
    for table in ("report_signature", "report_document", "person_certificate"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), signing.desk.connection.transaction():
            signing.desk.connection.execute(f"INSERT INTO gateway.{table} DEFAULT VALUES".encode())
