"""Files, days and proposals: each becomes an alert at its hour, not before, ends by itself, and rests on days off."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.partners import load_partners
from tests.lateness.watched import CULTURE_DAY, Province, at
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

THURSDAY = date(2026, 11, 26)
FRIDAY, SATURDAY, NEXT_MONDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
LAST_DAY_BEFORE_TET, FIRST_DAY_AFTER_TET = date(2027, 2, 3), date(2027, 2, 11)
"""A Wednesday and the Thursday of the next week in config/calendars."""


def known(province: Province, partner: str = "bank-a") -> None:
    """Something was exchanged with the partner before: from then on it owes files."""
    province.conn.execute(
        "UPDATE gateway.message SET partner = %s, business_on = '2026-11-02' WHERE message_pk = %s",
        (partner, province.message()),
    )


def test_a_file_is_late_from_its_hour_on_and_no_longer_when_it_comes(province: Province) -> None:
    known(province)
    for day in range(2, 23):
        province.load(on=date(2026, 11, day))
    assert province.standing(at("23:45", CULTURE_DAY), "statement-late") == {}
    assert province.standing(at("08:59"), "statement-late") == {}
    assert province.standing(at("09:00"), "statement-late") == {
        f"statement-late:bank-a:{MONDAY}": "Chưa nhận được tệp ngày 23/11/2026 của Ngân hàng A; hạn 09:00 25/11/2026."
    }
    province.load(on=MONDAY)
    assert province.standing(at("09:15"), "statement-late") == {}


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("unsigned-message", "thông điệp không có chữ ký"),
        ("message-too-large", "thông điệp vượt quá kích thước cho phép"),
        ("wrong-signature", "chữ ký không hợp lệ"),
    ],
)
def test_a_file_that_lies_there_and_was_not_taken_is_told_as_it_is(province: Province, reason: str, why: str) -> None:
    known(province)
    for day in range(2, 23):
        province.load(on=date(2026, 11, day))
    province.conn.execute(
        "UPDATE gateway.message SET partner = 'bank-a', kind = 'statement_file', state = 'quarantined', reason = %s,"
        " transport_id = 'BANKA_STMT_20261123_1.xml' WHERE message_pk = %s",
        (reason, province.message()),
    )
    cause = f"statement-late:bank-a:{MONDAY}"
    assert province.standing(at("09:00"), "statement-late") == {
        cause: "Tệp BANKA_STMT_20261123_1.xml ngày 23/11/2026 của Ngân hàng A có rồi nhưng chưa nạp được:"
        f" {why}; hạn 09:00 25/11/2026."
    }
    assert "chữ ký (.p7s)" in province.one("SELECT action FROM gateway.alert WHERE cause = %s", cause)
    assert any("Ngân hàng A" in text for text in province.standing(at("09:15"), "messages-quarantined").values())
    province.load(on=MONDAY)
    assert province.standing(at("09:30"), "statement-late") == {}


def test_no_file_is_late_on_days_off(province: Province) -> None:
    known(province)
    for day in range(2, 28):
        province.load(on=date(2026, 11, day))
    province.conn.execute("DELETE FROM gateway.statement WHERE business_on = %s", (FRIDAY,))
    late = f"statement-late:bank-a:{FRIDAY}"
    assert province.standing(at("23:45", SATURDAY), "statement-late") == {}
    assert province.standing(at("08:45", NEXT_MONDAY), "statement-late") == {}
    assert set(province.standing(at("09:00", NEXT_MONDAY), "statement-late")) == {late}


def test_a_day_is_not_closed_from_noon_on_and_says_what_is_open(province: Province) -> None:
    province.short(MONDAY)
    province.judged(MONDAY, at("06:40"))
    assert province.standing(at("12:00", CULTURE_DAY)) == {}
    assert province.standing(at("11:59"), "day-not-closed") == {}
    cause = f"day-not-closed:bank-a:{MONDAY}"
    assert province.standing(at("12:00"), "day-not-closed") == {
        cause: "Ngày 23/11/2026 của Ngân hàng A còn 1 khoản lệch chưa kết luận."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE cause = %s", cause) == f"/days/bank-a/{MONDAY}"
    province.accept_everything("an")
    assert "không còn lệch mở, chưa trình duyệt" in province.standing(at("12:15"))[cause]
    province.propose(at("12:20"))
    assert province.standing(at("12:30")) == {}


def test_a_proposal_waits_past_the_noon_that_follows_it(province: Province) -> None:
    province.judged(MONDAY, at("06:40"))
    province.propose(at("08:10"))
    assert province.standing(at("11:59")) == {}
    assert province.standing(at("12:00")) == {
        f"approval-waiting:bank-a:{MONDAY}": "Ngày 23/11/2026 của Ngân hàng A trình lúc 08:10 25/11/2026,"
        " quá 12:00 25/11/2026 chưa được duyệt."
    }
    province.approve(at("12:05"))
    assert province.standing(at("12:15")) == {}


def test_what_is_proposed_in_the_afternoon_has_until_the_next_noon(province: Province) -> None:
    province.judged(MONDAY, at("06:40"))
    province.propose(at("12:00"))
    assert province.standing(at("23:45")) == {}
    assert province.standing(at("11:59", THURSDAY)) == {}
    assert set(province.standing(at("12:00", THURSDAY))) == {f"approval-waiting:bank-a:{MONDAY}"}


def test_a_day_that_was_sent_back_has_until_the_next_noon(province: Province) -> None:
    province.judged(MONDAY, at("06:40"))
    province.propose(at("08:10"))
    province.reject(at("12:30"))
    assert province.standing(at("12:45")) == {}
    assert set(province.standing(at("12:00", THURSDAY))) == {f"day-not-closed:bank-a:{MONDAY}"}


def test_nobody_is_told_over_a_weekend(province: Province) -> None:
    province.judged(FRIDAY, at("07:00", SATURDAY))
    assert province.standing(at("12:00", SATURDAY)) == {}
    assert province.standing(at("11:59", NEXT_MONDAY)) == {}
    assert set(province.standing(at("12:00", NEXT_MONDAY))) == {f"day-not-closed:bank-a:{FRIDAY}"}


def test_nobody_is_told_over_tet(province: Province) -> None:
    known(province)
    province.judged(LAST_DAY_BEFORE_TET - timedelta(days=1), at("07:00", LAST_DAY_BEFORE_TET))
    of_the_last_days = f"day-not-closed:bank-a:{LAST_DAY_BEFORE_TET - timedelta(days=1)}"
    assert of_the_last_days in province.standing(at("12:00", LAST_DAY_BEFORE_TET))
    late = f"statement-late:bank-a:{LAST_DAY_BEFORE_TET}"
    for days in range(1, 8):
        assert late not in province.standing(at("12:00", LAST_DAY_BEFORE_TET + timedelta(days=days)))
    assert late not in province.standing(at("08:59", FIRST_DAY_AFTER_TET))
    assert late in province.standing(at("09:00", FIRST_DAY_AFTER_TET))
    province.judged(LAST_DAY_BEFORE_TET, at("09:05", FIRST_DAY_AFTER_TET))
    closed = f"day-not-closed:bank-a:{LAST_DAY_BEFORE_TET}"
    assert {late, closed} & set(province.standing(at("11:59", FIRST_DAY_AFTER_TET))) == set()
    assert closed in province.standing(at("12:00", FIRST_DAY_AFTER_TET))


def test_a_day_that_is_stopped_says_why(province: Province) -> None:
    for number in range(30):
        reference = province.owe(100_000 + number)
        province.pay(reference, 100_000 + number)
    province.load()
    assert province.judge(now=at("06:40")).stopped == "statement-empty"
    (text,) = province.standing(at("12:00"), "day-not-closed").values()
    assert text.startswith("Ngày 23/11/2026 của Ngân hàng A dừng chờ người xem: ")


def test_a_file_that_breaks_the_balances_of_a_judged_day_is_told_until_somebody_looks(province: Province) -> None:
    reference = province.owe(100_000)
    province.pay(reference, 100_000)
    province.line(100_000, reference)
    province.judged(MONDAY, at("06:40"))
    province.balances["1120000000101"] += 7_000_000
    province.load()
    assert province.judge(now=at("07:00")).stopped == "balance-does-not-add-up"
    (text,) = province.standing(at("12:00"), "day-not-closed").values()
    assert text == "Ngày 23/11/2026 của Ngân hàng A dừng chờ người xem: số dư không khớp phát sinh."


def test_a_calendar_that_is_not_there_keeps_one_partners_alerts_as_they_are_and_no_others(
    province: Province, own_config: Path
) -> None:
    known(province)
    known(province, "bank-b")
    late = {f"statement-late:{bank}:{MONDAY}" for bank in ("bank-a", "bank-b")}
    assert late <= set(province.standing(at("09:30"), "statement-late"))
    file = own_config / "partners" / "bank-a.toml"
    file.write_text(file.read_text().replace('"vn-banking"', '"vn-bankng"'))
    province.partners, province.config = load_partners(own_config / "partners", {}), own_config
    province.load("bank-b")
    with pytest.raises(ConfigurationError) as raised:
        province.look(at("09:45"))
    assert raised.value.code == "calendar-unknown"
    standing = {str(cause) for (cause,) in province.rows("SELECT cause FROM gateway.alert WHERE cleared_at IS NULL")}
    assert standing & late == {f"statement-late:bank-a:{MONDAY}"}
    assert f"statement-late:vnpost:{MONDAY}" not in standing


def test_without_the_calendar_of_the_office_what_does_not_need_it_is_told_all_the_same(
    province: Province, own_config: Path
) -> None:
    known(province)
    (own_config / "calendars" / "vn-office.toml").rename(own_config / "calendars" / "other.toml")
    vnpost = own_config / "partners" / "vnpost.toml"
    vnpost.write_text(vnpost.read_text().replace('"vn-office"', '"other"'))
    province.partners, province.config = load_partners(own_config / "partners", {}), own_config
    with pytest.raises(ConfigurationError) as raised:
        province.look(at("09:45"))
    assert (raised.value.code, raised.value.facts) == ("calendar-unknown", {"file": "vn-office.toml"})
    standing = {str(cause) for (cause,) in province.rows("SELECT cause FROM gateway.alert WHERE cleared_at IS NULL")}
    assert f"statement-late:bank-a:{MONDAY}" in standing


def test_a_day_with_a_file_that_was_never_judged_is_told(province: Province) -> None:
    province.load()
    assert province.standing(at("12:00"), "day-not-closed") == {
        f"day-not-closed:bank-a:{MONDAY}": "Ngày 23/11/2026 của Ngân hàng A đã có tệp, chưa đối soát được."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE code = 'day-not-closed'") == "/?month=2026-11"


def test_a_sum_that_is_off_is_named_with_its_amount_and_its_day(province: Province) -> None:
    reference = province.owe(100_000)
    province.pay(reference, 100_000)
    province.line(100_000, reference)
    province.judged(MONDAY, at("06:40"))
    province.conn.execute("UPDATE gateway.statement SET closing = closing + 5000 WHERE ours")
    assert province.standing(at("09:29", CULTURE_DAY), "day-does-not-close") == {}
    cause = f"day-does-not-close:bank-a:{MONDAY}"
    assert province.standing(at("09:30", CULTURE_DAY), "day-does-not-close") == {
        cause: "Ngày 23/11/2026 của Ngân hàng A không khép:"
        " bank-a •••0101: đầu kỳ + phát sinh = cuối kỳ (lệch -5.000 đ)."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE cause = %s", cause) == f"/days/bank-a/{MONDAY}"
    province.conn.execute("UPDATE gateway.statement SET closing = closing - 5000 WHERE ours")
    assert province.standing(at("09:45"), "day-does-not-close") == {}


def test_a_message_that_nobody_took_up_is_a_day_that_does_not_close(province: Province) -> None:
    province.conn.execute("UPDATE gateway.message SET reason = 'left' WHERE message_pk = %s", (province.message(),))
    (text,) = province.standing(at("09:30", CULTURE_DAY), "day-does-not-close").values()
    assert text == "Ngày 23/11/2026 không khép: thông điệp nhận, test: 1 ≠ 0."
