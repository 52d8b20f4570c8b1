"""Money that others hold and no bank credited: told by calendar and T+n, until it comes or people say what it was."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.application import breaks, cash
from gateway.application.breaks import Decision, Target
from gateway.ledger.cash_count import Count
from gateway.model import Channel, EventType
from gateway.reconciliation.due import days_due_again
from tests.lateness.watched import AN, BINH, CULTURE_DAY, WEDNESDAY, Province, at
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
"""The second working day after Monday the 23rd (the 24th is a day off), and the first morning after the limit."""
NEXT_MONDAY, DECEMBER_2 = date(2026, 11, 30), date(2026, 12, 2)
PLATFORM = "9704790000001"
COUNT = Count("Trần Thu", MONDAY, "SGTVT", "AA/26", "0000101", "0000103", 3, 150_000)


def began(province: Province) -> None:
    """The bank's Monday was judged: from then on money can be missed."""
    province.judged(MONDAY, at("06:40"))


def accept(province: Province, on: date, why: str, now: datetime) -> None:
    """A person accepts the only row of the bank's day that is not matched."""
    (key,) = province.keys(on)
    breaks.decide(province.desk(now), AN, Target("bank-a", on, 1, key), Decision.ACCEPT, reason=why)


def path(province: Province, code: str) -> str:
    return str(province.one("SELECT path FROM gateway.alert WHERE code = %s AND cleared_at IS NULL", code))


def step(province: Province, code: str) -> int:
    return int(province.one("SELECT step FROM gateway.alert WHERE code = %s AND cleared_at IS NULL", code))


# remittances of VNPost


def remitted(province: Province, batch: str = "BK0001", on: date = MONDAY) -> None:
    province.remit((f"EV-{batch}", 100_000, 30_000), batch=batch, on=on)


def test_a_remittance_that_no_bank_credited_is_told_from_the_morning_after_its_limit_until_it_comes(
    province: Province,
) -> None:
    began(province)
    remitted(province)
    code, cause = "remittance-not-credited", "remittance-not-credited:vnpost"
    assert province.standing(at("23:45", THURSDAY), code) == {}
    assert province.standing(at("00:00", FRIDAY), code) == {
        cause: "Tổng công ty Bưu điện Việt Nam: 1 bảng kê thu hộ chưa thấy ngân hàng báo có, tổng 130.000 đ; lâu nhất"
        " là bảng kê BK0001 ngày 23/11/2026 (hạn 2 ngày làm việc)."
    }
    assert (
        path(province, code) == f"/statements/remittance/{province.one('SELECT remittance_pk FROM gateway.remittance')}"
    )
    province.line(130_000, "BK0001", text="VNPOST CHUYEN TIEN", on=FRIDAY)
    province.judged(FRIDAY, at("09:00", NEXT_MONDAY))
    assert province.standing(at("09:15", NEXT_MONDAY), code) == {}


def test_a_remittance_of_which_too_little_came_is_a_break_and_not_missing(province: Province) -> None:
    began(province)
    remitted(province)
    province.line(90_000, "BK0001", text="VNPOST CHUYEN TIEN", on=WEDNESDAY)
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    assert [row["outcome"] for row in province.found(on=WEDNESDAY)] == ["underpaid"]
    assert province.standing(at("00:00", FRIDAY), "remittance-not-credited") == {}


def test_a_transfer_that_names_no_batch_ends_the_alert_once_a_person_says_whose_it_is(province: Province) -> None:
    began(province)
    remitted(province)
    remitted(province, "BK0002")
    province.line(130_000, text="BUU DIEN CHUYEN TIEN", on=WEDNESDAY)
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    code, cause = "remittance-not-credited", "remittance-not-credited:vnpost"
    assert "2 bảng kê" in province.standing(at("00:00", FRIDAY), code)[cause]
    accept(province, WEDNESDAY, "tiền của bảng kê BK0001", at("08:00", FRIDAY))
    text = province.standing(at("08:15", FRIDAY), code)[cause]
    assert "1 bảng kê" in text
    assert "BK0002" in text


def test_a_later_remittance_is_news_and_an_hour_more_is_not(province: Province) -> None:
    began(province)
    remitted(province)
    remitted(province, "BK0002", WEDNESDAY)
    code = "remittance-not-credited"
    province.look(at("00:00", FRIDAY))
    first = step(province, code)
    province.look(at("23:45", FRIDAY))
    assert step(province, code) == first
    assert "2 bảng kê" in "".join(province.standing(at("00:00", NEXT_MONDAY), code).values())
    assert step(province, code) > first


def test_nothing_is_missed_before_the_first_day_of_a_bank_was_judged_nor_for_ever(
    province: Province, own_config: Path
) -> None:
    remitted(province)
    assert province.standing(at("00:00", FRIDAY), "remittance-not-credited") == {}
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    assert province.standing(at("00:00", FRIDAY), "remittance-not-credited") == {}
    began(province)
    assert len(province.standing(at("00:00", FRIDAY), "remittance-not-credited")) == 1
    file = own_config / "alerts.toml"
    file.write_text(file.read_text().replace("look_back = 92", "look_back = 3"))
    province.config = own_config
    assert province.standing(at("00:00", FRIDAY), "remittance-not-credited") == {}


