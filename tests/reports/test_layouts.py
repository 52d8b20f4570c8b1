"""Every column of the province's tables (domain.md 6.3) is there, and says what its contract tells or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from gateway import organisation
from gateway.ledger import refunds
from gateway.ledger.refunds import Document
from gateway.model import VIETNAM, EventType
from gateway.reports import layouts
from gateway.reports.layouts import Month
from gateway.reports.month_xlsx import write_month
from gateway.reports.workbook import Column
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

MADE = datetime(2026, 12, 1, 8, 0, tzinfo=VIETNAM)
NOVEMBER, DECEMBER = Month.of(MONDAY), Month.of(date(2026, 12, 1))
BINH = {"payer_name": "Trần Văn Bình", "payer_address": "Tổ 9, Phường Bãi Cháy"}

ASKED = {  # domain.md 6.3; a heading of ours stands where docs/reports.md says that it is named anew
    "COLLECTED": [
        "Mã hồ sơ", "Chủ hồ sơ", "Địa chỉ", "Người nộp hồ sơ", "Nội dung", "Người nộp tiền", "Địa chỉ người nộp tiền",
        "Hình thức thanh toán", "Ngày thu", "Phí đã thu", "Lệ phí đã thu", "Số biên lai phí", "Số biên lai lệ phí",
        "Người tiếp nhận", "Loại tiếp nhận", "Thanh toán qua ngân hàng, trung gian", "Thanh toán qua Cổng Quốc gia",
        "Người thu phí", "Tổng cộng",
    ],
    "BY_UNIT": ["Đơn vị", "Phí", "Lệ phí", "Tổng", "Tiền mặt", "Trực tuyến (Qua cổng DVC quốc gia)",
                "Chuyển khoản khác", "Số lượt hồ sơ đã thu"],
    "QD_766": ["Tên đơn vị", "Hồ sơ thu phí", "Trực tiếp", "Trực tuyến", "Tổng số", "Tỷ lệ"],
    "REFUNDED": ["Mã hồ sơ", "Chủ hồ sơ", "Người yêu cầu", "Đơn vị yêu cầu", "Hình thức thu", "Người nhận hoàn phí",
                 "Lý do", "Ngày hoàn phí", "Tên tài khoản", "Số tài khoản", "Ngân hàng hoàn phí"],
    "TREASURY": [
        "Số GNT", "Mã hiệu", "Số chứng từ", "Số tham chiếu", "Hình thức", "Người nộp", "MST", "Địa chỉ", "NH trích TK",
        "Số TK trích", "Loại TK thu", "TK KBNN", "KBNN", "Cơ quan quản lý thu", "Số tờ khai, QĐ", "Kỳ, ngày",
        "Nội dung", "Mã chương", "Mã NDKT", "Số tiền",
    ],
}  # fmt: skip


@pytest.mark.unit
@pytest.mark.parametrize("table", ASKED)
def test_every_column_of_the_province_is_there_in_its_order(table: str) -> None:
    columns: Sequence[Column] = getattr(layouts, table)
    titles = [column.title for column in columns if column.title in ASKED[table]]
    assert titles == ASKED[table]


def written(day: DayStory, folder: Path, month: Month, sheet: str) -> list[dict[str, object]]:
    """The rows of one table, by their headings; the total below them is left out."""
    centre = organisation.load(day.partners["bank-a"].config).on(month.first)
    write_month(day.conn, day.partners, month, folder / "month.xlsx", centre=centre, made_at=MADE)
    found = openpyxl.load_workbook(folder / "month.xlsx")[sheet]
    heads = [str(cell.value) for cell in found[6]]
    rows = [[cell.value for cell in row] for row in found.iter_rows(min_row=7)]
    return [dict(zip(heads, row, strict=True)) for row in rows if isinstance(row[0], int)]


def at_the_counter(day: DayStory, number: str, amount: int, *fees: str) -> None:
    day.tell(
        EventType.COUNTER_PAYMENT,
        {
            "paid_at": "2026-11-23T09:00:00+07:00", "method": "cash", "amount": amount, "fee_ids": list(fees),
            "cashier": "Lê Thu", "receipt_series": "QN26P", "receipt_number": number,
        },
        day.code(),
    )  # fmt: skip


@pytest.mark.services
def test_collected_fees_name_payer_officer_and_the_receipt_of_each_kind(day: DayStory, tmp_path: Path) -> None:
    day.number += 1
    day.submit(day.code())
    day.tell(
        EventType.DOSSIER_ACCEPTED,
        {"accepted_at": "2026-11-23T08:30:00+07:00", "due_at": None, "officer": "Phạm Thu Trang"},
        day.code(),
    )
    lines = (("p1", "phi", 100_000), ("l1", "le_phi", 20_000), ("l2", "le_phi", 7_000))
    day.ask(*lines, channel="cash", code=day.code(), **BINH)
    at_the_counter(day, "0000001", 120_000, "p1", "l1")
    at_the_counter(day, "0000002", 7_000, "l2")
    both, one = written(day, tmp_path, NOVEMBER, "Đã thu phí, lệ phí")
    assert (both["Người nộp tiền"], both["Địa chỉ người nộp tiền"]) == ("Trần Văn Bình", "•••, Phường Bãi Cháy")
    assert (both["Chủ hồ sơ"], both["Người nộp hồ sơ"]) == ("Nguyễn Thị Hạnh", None)
    assert (both["Người tiếp nhận"], both["Người thu phí"]) == ("Phạm Thu Trang", "Lê Thu")
    assert (both["Số biên lai phí"], both["Số biên lai lệ phí"]) == ("QN26P 0000001", "QN26P 0000001")
    assert (one["Số biên lai phí"], one["Số biên lai lệ phí"], one["Lệ phí đã thu"]) == (None, "QN26P 0000002", 7_000)


@pytest.mark.services
def test_a_payment_from_before_payers_were_kept_names_nobody(day: DayStory, tmp_path: Path) -> None:
    reference = day.owe(100_000, payer_name="")
    day.pay(reference, 100_000)
    (row,) = written(day, tmp_path, NOVEMBER, "Đã thu phí, lệ phí")
    assert (row["Người nộp tiền"], row["Chủ hồ sơ"], row["Phí đã thu"]) == (None, "Nguyễn Thị Hạnh", 100_000)


def close_november(day: DayStory, at: datetime) -> None:
    day.conn.execute("ALTER TABLE gateway.recon_month DISABLE TRIGGER USER")
    day.conn.execute(
        "INSERT INTO gateway.recon_month (partner, month, closed_by, closed_at, minutes, minutes_sha256)"
        " VALUES ('bank-a', '2026-11-01', 'binh', %s, '{}', encode(sha256('{}'), 'hex'))",
        (at,),
    )


@pytest.mark.services
def test_a_closed_month_keeps_what_it_told_and_later_money_stands_in_the_open_one(
    day: DayStory, tmp_path: Path
) -> None:
    day.pay(day.owe(100_000), 100_000, "FT1")
    refused = day.code()
    day.pay("QN2611239999999", 50_000, "FT2")  # nobody knows whose it is
    (told,) = written(day, tmp_path, NOVEMBER, "Đã thu phí, lệ phí")
    close_november(day, day.now)
    day.now += timedelta(days=20)
    reason = {"refused_at": "2026-12-14T09:00:00+07:00", "reason": "thiếu giấy tờ"}
    day.tell(EventType.DOSSIER_REFUSED, reason, refused)
    day.owe(50_000)
    day.conn.execute(
        "INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at)"
        " SELECT max(payment_pk), (SELECT max(fee_pk) FROM gateway.fee), 50000, 'attributed', %s FROM gateway.payment",
        (day.now,),
    )
    assert written(day, tmp_path, NOVEMBER, "Đã thu phí, lệ phí") == [told]
    (late,) = written(day, tmp_path, DECEMBER, "Đã thu phí, lệ phí")
    assert (late["Mã hồ sơ"], late["Tổng cộng"], late["Ngày thu"]) == (day.code(), 50_000, datetime(2026, 11, 23))  # noqa: DTZ001 - a cell knows no zone


@pytest.mark.services
def test_before_a_month_is_closed_it_tells_what_is_so_now(day: DayStory, tmp_path: Path) -> None:
    day.pay(day.owe(100_000), 100_000, "FT1")
    assert len(written(day, tmp_path, NOVEMBER, "Đã thu phí, lệ phí")) == 1
    day.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "sai"}, day.code())
    assert written(day, tmp_path, NOVEMBER, "Đã thu phí, lệ phí") == []
    assert written(day, tmp_path, DECEMBER, "Đã thu phí, lệ phí") == []


def refunded(day: DayStory, channel: str = "internet_banking") -> str:
    """An approved refund of what Bình paid for Hạnh's refused dossier."""
    day.pay(day.owe(100_000, channel=channel, **BINH), 100_000, "FT1")
    reason = {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "thiếu giấy tờ"}
    day.tell(EventType.DOSSIER_REFUSED, reason, day.code())
    refund_id = str(day.one("SELECT refund_id FROM gateway.refund"))
    refunds.propose(day.conn, refund_id, "an", day.now)
    refunds.approve(day.conn, refund_id, "binh", day.now)
    return refund_id


