"""Tables of the command line lose nothing, however narrow the terminal is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.cli import breaks, refunds
from gateway.cli.answering import plain, print_table

pytestmark = pytest.mark.unit
COLUMNS = ["message_pk", "direction", "partner", "kind", "state", "reason", "dossier_code", "state_at"]
ROW = {
    "message_pk": 1234567,
    "direction": "out",
    "partner": "national-portal",
    "kind": "settlement_confirmation",
    "state": "quarantined",
    "reason": "certificate-not-yet-valid",
    "dossier_code": "000.00.12.H49-261123-0001",
    "state_at": datetime(2026, 11, 23, 18, 30, tzinfo=UTC),
}


KEY = "0123456789abcdef0123456789abcdef"
REASON = "Số tiền của đối tác lệch 100.000 đ, tiền vào tài khoản khác với tài khoản thụ hưởng của thủ tục"
LIKELY: dict[str, object] = {
    "row_no": 123_456, "row_key": KEY, "outcome": "missing_at_partner", "state": "reconciled",
    "our_amount": 1_234_567_890,
    "their_amount": 1_234_567_890, "reference": "QN2611230000001", "reason": REASON, "action": REASON,
    "text_vi": REASON,
    "name": "vnpost •••0101: đầu kỳ + phát sinh = cuối kỳ", "thumbprint": KEY * 2, "question": REASON, "answer": REASON,
    "dossier_code": "000.00.12.H49-261123-0001", "refund_id": "HT2611230000001", "enquiry_id": "TS2611230000001",
    "at": ROW["state_at"], "raised_at": ROW["state_at"], "subject": "CN=Nguyễn Thị Hồng Hạnh, O=Trung tâm, C=VN",
    "message_pk": 1_234_567, "kind": "settlement_confirmation", "partner": "intermediary", "code": "statement-late",
    "unit_name": "Văn phòng Đăng ký đất đai tỉnh Quảng Ninh", "parts": "received 1200 = applied 1199 + quarantined 1",
}  # fmt: skip
LISTS = {
    "breaks list": breaks._COLUMNS,
    "breaks history": ["decision_pk", "kind", "version", "by_user", "at", "amount", "reason", "about", "in_force"],
    "breaks enquiries": ["enquiry_id", "partner", "business_on", "state", "delivery", "question", "answer"],
    "refund list": [*refunds._COLUMNS, "receipt_mark"],
    "day list": ["partner", "business_on", "state", "version", "matched", "pending", "breaks", "open_breaks"],
    "day show": ["outcome", "side", "reference", "ours", "theirs", "reason"],
    "conservation": ["name", "left", "right", "closes", "parts"],
    "alerts": ["raised_at", "code", "partner", "text_vi", "action"],
    "role list": ["person", "role", "act", "by_user", "at"],
    "minutes register": ["person", "signs_as", "subject", "not_after", "thumbprint"],
    "account units": ["unit_code", "unit_name", "phi", "le_phi", "cuoc", "given_back", "unidentified"],
    "messages list": COLUMNS,
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a table of one command says on a terminal of a width."""

    def tell(rows: list[dict[str, object]], columns: list[str], width: int = 80) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(rows, columns)
        return capsys.readouterr().out

    return tell


@pytest.mark.parametrize("width", [80, 60, 200])
def test_no_value_of_a_table_is_cut_off_or_broken(told: Callable[..., str], width: int) -> None:
    shown = told([ROW], COLUMNS, width)
    assert max(len(line) for line in shown.splitlines()) <= width
    assert "…" not in shown
    for value in [str(ROW[name]) for name in COLUMNS[:-1]] + ["2026-11-24 01:30"]:
        assert any(value in line for line in shown.splitlines()), "the time is Vietnam's, every value in one line"


@pytest.mark.parametrize("columns", LISTS.values(), ids=LISTS)
def test_every_list_keeps_its_keys_in_one_piece_at_eighty_columns(told: Callable[..., str], columns: list[str]) -> None:
    row = {name: LIKELY.get(name, "binh") for name in columns}
    shown = told([row, row], columns)
    assert max(len(line) for line in shown.splitlines()) <= 80
    for name, value in row.items():
        parts = ["2026-11-24 01:30"] if value is ROW["state_at"] else str(value).split()
        assert all(any(part in line for line in shown.splitlines()) for part in parts), name


def test_a_table_that_fits_stays_a_table_and_its_prose_goes_on_below(told: Callable[..., str]) -> None:
    rows: list[dict[str, object]] = [{"code": "statement-late", "action": "call the bank " * 8, "amount": 1_000}]
    shown = told(rows, ["code", "action", "amount"])
    assert shown.count("│") > 6
    assert "statement-late │" in shown
    assert " 1000 │" in shown


def test_what_is_too_wide_is_told_row_by_row(told: Callable[..., str]) -> None:
    shown = told([ROW, ROW], COLUMNS)
    assert shown.count("dossier_code  000.00.12.H49-261123-0001\n") == 2
    assert "\n\n" in shown


def test_the_parts_of_a_sum_are_told_in_words(told: Callable[..., str]) -> None:
    row: dict[str, object] = {"name": "messages in bank-a", "parts": (("applied", 137), ("quarantined", 1))}
    shown = told([row, {"name": "messages out", "parts": ()}], ["name", "parts"])
    assert "applied 137 + quarantined 1" in shown
    assert "(" not in shown


def test_a_wide_list_of_nothing_says_so(told: Callable[..., str]) -> None:
    assert told([], COLUMNS) == "(none)\n"


def test_a_record_tells_its_times_in_vietnam_to_the_second() -> None:
    assert plain(ROW["state_at"]) == "2026-11-24 01:30:00"
    assert plain("applied") == "applied"


def test_square_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"reason": "[wrong-signature]"}], ["reason"])
    assert "[wrong-signature]" in capsys.readouterr().out
