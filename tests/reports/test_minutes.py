"""The minutes as a paper: heading, sums, words, many pages, and nothing that a payer wrote taken for markup."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import organisation
from gateway.local.install import ensure
from gateway.reconciliation.outcomes import EntryClass, Outcome
from gateway.reports import pdf
from gateway.reports.day_minutes import prepared, unsigned
from gateway.reports.minutes import FIELDS, LISTED, Minutes, Party, as_data
from gateway.reports.rows import ReportRow, Total
from gateway.reports.words import dong_in_words

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOSTILE = '#panic("x") *đậm* `mã` $x$ @nguồn <nhãn> [khối] #import "a" \\ // NGUYỄN VĂN ẨN'


def row(number: int, reason: str = "Người nộp thiếu", outcome: Outcome = Outcome.UNDERPAID) -> ReportRow:
    return ReportRow(
        number, outcome, "hệ thống thừa", f"000.00.35.H49-261123-{number:06d}", "Nguyễn Văn Ẩn", f"QN{number:08d}", "",
        "qr", 500_000, 400_000, date(2026, 11, 23), EntryClass.FEE, "số tiền", "500.000", "400.000", reason, "",
    )  # fmt: skip


def minutes(breaks: int = 1, reason: str = "Người nộp thiếu", **more: object) -> Minutes:
    facts: dict[str, object] = {
        "document_id": "BB-bank-a-20261123-v1",
        "number": "20261123.1/BB-ĐS",
        "period": "Ngày đối soát: 23/11/2026",
        "centre": organisation.load(Path(__file__).resolve().parents[2] / "config").on(date(2026, 11, 23)),
        "party": Party("Ngân hàng A", "bank", ["1120000000101"], "TRUNG TAM"),
        "made_on": date(2026, 11, 24),
        "snapshot_sha256": "0" * 64,
        "by_outcome": [
            Total(Outcome.UNDERPAID, breaks, 500_000 * breaks, 400_000 * breaks),
            Total(Outcome.MATCHED, 2, 1_005_000, 1_005_000),
        ],
        "by_class": [("Phí, lệ phí", breaks + 2, 1_005_000 + 500_000 * breaks, 1_005_000 + 400_000 * breaks)],
        "breaks": [row(number, reason) for number in range(1, breaks + 1)],
        "decisions": {1: "Chấp nhận: bù bằng biên lai 0012345678 (an)"},
        **more,
    }
    return Minutes(**facts)  # type: ignore[arg-type]  # the values are told one by one above


def pages(content: bytes, folder: Path) -> list[str]:
    ensure("poppler-utils")
    file = folder / "minutes.pdf"
    file.write_bytes(content)
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return told.split("\f")[:-1]


@pytest.mark.unit
def test_the_minutes_have_the_national_heading_both_parties_and_every_office(tmp_path: Path) -> None:
    text = "\n".join(pages(unsigned(minutes(), AT), tmp_path))
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "BIÊN BẢN ĐỐI SOÁT",
        "ngày 24 tháng 11 năm 2026", "NGÂN HÀNG A", "NGƯỜI LẬP BIỂU", "KẾ TOÁN TRƯỞNG", "THỦ TRƯỞNG ĐƠN VỊ",
        "ĐẠI DIỆN NGÂN HÀNG A", "1.505.000", "Một triệu năm trăm linh năm nghìn đồng",
    ):  # fmt: skip
        assert expected in text


@pytest.mark.unit
def test_the_bridge_leads_from_our_sum_to_theirs() -> None:
    bridge = as_data(minutes(3))["bridge"]
    assert bridge == [
        ["Tổng tiền hệ thống ghi nhận", "", "2.505.000"],
        ["Trừ: Thiếu tiền", "3", "-300.000"],
        ["Tổng tiền đối tác ghi nhận", "", "2.205.000"],
    ]


@pytest.mark.unit
def test_what_a_payer_wrote_is_never_markup(tmp_path: Path) -> None:
    text = " ".join("\n".join(pages(unsigned(minutes(reason=HOSTILE), AT), tmp_path)).split())
    for piece in ('#panic("x")', "*đậm*", "`mã`", "@nguồn", "<nhãn>", "[khối]", "#import"):
        assert piece in text


@pytest.mark.property
@settings(deadline=None, max_examples=60)  # each draws a paper
@given(st.text(max_size=60))
def test_no_text_whatever_stops_the_minutes(reason: str) -> None:
    assert unsigned(minutes(reason=reason), AT).startswith(b"%PDF")


@pytest.mark.unit
def test_a_long_list_goes_over_pages_and_every_page_repeats_its_header(tmp_path: Path) -> None:
    found = pages(unsigned(minutes(200), AT), tmp_path)
    with_rows = [page for page in found if "000.00.35.H49" in page]
    assert len(with_rows) > 4
    assert all("STT" in page and "Quyết định" in page for page in with_rows)
    assert f"Trang {len(found)} / {len(found)}" in found[-1]


@pytest.mark.unit
def test_a_list_without_end_is_cut_and_says_so() -> None:
    data = as_data(minutes(LISTED + 5))
    assert len(data["breaks"]) == LISTED  # type: ignore[arg-type]  # a list
    assert data["breaks_title"] == (
        "Danh sách khoản lệch và chờ kết luận (2.005); 2.000 khoản đầu, đủ trong tệp Excel cùng mã băm"
    )


@pytest.mark.unit
def test_a_number_in_a_decision_that_may_be_an_account_is_masked() -> None:
    breaks = as_data(minutes())["breaks"]
    assert isinstance(breaks, list)
    assert breaks[0][6] == "Chấp nhận: bù bằng biên lai •••••••678 (an)"


@pytest.mark.unit
def test_the_same_minutes_are_the_same_bytes() -> None:
    assert unsigned(minutes(30), AT) == unsigned(minutes(30), AT)
    assert prepared(minutes(30), AT) == prepared(minutes(30), AT)


@pytest.mark.unit
def test_the_prepared_file_begins_with_the_unsigned_one() -> None:
    drawn, places = pdf.render("minutes.typ", as_data(minutes()), at=AT)
    assert prepared(minutes(), AT).startswith(drawn)
    assert {place.name for place in places} == set(FIELDS)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (1_015_000, "Một triệu không trăm mười lăm nghìn đồng"),
        (1_000_105, "Một triệu một trăm linh năm đồng"),
        (1_234_567, "Một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy đồng"),
        (5_537_220_000_000, "Năm nghìn năm trăm ba mươi bảy tỷ hai trăm hai mươi triệu đồng"),
        (2_000_000_000_000_000, "Hai triệu tỷ đồng"),
        (-111_000, "Âm một trăm mười một nghìn đồng"),
    ],
)
def test_amounts_are_written_as_a_voucher_writes_them(amount: int, words: str) -> None:
    assert dong_in_words(amount) == words


@pytest.mark.property
@given(st.integers(min_value=0, max_value=10**15), st.integers(min_value=0, max_value=10**15))
def test_two_amounts_never_read_the_same(one: int, other: int) -> None:
    assert (dong_in_words(one) == dong_in_words(other)) == (one == other)