@pytest.mark.services
def test_a_refund_that_comes_back_stands_in_the_month_of_its_debit_and_again_in_that_of_its_return(
    day: DayStory, tmp_path: Path
) -> None:
    refund_id = refunded(day)
    day.conn.execute("UPDATE gateway.refund SET state = 'sent', sent_at = %s", (day.now,))
    day.line(-100_000, refund_id, on=MONDAY)
    day.load()
    refunds.settle_by_statements(day.conn, "bank-a", day.now)
    (paid,) = written(day, tmp_path, NOVEMBER, "Đã hoàn phí")
    assert written(day, tmp_path, DECEMBER, "Đã hoàn phí") == []
    back_on = MONDAY + timedelta(days=9)
    day.line(100_000, refund_id, on=back_on)
    day.load(on=back_on)
    refunds.settle_by_statements(day.conn, "bank-a", day.now)
    assert day.one("SELECT state, returned_on FROM gateway.refund") == ("returned", back_on)
    assert written(day, tmp_path, NOVEMBER, "Đã hoàn phí") == [paid]
    (back,) = written(day, tmp_path, DECEMBER, "Đã hoàn phí")
    assert (paid["Số tiền"], back["Số tiền"]) == (100_000, -100_000)
    assert (paid["Ngày hoàn phí"], back["Ngày hoàn phí"]) == (datetime(2026, 11, 23), datetime(2026, 12, 2))  # noqa: DTZ001 - a cell knows no zone
    assert (paid["Ghi chú"], back["Ghi chú"]) == (None, "Ngân hàng trả lại khoản đã hoàn ngày 23/11/2026")