# an intermediary's date


def collected(province: Province, amount: int = 5_000_000) -> None:
    """What the intermediary lists as collected on Monday, and a failed attempt beside it."""
    province.line(amount, text="THU HO", account=PLATFORM, response_code="00", bank="P1")
    province.line(7_000, text="THU HO", account=PLATFORM, response_code="51", bank="P2")
    province.judged(MONDAY, at("10:00"), "intermediary")


def test_an_intermediary_s_date_without_a_credit_is_told_until_the_bank_has_it_net_of_the_charge(
    province: Province,
) -> None:
    began(province)
    collected(province)
    code = "settlement-not-credited"
    assert province.standing(at("23:45", THURSDAY), code) == {}
    assert province.standing(at("00:00", FRIDAY), code) == {
        f"{code}:intermediary": "Trung gian thanh toán: 1 ngày quyết toán chưa thấy ngân hàng báo có, tổng 5.000.000 đ"
        " (chưa trừ phí); lâu nhất là ngày 23/11/2026 (hạn 2 ngày làm việc)."
    }
    assert path(province, code) == f"/days/intermediary/{MONDAY}"
    province.line(4_967_000, text="THANH TOAN BU TRU TGTT", on=FRIDAY)
    province.judged(FRIDAY, at("09:00", NEXT_MONDAY))
    assert province.standing(at("09:15", NEXT_MONDAY), code) == {}


def test_one_credit_for_two_dates_of_an_intermediary_ends_the_alert_for_both(province: Province) -> None:
    """Monday, and Tuesday, which is a day off: both are due on Wednesday."""
    began(province)
    collected(province)
    province.line(2_000_000, text="THU HO", account=PLATFORM, response_code="00", bank="P3", on=CULTURE_DAY)
    province.judged(CULTURE_DAY, at("10:00"), "intermediary")
    (text,) = province.standing(at("00:00", NEXT_MONDAY), "settlement-not-credited").values()
    assert "2 ngày quyết toán" in text
    province.line(6_950_000, text="THANH TOAN BU TRU INTERMEDIARY", on=WEDNESDAY)
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    assert province.outcomes(on=WEDNESDAY) == [("bank_charge", 0, -50_000), ("deposit", 0, 7_000_000)]
    assert province.standing(at("00:15", NEXT_MONDAY), "settlement-not-credited") == {}


def test_an_intermediary_of_t_plus_2_has_two_working_days_more(province: Province) -> None:
    one = province.partners["intermediary"]
    matching = one.matching.model_copy(update={"settles_after": {Channel.PLATFORM: 2}})
    province.partners = {**province.partners, one.id: one.model_copy(update={"matching": matching})}
    began(province)
    collected(province)
    assert province.standing(at("23:45", NEXT_MONDAY), "settlement-not-credited") == {}
    (text,) = province.standing(at("00:00", date(2026, 12, 1)), "settlement-not-credited").values()
    assert "(hạn 4 ngày làm việc)" in text


def test_a_credit_of_another_sum_ends_the_alert_once_a_person_names_partner_and_date(province: Province) -> None:
    began(province)
    collected(province)
    province.line(4_000_000, text="TRUNG GIAN CHUYEN", on=WEDNESDAY)
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    accept(province, WEDNESDAY, "tiền intermediary ngày 22/11/2026", at("08:00", THURSDAY))
    assert len(province.standing(at("00:00", FRIDAY), "settlement-not-credited")) == 1
    (decision,) = province.one("SELECT array_agg(decision_pk) FROM gateway.break_decision")
    breaks.undo(province.desk(at("08:00", FRIDAY)), AN, decision, reason="nhầm ngày")
    accept(province, WEDNESDAY, "tiền intermediary ngày 23/11/2026", at("08:05", FRIDAY))
    assert province.standing(at("08:15", FRIDAY), "settlement-not-credited") == {}


# cash of the counter


def counted(province: Province, count: Count = COUNT) -> None:
    desk = province.desk(at("17:00", MONDAY))
    cash.confirm(desk, BINH, cash.record(desk, AN, count))


def test_a_cash_count_without_a_deposit_is_told_without_its_cashier_until_it_is_at_the_bank(province: Province) -> None:
    began(province)
    counted(province)
    code = "cash-not-deposited"
    assert province.standing(at("23:45", THURSDAY), code) == {}
    assert province.standing(at("00:00", FRIDAY), code) == {
        code: "Tiền mặt thu tại quầy: 1 quyển biên lai chưa thấy nộp ngân hàng, tổng 150.000 đ; lâu nhất là quyển"
        " AA/26/0000101-0000103 ngày 23/11/2026 (hạn 2 ngày làm việc)."
    }
    assert path(province, code) == f"/cash?from={MONDAY}&to={MONDAY}"
    province.line(150_000, text="NOP TIEN MAT", on=FRIDAY)
    province.judged(FRIDAY, at("09:00", NEXT_MONDAY))
    assert province.standing(at("09:15", NEXT_MONDAY), code) == {}


