"""The columns of the tables that a province keeps (domain.md 6.3), and how their rows are read, one month at a time.

Phí and lệ phí stand apart; postage is VNPost's money and in none of them. Addresses and accounts are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import starmap

from psycopg import Connection

from gateway.collation import vi_key
from gateway.masking import masked_account, masked_address, masked_text
from gateway.partners import Partner
from gateway.reports import layout_queries as queries
from gateway.reports.quick_sheet import Cell
from gateway.reports.rows import CHANNEL_VI
from gateway.reports.workbook import Column, Sheet

Rows = Connection[tuple[object, ...]]

RECEIVED_VI = {"1": "Trực tiếp", "2": "Trực tuyến", "3": "Bưu chính công ích"}
METHOD_VI = {"transfer": "Chuyển khoản", "cash": "Tiền mặt"}
KIND_VI = {"phi": "Phí", "le_phi": "Lệ phí"}
COLLECTS_VI = {"TK_THU_NSNN": "TK thu NSNN"}
REFUNDED_BY_VI = {"treasury": "Kho bạc Nhà nước", "hand": "Trung tâm chi trả"}
"""Who paid a refund that no bank was ordered to pay."""

COLLECTED = (
    Column("STT", 6, "number"),
    Column("Mã hồ sơ", 28),
    Column("Chủ hồ sơ", 20),
    Column("Địa chỉ", 18),
    Column("Người nộp hồ sơ", 10),
    Column("Nội dung", 26),
    Column("Người nộp tiền", 20),
    Column("Địa chỉ người nộp tiền", 18),
    Column("Hình thức thanh toán", 15),
    Column("Ngày thu", 11, "day"),
    Column("Phí đã thu", 13, "money"),
    Column("Lệ phí đã thu", 13, "money"),
    Column("Số biên lai phí", 13),
    Column("Số biên lai lệ phí", 13),
    Column("Người tiếp nhận", 14),
    Column("Loại tiếp nhận", 12),
    Column("Thanh toán qua ngân hàng, trung gian", 14, "money"),
    Column("Thanh toán qua Cổng Quốc gia", 14, "money"),
    Column("Người thu phí", 14),
    Column("Tổng cộng", 14, "money"),
)
BY_UNIT = (
    Column("STT", 6, "number"),
    Column("Đơn vị", 44),
    Column("Phí", 18, "money"),
    Column("Lệ phí", 18, "money"),
    Column("Tổng", 18, "money"),
    Column("Tiền mặt", 18, "money", "Hình thức thu"),
    Column("Trực tuyến (Qua cổng DVC quốc gia)", 18, "money", "Hình thức thu"),
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
    Column("Chủ hồ sơ", 22),
    Column("Người yêu cầu", 14),
    Column("Đơn vị yêu cầu", 24),
    Column("Hình thức thu", 15),
    Column("Người nhận hoàn phí", 22),
    Column("Lý do", 30),
    Column("Ngày hoàn phí", 13, "day"),
    Column("Số tiền", 15, "money"),
    Column("Tên tài khoản", 24, "text", "Trích từ"),
    Column("Số tài khoản", 12, "text", "Trích từ"),
    Column("Ngân hàng hoàn phí", 18, "text", "Trích từ"),
    Column("Ghi chú", 24),
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
    Column("Địa chỉ", 26),
    Column("NH trích TK", 12, "text", "Trích tài khoản"),
    Column("Số TK trích", 12, "text", "Trích tài khoản"),
    Column("Loại TK thu", 12, "text", "Thu ngân sách"),
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


def month_sheets(conn: Rows, partners: Mapping[str, Partner], month: Month) -> Iterator[Sheet]:
    """The tables of a month, their rows streamed; differences and refunds before what is in order."""
    refunded = partial(_refunded, partners)
    yield _sheet("Đã hoàn phí", "DANH SÁCH ĐÃ HOÀN PHÍ, LỆ PHÍ", REFUNDED, conn, month, queries.REFUNDED, refunded)
    units = sorted(_rows(conn, month, queries.BY_UNIT), key=lambda row: vi_key(str(row[0])))  # the alphabet's order
    title = "THỐNG KÊ THU PHÍ, LỆ PHÍ THEO ĐƠN VỊ"
    yield Sheet("Theo đơn vị", title, _notes(month), BY_UNIT, starmap(_taken, enumerate(units, start=1)))
    title = "THEO DÕI THANH TOÁN TRỰC TUYẾN THEO QĐ 766/QĐ-TTg"
    yield Sheet("QĐ 766", title, _notes(month), QD_766, starmap(_share, enumerate(units, start=1)))
    title = "BẢNG KÊ GIẤY NỘP TIỀN VÀO NSNN (C1-02/NS)"
    yield _sheet("C1-02 NS", title, TREASURY, conn, month, queries.TREASURY, _treasury)
    title = "DANH SÁCH THỦ TỤC HÀNH CHÍNH ĐÃ THU PHÍ, LỆ PHÍ"
    yield _sheet("Đã thu phí, lệ phí", title, COLLECTED, conn, month, queries.COLLECTED, _collected)


_Shaped = Callable[[int, Sequence[object]], Sequence[Cell]]


def _sheet(
    name: str, title: str, columns: Sequence[Column], conn: Rows, month: Month, query: str, shaped: _Shaped
) -> Sheet:
    read = enumerate(_rows(conn, month, query), start=1)
    return Sheet(name, title, _notes(month), columns, starmap(shaped, read))


def _notes(month: Month) -> tuple[str, ...]:
    note = "Số liệu ghi nhận tại cổng tích hợp; tiền tính bằng đồng; cước bưu chính không tính vào đây"
    return str(month), note


def _rows(conn: Rows, month: Month, query: str) -> Iterator[Sequence[object]]:
    with conn.cursor(name="layout_rows") as cursor:
        cursor.itersize = 5000
        yield from cursor.execute(query.encode(), {"from": month.first, "to": month.after})


def _cell(value: object) -> Cell:
    return value if isinstance(value, str | int | date) else ""


def _taken(number: int, row: Sequence[object]) -> Sequence[Cell]:
    return [number, *(_whole(value) for value in row[:8])]


def _whole(value: object) -> Cell:
    """Sums of integers come as decimals from the database."""
    return value if isinstance(value, str | date) else int(str(value or 0))


def _share(number: int, row: Sequence[object]) -> Sequence[Cell]:
    unit, dossiers, direct, online = str(row[0]), *(int(str(value)) for value in row[7:10])
    paid = direct + online
    return [number, unit, dossiers, direct, online, paid, online / paid if paid else None]


def _collected(number: int, row: Sequence[object]) -> Sequence[Cell]:
    code, owner, address, content, payer, payer_address, channel, on, fees, duties, receipt, officer, *rest = row
    received, cashier = rest
    phi, le_phi = int(str(fees)), int(str(duties))
    total = phi + le_phi
    through_bank = total if channel in ("internet_banking", "qr", "pos") else None
    through_portal = total if channel == "platform" else None
    return [
        # Who handed the dossier in stays empty: no contract tells it.
        number, str(code), str(owner), masked_address(str(address)), "", masked_text(str(content)), str(payer),
        masked_address(str(payer_address)), CHANNEL_VI.get(str(channel), str(channel)),
        on if isinstance(on, date) else None, phi, le_phi, str(receipt) if phi else "", str(receipt) if le_phi else "",
        str(officer), RECEIVED_VI.get(str(received), ""), through_bank, through_portal, str(cashier), total,
    ]  # fmt: skip


def _refunded(partners: Mapping[str, Partner], number: int, row: Sequence[object]) -> Sequence[Cell]:
    code, owner, asked_by, unit, channel, payer, reason, on, amount, route, account, bank, paid_on = row
    return [
        number, _cell(code), _cell(owner), str(asked_by) or "Hệ thống", _cell(unit),
        CHANNEL_VI.get(str(channel), str(channel)), _cell(payer), masked_text(str(reason)),
        on if isinstance(on, date) else None,
        int(str(amount)), *_paid_from(partners, str(route), str(bank), str(account)),
        f"Ngân hàng trả lại khoản đã hoàn ngày {paid_on:%d/%m/%Y}" if isinstance(paid_on, date) else "",
    ]  # fmt: skip


def _paid_from(partners: Mapping[str, Partner], route: str, bank: str, account: str) -> tuple[str, str, str]:
    """Title and number (masked) of the account that a bank was ordered to pay from, and who paid."""
    if route != "bank":
        return "", "", REFUNDED_BY_VI[route]
    partner = partners.get(bank)
    title = partner.accounts.name if partner is not None and partner.accounts is not None else ""
    return title, masked_account(account), partner.name if partner is not None else bank


def _treasury(number: int, row: Sequence[object]) -> Sequence[Cell]:
    values = [_cell(value) for value in row]
    values[4] = METHOD_VI.get(str(row[4]), str(row[4]))
    values[10] = masked_account(str(row[10]))
    values[11] = COLLECTS_VI.get(str(row[11]), str(row[11]))
    values[17] = masked_text(str(row[17]))
    values[18] = KIND_VI.get(str(row[18]), str(row[18]))
    return [number, *values]
