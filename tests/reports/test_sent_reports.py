"""The archive of what left is read by people: when, to whom, which file, and the bytes, whose taking is logged."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from gateway.application import month_report, personal, sent_reports
from gateway.errors import Forbidden, NotFound
from gateway.flows.deliveries import deliver_approved
from gateway.flows.wiring import Work
from gateway.reports.delivery import Carrier, Letterhead
from tests.ledger.story import MONDAY
from tests.reports.signing import AN, OPS, VIEWER, Signing

pytestmark = pytest.mark.services

LETTERHEAD = Letterhead("doi-soat@quangninh.example", ("ke-toan@quangninh.example",), "https://cong.example/gateway")
DAY = MONDAY.isoformat()


class Kept:
    """A carrier that loses nothing: it only remembers."""

    def __init__(self, way: str, recipient: str) -> None:
        self.way, self.recipient = way, recipient
        self.taken: dict[str, bytes] = {}

    def send(self, name: str, content: bytes) -> None:
        self.taken[name] = content


def left(signing: Signing, *carriers: Carrier) -> None:
    work = Work(signing.desk.connection, signing.desk.clock, signing.desk.partners)
    deliver_approved(work, carriers, LETTERHEAD)


def test_what_left_is_listed_with_its_addresses_masked(signing: Signing) -> None:
    mail = Kept("mail", "ke-toan@quangninh.example, an@bank.example")
    folder = Kept("sftp", "sftp.bank.example:22/doi-soat")
    left(signing, mail, folder)
    found = sent_reports.sent(signing.desk, VIEWER, "bank-a", DAY)
    assert {one.recipient for one in found} == {
        "k•••@quangninh.example, a•••@bank.example", "sftp.bank.example:22/doi-soat",
    }  # fmt: skip
    taken = {**mail.taken, **folder.taken}
    assert {one.file_name: one.sha256 for one in found} == {
        name: hashlib.sha256(content).hexdigest() for name, content in taken.items()
    }
    assert {one.size for one in found} == {len(content) for content in taken.values()}


def test_the_month_lists_what_left_of_its_days_and_another_month_or_partner_does_not(signing: Signing) -> None:
    left(signing, Kept("mail", "ke-toan@quangninh.example"))
    assert [one.period for one in sent_reports.sent(signing.desk, AN, "bank-a", "2026-11")] == [DAY]
    for partner, period in (("bank-a", "2026-12"), ("bank-b", "2026-11"), ("bank-a", "2026-11-24"), ("bank-a", "%")):
        assert sent_reports.sent(signing.desk, AN, partner, period) == []


def test_the_very_bytes_are_taken_and_that_is_logged(signing: Signing) -> None:
    folder = Kept("sftp", "sftp.bank.example:22/doi-soat")
    left(signing, folder)
    listed = sent_reports.sent(signing.desk, AN, "bank-a", DAY)
    assert len(listed) == len(folder.taken) > 0
    for one in listed:
        file = sent_reports.download_sent(signing.desk, AN, one.delivery_pk)
        assert (file.name, file.content) == (one.file_name, folder.taken[one.file_name])
        line = personal.exported(signing.desk, AN)[0]
        assert (line.by_user, line.what, line.sha256) == ("an", f"sent:bank-a:{DAY}:{one.file_name}", one.sha256)


def test_what_was_never_sent_is_not_there(signing: Signing) -> None:
    with pytest.raises(NotFound) as told:
        sent_reports.download_sent(signing.desk, AN, 4711)
    assert told.value.code == "delivery-unknown"


def test_who_may_not_export_gets_no_bytes(signing: Signing) -> None:
    left(signing, Kept("mail", "ke-toan@quangninh.example"))
    (one,) = sent_reports.sent(signing.desk, VIEWER, "bank-a", DAY)
    for person in (VIEWER, OPS):
        with pytest.raises(Forbidden) as told:
            sent_reports.download_sent(signing.desk, person, one.delivery_pk)
        assert told.value.code == "act-not-allowed"


def test_the_log_says_how_many_rows_left_with_the_month_s_workbook(signing: Signing, tmp_path: Path) -> None:
    file = month_report.export_month(signing.desk, AN, date(2026, 11, 1), tmp_path)
    rows = sum(isinstance(row[0], int) for sheet in openpyxl.load_workbook(file) for row in sheet.values)
    line = personal.exported(signing.desk, AN)[0]
    assert (line.what, line.row_count) == ("month-xlsx:2026-11", rows)
    assert rows > 3
