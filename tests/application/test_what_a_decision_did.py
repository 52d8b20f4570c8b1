"""A decision tells where the money went: who approves or signs it reads the dossier, the refund, the date, the rows."""

from __future__ import annotations

from typing import cast

import pytest

from gateway.application import breaks
from gateway.application.breaks import BreakRow, Decision
from gateway.reports.decided import decided
from gateway.reports.rows import head
from tests.application.office import Office
from tests.application.test_decided_money import attribute, owing, stray
from tests.application.test_linking_by_reference import day_with, link
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory
from tests.reconciliation.test_other_partners import deliver

pytestmark = pytest.mark.services


def told(office: Office, row: BreakRow) -> tuple[str, str]:
    """What the last decision about a row did, as the page has it; and the words of reports up to its reason."""
    last = breaks.history(office.desk, office.an, "bank-a", MONDAY, row.row_key)[-1]
    report = decided(office.conn, head(office.conn, office.partners["bank-a"], MONDAY))
    return last.what, report[row.row_no].partition(":")[0]


def test_money_that_was_attributed_names_its_dossier_and_how_much(office: Office) -> None:
    row = stray(office)
    code = owing(office, 50_000)
    attribute(office, row, code, amount=50_000)
    assert told(office, row) == (code, f"Gán tiền cho khoản thu, hồ sơ {code}, 50.000 đ")


def test_money_that_is_given_back_names_its_refund(office: Office) -> None:
    row = stray(office)
    breaks.decide(office.desk, office.an, row.target, Decision.REFUND, reason="chuyển nhầm", amount=80_000)
    refund = office.one("SELECT refund_id FROM gateway.refund")
    assert told(office, row) == (refund, f"Đề nghị hoàn tiền {refund}, 80.000 đ")


def test_a_row_that_was_moved_names_its_day(office: Office) -> None:
    row = stray(office)
    breaks.decide(office.desk, office.an, row.target, Decision.MOVE_DAY, reason="sai ngày", to="2026-11-24")
    assert told(office, row) == ("24/11/2026", "Chuyển sang ngày khác 24/11/2026")


def test_rows_that_were_linked_name_each_other(office: Office) -> None:
    row = day_with(office, "FT001")
    link(office, row, "FT001")
    names = f"{row.reference}, FT001"
    assert told(office, row) == (names, f"Ghép bằng tay {names}")


def test_a_line_of_a_remittance_is_named_by_its_order(office: Office) -> None:
    code = deliver(cast("DayStory", office), 100_000, 30_000)
    office.remit(("QN-KHAC", 100_000, 30_000))
    office.judge("vnpost")
    ours, theirs = (office.rows_of_day("vnpost", outcome=one)[0] for one in ("missing_at_partner", "unidentified"))
    line = breaks.break_of(office.desk, office.an, "vnpost", MONDAY, theirs.row_key).entries[0]
    params = {"entries": [line.entry_pk]}
    breaks.decide(office.desk, office.an, ours.target, Decision.LINK, reason="ghi nhầm mã", **params)
    last = breaks.history(office.desk, office.an, "vnpost", MONDAY, ours.row_key)[-1]
    assert last.what == f"{code}, QN-KHAC"


def test_an_accepted_break_has_nothing_to_name(office: Office) -> None:
    row = stray(office)
    breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="số nhỏ")
    assert told(office, row) == ("", "Chấp nhận chênh lệch")
