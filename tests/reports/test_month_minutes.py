"""The minutes of a closed month: what came in, is new, was solved and goes out, for the same four signatures."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.application import breaks, days, month_report, months, reports
from gateway.reports.minutes import as_data
from tests.application.conftest import office
from tests.application.office import Office
from tests.application.test_months import (
    BANK,
    DECEMBER,
    EVE,
    SATURDAY,
    approved,
    at,
    closed,
    eve,
    judged,
    paid_on_the_eve,
)
from tests.reports.test_minutes import pages

__all__ = ["eve", "office"]

pytestmark = pytest.mark.services


@pytest.fixture
def december(eve: Office) -> Office:
    """December is closed; one payment of its last evening is carried over the year."""
    paid_on_the_eve(eve)
    judged(eve, EVE)
    approved(eve, EVE)
    at(eve, SATURDAY)
    closed(eve, DECEMBER)
    return eve


def test_a_closed_month_says_what_it_carries_over_the_year(december: Office) -> None:
    desk, an = december.desk, december.an
    data = as_data(month_report.month_minutes(desk, desk.partner(BANK), months.month(desk, an, BANK, DECEMBER)))
    assert data["carried"] == [
        ["Kỳ trước chuyển sang", "0", "0"],
        ["Phát sinh trong kỳ", "1", "100.000"],
        ["Đã giải quyết trong kỳ", "0", "0"],
        ["Chuyển kỳ sau", "1", "100.000"],
    ]
    assert data["by_class"] == [
        ["31/12/2026", "2", "140.000", "40.000", "-100.000"],
        ["TỔNG CỘNG", "2", "140.000", "40.000", "-100.000"],
    ]
    assert data["breaks_title"] == "Danh sách khoản lệch và chờ kết luận (1)"


def test_the_minutes_of_a_month_are_prepared_once_and_the_same_again(december: Office, tmp_path: Path) -> None:
    first = month_report.prepare_month(december.desk, december.an, BANK, DECEMBER)
    again = month_report.prepare_month(december.desk, december.binh, BANK, EVE)
    assert (first.document_pk, first.sha256) == (again.document_pk, again.sha256)
    assert (first.kind, first.period, first.next_field) == ("month_minutes", "2026-12", "lap_bieu")
    file = reports.download(december.desk, december.an, first.document_pk)
    assert file.name == "bien-ban_bank-a_2026-12_v1.pdf"
    text = "\n".join(pages(file.content, tmp_path))
    for expected in ("Tháng 12/2026", "ngày 02 tháng 01 năm 2027", "Chuyển kỳ sau", "31/12/2026", "THỦ TRƯỞNG ĐƠN VỊ"):
        assert expected in text


def listed(office: Office) -> list[list[str]]:
    desk, an = office.desk, office.an
    data = as_data(month_report.month_minutes(desk, desk.partner(BANK), months.month(desk, an, BANK, DECEMBER)))
    assert isinstance(data["breaks"], list)
    return data["breaks"]


def test_a_carried_line_says_that_the_partner_was_asked_and_goes_on_saying_only_that(eve: Office) -> None:
    paid_on_the_eve(eve)
    judged(eve, EVE)
    (row,) = eve.rows_of_day(BANK, EVE)
    breaks.decide(eve.desk, eve.an, row.target, breaks.Decision.ENQUIRE, reason="ngân hàng chưa có khoản này")
    approved(eve, EVE)
    at(eve, SATURDAY)
    closed(eve, DECEMBER)
    (line,) = listed(eve)
    assert line[-1] == "Tra soát đối tác: ngân hàng chưa có khoản này (an, 01/01/2027)"
    first = month_report.prepare_month(eve.desk, eve.an, BANK, DECEMBER)
    eve.later(hours=1)
    days.reopen(eve.desk, eve.binh, BANK, EVE, reason="ngân hàng đã trả lời")
    (again,) = eve.rows_of_day(BANK, EVE)
    breaks.decide(eve.desk, eve.an, again.target, breaks.Decision.ACCEPT, reason="theo trả lời")
    assert listed(eve) == [line], "what was decided after the closing stands in the next month"
    assert month_report.prepare_month(eve.desk, eve.an, BANK, DECEMBER) == first


def test_a_carried_line_that_nobody_decided_about_says_so(december: Office) -> None:
    assert [line[-1] for line in listed(december)] == ["Chưa quyết định"]