def test_receipts_that_nobody_counted_are_told_and_what_was_deposited_of_them_stays_so_once_counted(
    province: Province,
) -> None:
    province.submit("H49.12-20261123-0000900")
    province.ask(("p1", "phi", 150_000), channel="cash", code="H49.12-20261123-0000900")
    paid = {
        "fee_ids": ["p1"], "amount": 150_000, "method": "cash", "cashier": "Trần Thu",
        "paid_at": "2026-11-23T09:30:00+07:00", "receipt_series": "AA/26", "receipt_number": "0000102",
    }  # fmt: skip
    province.tell(EventType.COUNTER_PAYMENT, paid, "H49.12-20261123-0000900")
    began(province)
    (text,) = province.standing(at("00:00", FRIDAY), "cash-not-deposited").values()
    assert "AA/26/0000102-0000102" in text
    province.line(150_000, text="NOP TIEN MAT", on=FRIDAY)
    province.judged(FRIDAY, at("09:00", NEXT_MONDAY))
    assert province.standing(at("09:15", NEXT_MONDAY), "cash-not-deposited") == {}
    counted(province)  # with the receipts that were spoilt
    assert province.standing(at("09:30", NEXT_MONDAY), "cash-not-deposited") == {}


def test_cash_of_two_days_in_one_deposit_is_told_until_a_person_names_the_receipts(province: Province) -> None:
    began(province)
    counted(province)
    province.line(400_000, text="NOP TIEN MAT", on=WEDNESDAY)
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    assert len(province.standing(at("00:00", FRIDAY), "cash-not-deposited")) == 1
    accept(province, WEDNESDAY, "nộp gộp AA/26/0000101-0000103 và ngày 20", at("08:00", FRIDAY))
    assert province.standing(at("08:15", FRIDAY), "cash-not-deposited") == {}


def test_of_two_counts_that_one_deposit_fits_the_one_that_people_do_not_name_is_missing(
    province: Province,
) -> None:
    began(province)
    counted(province)
    counted(province, Count("Lê Hà", MONDAY, "SGTVT", "BB/26", "0000001", "0000003", 3, 150_000))
    province.line(150_000, text="NOP TIEN MAT", on=WEDNESDAY)
    province.judged(WEDNESDAY, at("09:00", THURSDAY))
    assert [row["outcome"] for row in province.found(on=WEDNESDAY)] == ["ambiguous"]
    assert province.standing(at("00:00", FRIDAY), "cash-not-deposited") == {}, "a break of the day tells of both"
    accept(province, WEDNESDAY, "theo giấy nộp tiền BB/26/0000001-0000003", at("08:00", FRIDAY))
    (text,) = province.standing(at("08:15", FRIDAY), "cash-not-deposited").values()
    assert "1 quyển" in text
    assert "AA/26/0000101-0000103" in text


# card terminals: no alert of their own


def test_a_terminal_s_day_without_its_credit_is_a_break_after_t_plus_n_and_told_when_it_is_too_old(
    province: Province,
) -> None:
    bank = province.partners["bank-b"]
    matching = bank.matching.model_copy(update={"settles_after": {Channel.POS: 1}})
    province.partners = {**province.partners, bank.id: bank.model_copy(update={"matching": matching})}
    reference = province.owe(100_000, channel="pos")
    assert reference
    paid = {
        "fee_ids": ["p1"], "amount": 100_000, "method": "pos", "partner_transaction_id": "POS-7",
        "terminal_id": "TID01", "paid_at": "2026-11-23T09:30:00+07:00", "receipt_series": "AA/26",
        "receipt_number": "0000102", "cashier": "Trần Thu",
    }  # fmt: skip
    province.tell(EventType.COUNTER_PAYMENT, paid, province.code())
    assert bank.accounts is not None
    province.line(1_000, text="LAI TIEN GUI", account=bank.accounts.default)
    province.judged(MONDAY, at("09:45"), bank.id)
    assert province.outcomes(bank.id) == [("pending", 100_000, 0), ("interest", 0, 1_000)]
    later = at("09:45", THURSDAY)
    assert days_due_again(province.conn, province.partners[bank.id], later) == [MONDAY]
    province.judge(bank.id, MONDAY, later)
    assert province.outcomes(bank.id) == [("missing_at_partner", 100_000, 0), ("interest", 0, 1_000)]
    assert province.standing(at("23:45", date(2026, 12, 1)), "break-too-old") == {}
    assert set(province.standing(at("00:00", DECEMBER_2), "break-too-old")) == {"break-too-old:bank-b"}


def test_no_limit_passes_on_a_day_off(province: Province, own_config: Path) -> None:
    file = own_config / "alerts.toml"
    file.write_text(file.read_text().replace("_working_days = 2   #", "_working_days = 0   #"))
    province.config = own_config
    began(province)
    remitted(province)
    assert province.standing(at("23:45", CULTURE_DAY), "remittance-not-credited") == {}
    assert len(province.standing(at("00:00", CULTURE_DAY + timedelta(days=1)), "remittance-not-credited")) == 1
