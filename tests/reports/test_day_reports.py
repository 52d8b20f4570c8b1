"""What an accountant opens in the morning."""

from __future__ import annotations

import csv
import time
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from gateway.errors import NotFound
from gateway.reports.day import write_day_reports
from gateway.reports.day_minutes import day_minutes
from gateway.reports.minutes import as_data
from gateway.reports.rows import head
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services


def a_day(day: DayStory) -> None:
    reference = day.owe(1_234_567, owner_name='=HYPERLINK("http://x")')
    day.pay(reference, 1_234_567)
    day.line(1_234_567, reference)
    day.pay(day.owe(100_000), 100_000)
    day.line(-11_000, text="Phí dịch vụ")
    day.settle_day()


def test_the_workbook_has_totals_first_differences_first_and_real_numbers(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    xlsx, *_ = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path)
    book = openpyxl.load_workbook(xlsx)
    assert book.sheetnames == [
        "Tổng hợp",
        "Kết quả đối soát lệnh",
        "Đối soát",
        "Hệ thống có, đối tác không",
        "Phí ngân hàng",
        "Khớp",
    ]
    sheet = book["Đối soát"]
    assert sheet.freeze_panes == "C7"
    assert sheet.auto_filter.ref == "A6:R9"
    assert [sheet.cell(row, 2).value for row in (7, 8, 9)] == ["Hệ thống có, đối tác không", "Phí ngân hàng", "Khớp"]
    amount = sheet.cell(9, 9)
    assert (amount.value, amount.number_format) == (1_234_567, "#,##0")
    assert sheet.cell(9, 12).value == datetime(2026, 11, 23)  # noqa: DTZ001 - a cell knows no zone
    assert sheet.cell(7, 4).value == day.code()
    assert sheet.cell(7, 3).value == "hệ thống thừa"
    totals = [[cell.value for cell in row] for row in book["Tổng hợp"].iter_rows(min_row=1, max_col=5)]
    assert totals[-4:] == [
        ["Hệ thống có, đối tác không", 1, 100_000, 0, -100_000],
        ["Phí ngân hàng", 1, 0, -11_000, -11_000],
        ["Khớp", 1, 1_234_567, 1_234_567, 0],
        ["TỔNG CỘNG", 3, 1_334_567, 1_223_567, -111_000],
    ]


def test_a_name_that_looks_like_a_formula_stays_text(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    xlsx, file, _ = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path)
    cell = openpyxl.load_workbook(xlsx)["Khớp"].cell(7, 5)
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://x")')
    assert "'=HYPERLINK" in file.read_text(encoding="utf-8-sig")


def test_the_csv_speaks_vietnamese_with_a_byte_order_mark(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    _, file, _ = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    matched = next(row for row in rows if len(row) > 5 and row[1] == "Khớp")
    assert matched[8] == "1.234.567 đ"
    assert matched[11] == f"{date(2026, 11, 23):%d/%m/%Y}"


def test_the_same_version_gives_the_same_bytes(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    first = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path / "a")
    deadline = int(time.time()) + 1
    while int(time.time()) <= deadline:  # another second on the real clock
        pass
    second = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path / "b")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_day_that_was_never_reconciled_has_no_report(day: DayStory, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path)
    assert refused.value.code == "day-unknown"


def test_orders_are_laid_out_as_banks_do(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    xlsx, *_ = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path, ("xlsx",))
    sheet = openpyxl.load_workbook(xlsx)["Kết quả đối soát lệnh"]
    assert sheet.cell(1, 1).value == "KẾT QUẢ ĐỐI SOÁT LỆNH — TỈNH QUẢNG NINH và Ngân hàng A — Ngày 23/11/2026"
    assert "✗ Lệch: 1" in str(sheet.cell(2, 1).value)
    assert [cell.value for cell in sheet[6]] == [
        "STT", "Kết quả", "Loại GD", "Chiều", "Số GD (hệ thống)", "Số GD (đối tác)", "Dịch vụ", "Số tiền", "Loại tiền",
        "Ngày GD", "Ngân hàng", "Trạng thái", "Ghi chú",
    ]  # fmt: skip
    charge = [cell.value for cell in sheet[8]]
    assert (charge[1], charge[3], charge[7], charge[8]) == ("Phí ngân hàng", "Nợ", -11_000, "VND")
    first = [cell.value for cell in sheet[7]]
    assert (first[0], first[1], first[3], first[7]) == (1, "Hệ thống có, đối tác không", "Có", 100_000)
    assert first[9:12] == [datetime(2026, 11, 23), "Ngân hàng A", "hệ thống thừa"]  # noqa: DTZ001 - a cell knows no zone


def test_minutes_tell_what_was_decided_about_a_break_and_by_whom(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    day.employ(an="finance_maker")
    day.accept_everything("an")
    report = head(day.conn, day.partners["bank-a"], MONDAY)
    breaks = as_data(day_minutes(day.conn, day.partners["bank-a"], report))["breaks"]
    assert isinstance(breaks, list)
    assert [line[6].partition(" (")[0] for line in breaks] == ["Chấp nhận chênh lệch: đã xem"]
    assert "(an, " in breaks[0][6]


def test_what_was_found_in_the_files_is_told_in_vietnamese_once_for_each_kind(day: DayStory, tmp_path: Path) -> None:
    a_day(day)
    day.conn.execute(
        "UPDATE gateway.statement SET file_name = 'SK.xml', problems = %s WHERE partner = 'bank-a'",
        ('[["bad-entry", "line 7 is no entry"], ["bad-entry", "line 9 is no entry"], ["empty-statement", "none"]]',),
    )
    xlsx, *_ = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path, ("xlsx",))
    told = [row[0].value for row in openpyxl.load_workbook(xlsx)["Tổng hợp"].iter_rows() if row[0].value]
    assert told[-2:] == [
        "SK.xml: dòng giao dịch không đọc được [bad-entry], 2 lần",
        "SK.xml: sao kê không có dòng nào [empty-statement]",
    ]


def test_each_side_s_numbers_stand_under_that_side(day: DayStory, tmp_path: Path) -> None:
    """People argue with a bank by the bank's own number, and look for ours where we have none in vain."""
    paid, unknown_to_us, missing = day.owe(50_000), day.owe(60_000), day.owe(70_000)
    day.pay(paid, 50_000, "FT1")
    day.line(50_000, "FT1", paid)
    day.line(60_000, "FT2", unknown_to_us)
    day.pay(missing, 70_000, "FT3")
    day.line(-11_000, "FT4", text="Phí dịch vụ")
    day.settle_day()
    xlsx, *_ = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path, ("xlsx",))
    book = openpyxl.load_workbook(xlsx)
    orders = {
        str(row[1]): (row[4], row[5])
        for row in book["Kết quả đối soát lệnh"].iter_rows(min_row=7, max_row=10, values_only=True)
    }
    assert orders == {
        "Hệ thống có, đối tác không": (missing, "FT3"),
        "Đối tác có, hệ thống không": (None, "FT2"),
        "Phí ngân hàng": (None, "FT4"),
        "Khớp": (paid, "FT1"),
    }
    details = {str(row[1]): row[6] for row in book["Đối soát"].iter_rows(min_row=7, max_row=10, values_only=True)}
    assert details["Đối tác có, hệ thống không"] == "FT2"
