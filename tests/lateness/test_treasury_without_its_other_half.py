"""Nộp Kho bạc: a debit without its voucher and a voucher without its debit are told by the bank's working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.application import breaks, treasury
from gateway.application.breaks import Decision, Target
from gateway.ledger.treasury import Item, Voucher
from tests.lateness.watched import AN, BINH, WEDNESDAY, Province, at
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT

pytestmark = pytest.mark.services
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
DECEMBER_1, DECEMBER_2 = date(2026, 12, 1), date(2026, 12, 2)
VOUCHER = Voucher(
    voucher_number="GNT-0012", partner="bank-a", account=ACCOUNT, paid_on=MONDAY, covers_from=date(2026, 11, 16),
    covers_to=date(2026, 11, 20), payer_name="Trung tâm Phục vụ hành chính công", treasury_name="KBNN Quảng Ninh",
    items=(Item("phi", "Phí thẩm định", 5_000_000, "426", "2716"),),
)  # fmt: skip
DEBIT, UNPAID = "treasury-debit-unvouched", "treasury-voucher-unpaid"


def debited(province: Province, on: date = MONDAY, text: str = "NOP NSNN KBNN QUANG NINH") -> None:
    province.line(-5_000_000, text=text, on=on)
    province.judged(on, at("06:40", THURSDAY))


def recorded(province: Province, voucher: Voucher = VOUCHER) -> int:
    return treasury.record(province.desk(at("08:00")), AN, voucher)


def confirmed(province: Province, voucher: Voucher = VOUCHER) -> int:
    pk = recorded(province, voucher)
    treasury.confirm(province.desk(at("08:05")), BINH, pk)
    return pk


def path(province: Province, code: str) -> str:
    return str(province.one("SELECT path FROM gateway.alert WHERE code = %s AND cleared_at IS NULL", code))


def test_a_debit_without_a_confirmed_voucher_is_told_from_the_morning_after_its_limit(province: Province) -> None:
    debited(province)
    pk = recorded(province)
    assert province.standing(at("23:45", THURSDAY), DEBIT) == {}
    assert province.standing(at("00:00", FRIDAY), DEBIT) == {
        f"{DEBIT}:bank-a": "Ngân hàng A: 1 khoản trích nộp Kho bạc chưa có chứng từ C1-02/NS được xác nhận, tổng"
        " 5.000.000 đ; cũ nhất ngày 23/11/2026 (hạn 2 ngày làm việc)."
    }
    assert path(province, DEBIT) == f"/treasury?from={MONDAY}&to={MONDAY}"
    treasury.confirm(province.desk(at("08:05", FRIDAY)), BINH, pk)
    assert province.standing(at("08:15", FRIDAY), DEBIT) == {}


def test_a_second_debit_is_news_once_it_is_past_its_limit(province: Province) -> None:
    debited(province)
    debited(province, WEDNESDAY)
    province.look(at("00:00", FRIDAY))
    first = province.one("SELECT step FROM gateway.alert WHERE code = %s", DEBIT)
    province.look(at("23:45", FRIDAY))
    assert province.one("SELECT step FROM gateway.alert WHERE code = %s", DEBIT) == first
    (text,) = province.standing(at("00:00", date(2026, 11, 30)), DEBIT).values()
    assert "2 khoản" in text
    assert province.one("SELECT step FROM gateway.alert WHERE code = %s", DEBIT) > first


def test_a_voucher_without_its_debit_is_told_after_five_working_days_until_it_is_cancelled(province: Province) -> None:
    pk = confirmed(province)
    assert province.standing(at("23:45", DECEMBER_1), UNPAID) == {}
    assert province.standing(at("00:00", DECEMBER_2), UNPAID) == {
        f"{UNPAID}:bank-a": "Ngân hàng A: 1 chứng từ nộp Kho bạc chưa thấy ngân hàng trích tiền, tổng 5.000.000 đ; cũ"
        " nhất là GNT-0012 ngày 23/11/2026 (hạn 5 ngày làm việc)."
    }
    assert path(province, UNPAID) == f"/treasury/{pk}"
    treasury.cancel(province.desk(at("08:00", DECEMBER_2)), BINH, pk, "không nộp")
    assert province.standing(at("08:15", DECEMBER_2), UNPAID) == {}


def test_a_voucher_that_its_debit_carried_out_a_cash_one_and_one_that_nobody_confirmed_are_not_told(
    province: Province,
) -> None:
    confirmed(province)
    debited(province, WEDNESDAY)
    confirmed(province, replace(VOUCHER, voucher_number="GNT-0013", method="cash"))
    recorded(province, replace(VOUCHER, voucher_number="GNT-0014"))
    assert province.standing(at("00:00", DECEMBER_2), UNPAID) == {}
    assert province.standing(at("00:00", DECEMBER_2), DEBIT) == {}


def test_a_debit_that_was_not_known_for_the_treasury_ends_the_alert_once_a_person_names_the_voucher(
    province: Province,
) -> None:
    confirmed(province)
    debited(province, WEDNESDAY, "CHUYEN TIEN DI")
    assert len(province.standing(at("00:00", DECEMBER_2), UNPAID)) == 1
    (key,) = province.keys(WEDNESDAY)
    desk = province.desk(at("08:00", DECEMBER_2))
    breaks.decide(desk, AN, Target("bank-a", WEDNESDAY, 1, key), Decision.ACCEPT, reason="trích theo GNT-0012")
    assert province.standing(at("08:15", DECEMBER_2), UNPAID) == {}
