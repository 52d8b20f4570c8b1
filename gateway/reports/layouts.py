"""The columns of the tables that a province keeps (domain.md 6.3), and how their rows are read, one month at a time.

Phí and lệ phí stand apart; postage is VNPost's money and in none of them. Addresses and accounts are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from gateway.collation import vi_key
from gateway.masking import masked_account, masked_address
from gateway.reports import layout_queries as queries
from gateway.reports.quick_sheet import Cell
from gateway.reports.rows import CHANNEL_VI
from gateway.reports.workbook import Column, Sheet

Rows = Connection[tuple[object, ...]]

RECEIVED_VI = {"1": "Trực tiếp", "2": "Trực tuyến", "3": "Bưu chính công ích"}
METHOD_VI = {"transfer": "Chuyển khoản", "cash": "Tiền mặt"}
KIND_VI = {"phi": "Phí", "le_phi": "Lệ phí"}

COLLECTED = (
    Column("STT", 6, "number"),
    Column("Mã hồ sơ", 28),
    Column("Chủ hồ sơ", 26),
    Column("Địa chỉ", 24),
    Column("Người nộp hồ sơ", 24),
    Column("Nội dung", 40),
    Column("Hình thức thanh toán", 18),
    Column("Ngày thu", 12, "day"),
    Column("Phí đã thu", 14, "money"),
    Column("Lệ phí đã thu", 14, "money"),
    Column("Số biên lai", 18),
    Column("Loại tiếp nhận", 16),
    Column("Qua ngân hàng, trung gian", 16, "money"),
    Column("Qua Cổng Dịch vụ công quốc gia", 16, "money"),
    Column("Người thu phí", 16),
    Column("Tổng cộng", 15, "money"),
)
BY_UNIT = (
    Column("STT", 6, "number"),
    Column("Đơn vị", 44),
    Column("Phí", 18, "money"),
    Column("Lệ phí", 18, "money"),
    Column("Tổng", 18, "money"),
    Column("Tiền mặt", 18, "money", "Hình thức thu"),
    Column("Trực tuyến (qua Cổng DVC quốc gia)", 18, "money", "Hình thức thu"),
    Column("Chuyển khoản khác", 18, "money", "Hình thức thu"),
    Column("Số lượt hồ sơ đã thu", 14, "count"),
)
QD_766 = (
    Column("STT", 6, "number"),
    Column("Tên đơn vị", 50),
    Column("Hồ sơ thu phí", 16, "count"),
    Column("Trực tiếp", 16, "count", "Thanh toán"),
    Column("Trực tuyến", 16, "count", "Thanh toán"),
    Column("Tổng số", 16, "count", "Thanh toán"),
    Column("Tỷ lệ", 12, "ratio"),
)
REFUNDED = (
    Column("STT", 6, "number"),
    Column("Mã hồ sơ", 28),
    Column("Chủ hồ sơ", 26),
    Column("Người yêu cầu", 18),
    Column("Đơn vị yêu cầu", 30),
    Column("Hình thức thu", 18),
    Column("Người nhận hoàn phí", 26),
    Column("Lý do", 36),
    Column("Ngày hoàn phí", 13, "day"),
    Column("Số tiền", 15, "money"),
    Column("Số tài khoản", 14, "text", "Nơi hoàn phí"),
    Column("Ngân hàng", 16, "text", "Nơi hoàn phí"),
)
TREASURY = (
    Column("STT", 6, "number"),
    Column("Số GNT", 16),
    Column("Mã hiệu", 10),
    Column("Số chứng từ", 16),
    Column("Số tham chiếu", 18),
    Column("Hình thức", 14),
    Column("Ngày nộp", 12, "day"),
    Column("Người nộp", 30),
    Column("MST", 14),
    Column("NH trích TK", 12, "text", "Trích tài khoản"),
    Column("Số TK trích", 12, "text", "Trích tài khoản"),
    Column("TK KBNN", 10, "text", "Thu ngân sách"),
    Column("KBNN", 26, "text", "Thu ngân sách"),
    Column("Cơ quan quản lý thu", 26, "text", "Thu ngân sách"),
    Column("Số tờ khai, QĐ", 16, "text", "Chi tiết"),
    Column("Kỳ, ngày", 12, "text", "Chi tiết"),
    Column("Nội dung", 34, "text", "Chi tiết"),
    Column("Loại", 9, "text", "Chi tiết"),
    Column("Mã chương", 9, "text", "Chi tiết"),
    Column("Mã NDKT", 9, "text", "Chi tiết"),
    Column("Số tiền", 16, "money", "Chi tiết"),
)


@dataclass(frozen=True, slots=True)
class Month:
    """From ``first`` up to, without, ``after``."""

    first: date
    after: date

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that ``day`` is in."""
        first = day.replace(day=1)
        return cls(first, date(first.year + first.month // 12, first.month % 12 + 1, 1))

    def __str__(self) -> str:
        return f"Tháng {self.first:%m/%Y}"


def month_sheets(conn: Rows, month: Month) -> Iterator[Sheet]:
    """The tables of a month, their rows streamed; differences and refunds before what is in order."""
    yield _sheet("Đã hoàn phí", "DANH SÁCH ĐÃ HOÀN PHÍ, LỆ PHÍ", REFUNDED, conn, month, queries.REFUNDED, _refunded)
    yield _sheet(
        "Theo đơn vị", "THỐNG KÊ THU PHÍ, LỆ PHÍ THEO ĐƠN VỊ", BY_UNIT, conn, month, queries.BY_UNIT, _as_is, _by_name
    )
    title = "THEO DÕI THANH TOÁN TRỰC TUYẾN THEO QĐ 766/QĐ-TTg"
    yield _sheet("QĐ 766", title, QD_766, conn, month, queries.QD_766, _share, _by_name)
    title = "BẢNG KÊ GIẤY NỘP TIỀN VÀO NSNN (C1-02/NS)"
    yield _sheet("C1-02 NS", title, TREASURY, conn, month, queries.TREASURY, _treasury)
    title = "DANH SÁCH THỦ TỤC HÀNH CHÍNH ĐÃ THU PHÍ, LỆ PHÍ"
    yield _sheet("Đã thu phí, lệ phí", title, COLLECTED, conn, month, queries.COLLECTED, _collected)


_Shaped = Callable[[int, Sequence[object]], Sequence[Cell]]
_Read = Iterable[Sequence[object]]


def _as_read(rows: _Read) -> _Read:
    return rows


def _by_name(rows: _Read) -> _Read:
    """Few rows, one for each unit, in the alphabet's order of their names; equal ones stay by their codes."""
    return sorted(rows, key=lambda row: vi_key(str(row[0])))


def _sheet(
    name: str, title: str, columns: Sequence[Column], conn: Rows, month: Month, query: str, shaped: _Shaped,
    ordered: Callable[[_Read], _Read] = _as_read,
) -> Sheet:  # fmt: skip
    notes = (str(month), "Số liệu ghi nhận tại cổng tích hợp; tiền tính bằng đồng; cước bưu chính không tính vào đây")
    return Sheet(name, title, notes, columns, _read(conn, month, query, shaped, ordered))


def _read(
    conn: Rows, month: Month, query: str, shaped: _Shaped, ordered: Callable[[_Read], _Read]
) -> Iterator[Sequence[Cell]]:
    with conn.cursor(name="layout_rows") as cursor:
        cursor.itersize = 5000
        cursor.execute(query.encode(), {"from": month.first, "to": month.after})
        for number, row in enumerate(ordered(cursor), start=1):
            yield shaped(number, row)


def _cell(value: object) -> Cell:
    return value if isinstance(value, str | int | date) else ""


def _as_is(number: int, row: Sequence[object]) -> Sequence[Cell]:
    return [number, *(_whole(value) for value in row)]


def _whole(value: object) -> Cell:
    """Sums of integers come as decimals from the database."""
    return value if isinstance(value, str | date) else int(str(value or 0))


def _share(number: int, row: Sequence[object]) -> Sequence[Cell]:
    unit, dossiers, direct, online = str(row[0]), *(int(str(value)) for value in row[1:4])
    paid = direct + online
    return [number, unit, dossiers, direct, online, paid, online / paid if paid else None]


def _collected(number: int, row: Sequence[object]) -> Sequence[Cell]:
    code, owner, address, content, channel, on, phi, le_phi, receipt, received, cashier = row
    phi, le_phi = int(str(phi)), int(str(le_phi))
    total = phi + le_phi
    through_bank = total if channel in ("internet_banking", "qr", "pos") else None
    through_portal = total if channel == "platform" else None
    return [
        number, str(code), str(owner), masked_address(str(address)), str(owner), str(content),
        CHANNEL_VI.get(str(channel), str(channel)), on if isinstance(on, date) else None, phi, le_phi, str(receipt),
        RECEIVED_VI.get(str(received), ""), through_bank, through_portal, str(cashier), total,
    ]  # fmt: skip


def _refunded(number: int, row: Sequence[object]) -> Sequence[Cell]:
    code, owner, asked_by, unit, channel, reason, on, amount, account, bank = row
    return [
        number, _cell(code), _cell(owner), str(asked_by) or "Hệ thống", _cell(unit),
        CHANNEL_VI.get(str(channel), str(channel)), _cell(owner), _cell(reason), on if isinstance(on, date) else None,
        int(str(amount)), masked_account(str(account)), _cell(bank),
    ]  # fmt: skip


def _treasury(number: int, row: Sequence[object]) -> Sequence[Cell]:
    values = [_cell(value) for value in row]
    values[4] = METHOD_VI.get(str(row[4]), str(row[4]))
    values[9] = masked_account(str(row[9]))
    values[16] = KIND_VI.get(str(row[16]), str(row[16]))
    return [number, *values]
