"""What an accountant prints, filters and sums: layouts of domain.md 6.3, and text that stays text."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import organisation
from gateway.masking import masked_account, masked_address, masked_numbers
from gateway.model import VIETNAM
from gateway.reports.day_xlsx import DETAILS, ORDERS
from gateway.reports.layouts import COLLECTED, Month
from gateway.reports.month_xlsx import write_month
from gateway.reports.workbook import Column, Sheet, pages_across, write_book
from tests.reconciliation.day_story import DayStory

MADE = datetime(2026, 12, 1, 8, 0, tzinfo=VIETNAM)
NOVEMBER = Month.of(date(2026, 11, 23))


def book(folder: Path, rows: list[list[object]], columns: tuple[Column, ...] | None = None) -> openpyxl.Workbook:
    shown = columns or (
        Column("STT", 6, "number"),
        Column("Tên", 20),
        Column("Tiền", 14, "money"),
        Column("Ngày", 12, "day"),
    )
    sheet = Sheet("Bảng", "BẢNG", ("một", "hai"), shown, rows)  # type: ignore[arg-type]  # cells of every kind
    return openpyxl.load_workbook(write_book(folder / "a.xlsx", "BẢNG", MADE, [sheet]))


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    ["=1+1", "+84912345678", "-1", "@SUM(A1)", "http://x", "012345678901", "5.53722E+11", "<b>&amp;</b>", " hai đầu ",
     "dòng\nhai", "_x0041_", "\x01\t", "Nguyễn Thị Ẩn"],
)  # fmt: skip
def test_text_of_a_payer_stays_the_text_it_is(tmp_path: Path, text: str) -> None:
    sheet = book(tmp_path, [[1, text, 5, date(2026, 11, 23)]])["Bảng"]
    cell = sheet.cell(7, 2)
    assert (cell.data_type, cell.number_format, cell.quotePrefix) == ("s", "@", True)
    told = str(cell.value).replace("_x005F_", "_").replace("_x0001_", "\x01").replace("_x0009_", "\t")
    assert told == text


@pytest.mark.property
@settings(deadline=None, max_examples=60)  # each writes a book
@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_no_text_whatever_breaks_a_book(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    sheet = book(tmp_path_factory.mktemp("book"), [[1, text, 5, None]])["Bảng"]
    assert sheet.cell(7, 3).value == 5


@pytest.mark.unit
def test_numbers_and_dates_are_real_and_sums_follow_the_filter(tmp_path: Path) -> None:
    sheet = book(tmp_path, [[1, "a", 1_234_567, date(2026, 11, 23)], [2, "b", -567, None]])["Bảng"]
    assert (sheet.cell(7, 3).value, sheet.cell(7, 3).number_format) == (1_234_567, "#,##0")
    on = sheet.cell(7, 4)
    assert isinstance(on.value, datetime)
    assert (on.value.date(), on.number_format) == (date(2026, 11, 23), "dd/mm/yyyy")
    assert sheet.cell(8, 4).value is None
    assert sheet.cell(10, 2).value == "TỔNG CỘNG"
    assert sheet.cell(10, 3).value == "=SUBTOTAL(109,C7:C8)"
    assert sheet.cell(10, 1).value is None
    seen = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)["Bảng"]
    assert seen.cell(10, 3).value == 1_234_000


@pytest.mark.unit
def test_the_header_is_frozen_filtered_and_repeated_on_paper(tmp_path: Path) -> None:
    sheet = book(tmp_path, [[1, "a", 1, None]])["Bảng"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("C7", "A6:D7", "$5:$6")
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("&A", "Trang &P/&N")


@pytest.mark.unit
def test_a_wide_table_prints_on_two_pages_side_by_side_instead_of_tiny(tmp_path: Path) -> None:
    row: list[object] = [None] * len(COLLECTED)
    sheet = book(tmp_path, [row], COLLECTED)["Bảng"]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (int(sheet.page_setup.fitToWidth), int(sheet.page_setup.fitToHeight)) == (2, 0)
    assert sheet.print_title_cols == "$A:$B"


@pytest.mark.unit
@pytest.mark.parametrize("columns", [ORDERS, DETAILS], ids=["orders", "details"])
def test_every_table_of_a_day_prints_on_one_page_across(tmp_path: Path, columns: tuple[Column, ...]) -> None:
    row: list[object] = [None] * len(columns)
    sheet = book(tmp_path, [row], columns)["Bảng"]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert int(sheet.page_setup.fitToHeight) == 0
    assert sheet.page_setup.fitToWidth in (None, "1", 1)
    assert sheet.print_title_cols is None
    assert pages_across([column.width for column in columns], 2) == 1


@pytest.mark.unit
def test_what_would_be_too_small_goes_over_pages_side_by_side() -> None:
    assert pages_across([150, 150, 150], 0) == 3


@pytest.mark.unit
def test_a_long_result_that_needs_a_person_is_not_cut(tmp_path: Path) -> None:
    columns = (Column("STT", 5, "number"), Column("Kết quả", 11))
    sheet = Sheet("Bảng", "BẢNG", (), columns, [[1, "Hệ thống có, đối tác không"]], marked=1, is_bad=lambda _: True)
    page = openpyxl.load_workbook(write_book(tmp_path / "a.xlsx", "BẢNG", MADE, [sheet]))["Bảng"]
    assert page.cell(7, 2).alignment.wrap_text
    assert page.row_dimensions[7].height >= 45


@pytest.mark.unit
def test_a_long_reason_goes_on_in_further_lines_and_its_row_is_as_high(tmp_path: Path) -> None:
    sheet = book(tmp_path, [[1, "ngắn", 1, None], [2, "dài " * 40, 1, None], [3, "một\nhai", 1, None]])["Bảng"]
    heights = [sheet.row_dimensions[number].height for number in (7, 8, 9)]
    assert heights[0] is None
    assert heights[1] >= 45
    assert heights[2] == 30
    assert sheet.cell(8, 2).alignment.wrap_text


@pytest.mark.unit
def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    rows = [[number, f"tên {number}", number * 1000, date(2026, 11, 1)] for number in range(1, 50)]
    (tmp_path / "b").mkdir()
    book(tmp_path, rows)  # type: ignore[arg-type]  # cells of every kind
    book(tmp_path / "b", rows)  # type: ignore[arg-type]  # cells of every kind
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b" / "a.xlsx").read_bytes()


@pytest.mark.services
def test_the_month_has_every_table_of_the_province_with_masked_addresses(day: DayStory, tmp_path: Path) -> None:
    address = "12 Trần Phú, Phường Hồng Gai, Quảng Ninh"
    for amount, channel in ((1_000_000, "internet_banking"), (30_000, "qr")):
        reference = day.owe(amount, channel=channel, address=address)
        day.pay(reference, amount)
        day.line(amount, reference)
    day.pay(day.owe(70_000), 70_000)
    day.settle_day()
    centre = organisation.load(day.partners["bank-a"].config).on(NOVEMBER.first)
    rows = write_month(day.conn, day.partners, NOVEMBER, tmp_path / "month.xlsx", centre=centre, made_at=MADE)
    assert rows == 1 + 1 + 1 + 3  # days, units twice, collected
    found = openpyxl.load_workbook(tmp_path / "month.xlsx", data_only=True)
    assert found.sheetnames == [
        "Tổng hợp đối soát", "Đã hoàn phí", "Theo đơn vị", "QĐ 766", "C1-02 NS", "Đã thu phí, lệ phí",
    ]  # fmt: skip
    first = [cell.value for cell in found["Tổng hợp đối soát"][7]]
    assert first[2:] == ["Ngân hàng A", "Đã đối soát", 1, 3, 1, 1_100_000, 1_030_000, -70_000]
    collected = [[cell.value for cell in row] for row in found["Đã thu phí, lệ phí"].iter_rows(min_row=7, max_row=9)]
    assert [row[10] for row in collected] == [1_000_000, 30_000, 70_000]
    assert collected[0][3] == "•••, Quảng Ninh"
    unit = [cell.value for cell in found["Theo đơn vị"][7]]
    assert unit[2:] == [1_100_000, None or 0, 1_100_000, 0, 0, 1_100_000, 3]
    share = [cell.value for cell in found["QĐ 766"][7]]
    assert share[2:] == [3, 0, 3, 3, 1]
    assert next(cell.value for cell in found["Đã hoàn phí"][7]) is None
    text = "".join(str(cell.value) for sheet in found for row in sheet.iter_rows() for cell in row)
    assert "Trần Phú" not in text


@pytest.mark.unit
def test_a_month_ends_where_the_next_begins() -> None:
    assert Month.of(date(2026, 12, 31)) == Month(date(2026, 12, 1), date(2027, 1, 1))
    assert str(NOVEMBER) == "Tháng 11/2026"


@pytest.mark.unit
def test_personal_numbers_keep_their_last_four_digits_and_codes_stay() -> None:
    assert masked_account("1120000000101") == "•••0101"
    assert masked_account("") == masked_address("") == ""
    assert masked_address("Phường Hồng Gai") == "•••"
    told = "TK 1120000000101, CCCD 022190000001, hồ sơ H49.12-20261123-0000001, mã QN261123000001, 1.234.567 đ"
    assert masked_numbers(told) == (
        "TK •••0101, CCCD •••0001, hồ sơ H49.12-20261123-0000001, mã QN261123000001, 1.234.567 đ"
    )