@pytest.mark.services
def test_a_refund_names_who_gets_it_and_the_account_it_leaves(day: DayStory, tmp_path: Path) -> None:
    refund_id = refunded(day)
    day.conn.execute("UPDATE gateway.refund SET state = 'sent', sent_at = %s", (day.now,))
    day.line(-100_000, refund_id)
    day.load()
    refunds.settle_by_statements(day.conn, "bank-a", day.now)
    (row,) = written(day, tmp_path, NOVEMBER, "Đã hoàn phí")
    assert (row["Chủ hồ sơ"], row["Người nhận hoàn phí"]) == ("Nguyễn Thị Hạnh", "Trần Văn Bình")
    assert (row["Tên tài khoản"], row["Số tài khoản"], row["Ngân hàng hoàn phí"]) == (
        "TRUNG TAM PHUC VU HANH CHINH CONG TINH QUANG NINH", "•••0101", "Ngân hàng A",
    )  # fmt: skip


@pytest.mark.services
def test_a_refund_of_cash_is_paid_by_the_centre_from_no_account_of_a_bank(day: DayStory, tmp_path: Path) -> None:
    day.owe(100_000, channel="cash", **BINH)
    at_the_counter(day, "0000001", 100_000, "p1")
    reason = {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "thiếu giấy tờ"}
    day.tell(EventType.DOSSIER_REFUSED, reason, day.code())
    refund_id = str(day.one("SELECT refund_id FROM gateway.refund"))
    refunds.propose(day.conn, refund_id, "an", day.now)
    refunds.approve(day.conn, refund_id, "binh", day.now)
    assert written(day, tmp_path, NOVEMBER, "Đã hoàn phí") == []
    refunds.pay_by_document(day.conn, refund_id, Document("PC-09", MONDAY), "an", day.now)
    (row,) = written(day, tmp_path, NOVEMBER, "Đã hoàn phí")
    assert (row["Người nhận hoàn phí"], row["Tên tài khoản"], row["Số tài khoản"], row["Ngân hàng hoàn phí"]) == (
        "Trần Văn Bình", None, None, "Trung tâm chi trả",
    )  # fmt: skip


@pytest.mark.services
def test_a_voucher_to_the_treasury_is_written_with_its_address_and_kind_of_account(
    day: DayStory, tmp_path: Path
) -> None:
    day.employ(an="finance_maker", binh="finance_checker")
    day.conn.execute(
        "INSERT INTO gateway.treasury_voucher (voucher_number, form_code, document_number, reference, method,"
        " payer_name, payer_tax_code, payer_address, partner, account, collects_as, treasury_account, treasury_name,"
        " authority, unit_code, paid_on, covers_from, covers_to, total, recorded_by, recorded_at)"
        " VALUES ('GNT1', 'C1-02/NS', 'CT1', '', 'transfer', 'TT PVHCC', '5701', 'Đường Trần Phú, Hạ Long', 'bank-a',"
        " '1120000000101', 'TK_THU_NSNN', '7111', 'KBNN Quảng Ninh', 'STC', '', %s, '2026-11-01', %s, 5, 'an', %s)",
        (MONDAY, MONDAY, day.now),
    )
    day.conn.execute(
        "INSERT INTO gateway.treasury_voucher_item SELECT voucher_pk, 1, 'phi', '', '', 'Phí', '426', '2716', 5"
        " FROM gateway.treasury_voucher"
    )
    day.conn.execute("UPDATE gateway.treasury_voucher SET confirmed_by = 'binh', confirmed_at = %s", (day.now,))
    (row,) = written(day, tmp_path, NOVEMBER, "C1-02 NS")
    told = [row[name] for name in ("MST", "Địa chỉ", "Số TK trích", "Loại TK thu", "TK KBNN", "Loại", "Mã NDKT")]
    assert told == ["5701", "Đường Trần Phú, Hạ Long", "•••0101", "TK thu NSNN", "7111", "Phí", "2716"]
