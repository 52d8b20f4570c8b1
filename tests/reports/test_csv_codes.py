"""A code in the CSV stays the code it is when a spreadsheet opens the file, and a program gets it back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.day import write_day_reports
from gateway.reports.day_csv import neutral
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory


@pytest.mark.unit
@pytest.mark.parametrize(
    "code",
    ["553722000001", "0000001", "00", "012345678901", "1234567890123456789", "12E7", "553e11", "=1+1", "-1", "'a"],
)
def test_what_a_spreadsheet_would_change_begins_with_an_apostrophe(code: str) -> None:
    assert neutral(code) == f"'{code}"


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    ["", "0", "7", "12345678901", "QN261123000001A", "H49.12-20261123-0000001", "FT26327001", "E12", "1E", "12E7A",
     "553722000001, 553722000002", "1.234.567 đ", "23/11/2026", "Nguyễn Thị Hạnh"],
)  # fmt: skip
def test_what_a_spreadsheet_leaves_alone_is_written_as_it_is(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.property
@given(text=st.text(max_size=30))
def test_who_drops_one_apostrophe_gets_the_text_back(text: str) -> None:
    assert neutral(text).removeprefix("'") == text


@pytest.mark.services
def test_the_numbers_of_banks_and_receipts_stay_text_in_the_day_s_csv_and_amounts_stay_amounts(
    day: DayStory, tmp_path: Path
) -> None:
    for amount, number in ((1_234_567, "553722000001"), (70_000, "0000012345")):
        reference = day.owe(amount)
        day.pay(reference, amount, number)
        day.line(amount, reference)
    day.settle_day()
    (file,) = write_day_reports(day.conn, day.partners["bank-a"], MONDAY, tmp_path, ("csv",))
    rows = [row for row in csv.reader(file.read_text(encoding="utf-8-sig").splitlines()) if row[1:2] == ["Khớp"]]
    told = sorted((row[6], row[8]) for row in rows if len(row) > 8)
    assert told == [("'0000012345", "70.000 đ"), ("'553722000001", "1.234.567 đ")]
