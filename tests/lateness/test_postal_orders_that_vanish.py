"""VNPost said yes to an order and its feed never shows it: told after some working days, until it is found."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.ledger import postal, sends
from gateway.model import EventType, Kind, OutboundMessage, PostalEvent
from tests.lateness.watched import WEDNESDAY, Province, at
from tests.ledger.story import CODE, MONDAY

pytestmark = pytest.mark.services
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
"""The second working day after Monday the 23rd (the 24th is a day off), and the first morning after the limit."""
CALLED = "postal-order-untracked"
CAUSE = f"{CALLED}:vnpost"
STALLED = "postal-order-stalled"
STALLED_CAUSE = f"{STALLED}:vnpost"
DECEMBER = [date(2026, 12, day) for day in range(1, 32)]


def ordered(province: Province, code: str = CODE, *, cod: int = 100_000, collect: bool = False) -> str:
    """An order that waits to be sent: the result, or the papers of a dossier that is not accepted yet."""
    if collect:
        return _collected(province, code)
    province.submit(code, returns_by_post=True)
    if cod:
        province.ask(("p1", "phi", cod), channel="cod", code=code)
    ready = {"ready_at": "2026-11-23T09:00:00+07:00", "by_post": True, "postage": 30_000}
    province.tell(EventType.RESULT_READY, ready, code)
    return code


def _collected(province: Province, code: str) -> str:
    party = {"name": "Nguyễn Thị Hạnh", "phone": "0912345678", "address": "Tổ 5", "province": "Quảng Ninh"}
    province.submit(code, collect_from=party)
    return str(province.one("SELECT order_number FROM gateway.postal_order WHERE dossier_code = %s", code))


def accepted(province: Province, number: str, now: datetime) -> None:
    """VNPost answered 100."""
    (row,) = (r for r in province.sent("postal_order") if r.payload["order_number"] == number)
    province.conn.execute(
        "WITH sent AS (INSERT INTO gateway.message (direction, partner, kind, state, message_id, transaction_id,"
        " dossier_code, body_month, body_sha256, body_size, business_on, created_at, state_at, next_attempt_at)"
        " VALUES ('out', 'vnpost', 'postal_order', 'waiting', %(id)s, %(id)s, %(dossier)s, '2026-11-01', %(sha)s, 1,"
        " '2026-11-23', %(at)s, %(at)s, %(at)s) RETURNING message_pk, body_month)"
        " INSERT INTO gateway.message_body (month, message_pk, body) SELECT body_month, message_pk, %(sha)s FROM sent",
        {"id": number, "dossier": row.dossier_code, "sha": b"\0" * 32, "at": now},
    )
    for state in ("sending", "delivered"):
        province.conn.execute(
            "UPDATE gateway.message SET state = %s, state_at = %s, next_attempt_at = NULL, claimed_by = %s,"
            " claimed_until = %s WHERE transaction_id = %s AND direction = 'out'",
            (state, now, *(("w", now) if state == "sending" else (None, None)), number),
        )
    message = OutboundMessage(1, "vnpost", Kind.POSTAL_ORDER, number, row.payload, number, row.dossier_code)
    sends.on_delivered(province.conn, message, {"item_code": "EV1"}, partners=province.partners, now=now)


def tracked(
    province: Province,
    number: str,
    meaning: str | None = "delivering",
    *,
    record: str = "r1",
    on: datetime | None = None,
) -> None:
    event = PostalEvent(record, number, "EV1", "3", "", meaning, on or province.now, 0)
    postal.apply_tracking(
        province.conn, [(province.message(), event)], partner="vnpost", partners=province.partners, now=province.now
    )


def test_an_order_that_vnpost_accepted_and_never_tracked_is_told_after_two_working_days(province: Province) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    assert province.standing(at("23:45", THURSDAY), CALLED) == {}
    assert province.standing(at("00:00", FRIDAY), CALLED) == {
        CAUSE: "Tổng công ty Bưu điện Việt Nam: 1 đơn đã nhận quá 2 ngày làm việc mà chưa có bản ghi theo dõi nào, thu"
        f" hộ 130.000 đ; lâu nhất là đơn {CODE}, nhận ngày 23/11/2026."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE code = %s", CALLED) == f"/dossiers/{CODE}"


@pytest.mark.parametrize("meaning", ["delivering", None])
def test_a_tracking_record_ends_it_also_one_that_nobody_understands(province: Province, meaning: str | None) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    assert list(province.standing(at("00:00", FRIDAY), CALLED)) == [CAUSE]
    tracked(province, CODE, meaning)
    assert province.standing(at("00:15", FRIDAY), CALLED) == {}


def test_the_days_count_from_when_vnpost_accepted_it_and_not_from_when_it_was_ordered(province: Province) -> None:
    accepted(province, ordered(province), at("10:00", WEDNESDAY))
    assert province.standing(at("23:45", FRIDAY), CALLED) == {}
    assert list(province.standing(at("00:00", date(2026, 11, 30)), CALLED)) == [CAUSE]


def test_an_order_that_waits_to_be_sent_is_not_lost(province: Province) -> None:
    ordered(province)
    assert province.standing(at("08:00", date(2026, 12, 10)), CALLED) == {}


@pytest.mark.parametrize("collect", [False, True])
def test_papers_that_are_there_by_another_way_are_missed_no_more(province: Province, collect: bool) -> None:
    """The result was handed out at the counter; the dossier that should be collected was brought by its owner."""
    number = ordered(province, collect=collect)
    accepted(province, number, at("10:00", MONDAY))
    text = province.standing(at("00:00", FRIDAY), CALLED)[CAUSE]
    assert number in text
    if collect:
        accepted_on = {"accepted_at": "2026-11-27T09:00:00+07:00", "due_on": "2026-12-10"}
        province.tell(EventType.DOSSIER_ACCEPTED, accepted_on)
    else:
        province.tell(EventType.RESULT_RETURNED, {"returned_at": "2026-11-27T09:00:00+07:00"})
    assert province.standing(at("10:00", FRIDAY), CALLED) == {}


def test_a_withdrawn_dossier_misses_no_post(province: Province) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    province.tell(EventType.DOSSIER_WITHDRAWN, {"withdrawn_at": "2026-11-26T09:00:00+07:00", "reason": "rút"})
    assert province.standing(at("00:00", FRIDAY), CALLED) == {}


def test_a_later_lost_order_is_news_and_an_hour_more_is_not(province: Province) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    other = ordered(province, "H49.12-20261123-0000002", cod=0)
    accepted(province, other, at("10:00", WEDNESDAY))
    steps = []
    for on in (FRIDAY, FRIDAY, date(2026, 11, 30)):
        province.look(at("08:00", on))
        steps.append(province.one("SELECT step FROM gateway.alert WHERE code = %s", CALLED))
    assert steps[0] == steps[1] < steps[2]
    text = province.standing(at("08:00", date(2026, 11, 30)), CALLED)[CAUSE]
    assert "2 đơn đã nhận" in text
    assert f"lâu nhất là đơn {CODE}" in text


def test_the_limit_and_the_look_back_are_settings(province: Province, own_config: Path) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    file = own_config / "alerts.toml"
    file.write_text(file.read_text("utf-8").replace("tracked_working_days = 2", "tracked_working_days = 3"), "utf-8")
    province.config = own_config
    assert province.standing(at("08:00", FRIDAY), CALLED) == {}
    assert list(province.standing(at("08:00", date(2026, 11, 30)), CALLED)) == [CAUSE]
    assert list(province.standing(at("08:00", date(2027, 2, 22)), CALLED)) == [CAUSE]
    assert province.standing(at("08:00", date(2027, 2, 25)), CALLED) == {}


def test_an_order_that_was_tracked_once_and_then_never_again_is_told_after_five_working_days(
    province: Province,
) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    tracked(province, CODE, on=at("15:00", THURSDAY))
    assert province.standing(at("23:45", DECEMBER[2]), STALLED) == {}
    assert province.standing(at("00:00", DECEMBER[3]), STALLED) == {
        STALLED_CAUSE: "Tổng công ty Bưu điện Việt Nam: 1 đơn đang đi mà quá 5 ngày làm việc không có bản ghi theo dõi"
        f" mới, thu hộ 130.000 đ; lâu nhất là đơn {CODE}, bản ghi cuối ngày 26/11/2026."
    }
    assert province.one("SELECT path FROM gateway.alert WHERE code = %s", STALLED) == f"/dossiers/{CODE}"
    assert province.standing(at("00:00", DECEMBER[3]), CALLED) == {}, "one order, one alert"


def test_a_new_record_ends_it_until_that_is_old_as_well(province: Province) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    tracked(province, CODE, on=at("15:00", THURSDAY))
    assert list(province.standing(at("08:00", DECEMBER[3]), STALLED)) == [STALLED_CAUSE]
    tracked(province, CODE, None, record="r2", on=at("09:00", DECEMBER[3]))
    assert province.standing(at("10:00", DECEMBER[3]), STALLED) == {}
    assert list(province.standing(at("10:00", DECEMBER[13]), STALLED)) == [STALLED_CAUSE]


def test_a_code_that_nobody_understands_is_a_record_and_can_be_the_last(province: Province) -> None:
    """The order is still *accepted* then: it was tracked, and it stands."""
    accepted(province, ordered(province), at("10:00", MONDAY))
    tracked(province, CODE, None, on=at("15:00", THURSDAY))
    assert list(province.standing(at("08:00", DECEMBER[3]), STALLED)) == [STALLED_CAUSE]


@pytest.mark.parametrize("meaning", ["delivered", "returned", "cancelled"])
def test_an_order_that_ended_may_be_silent(province: Province, meaning: str) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    tracked(province, CODE, on=at("09:00", THURSDAY))
    tracked(province, CODE, meaning, record="r2", on=at("15:00", THURSDAY))
    assert province.standing(at("08:00", DECEMBER[3]), STALLED) == {}


@pytest.mark.parametrize("collect", [False, True])
def test_papers_that_stood_and_came_by_another_way_are_missed_no_more(province: Province, collect: bool) -> None:
    number = ordered(province, collect=collect)
    accepted(province, number, at("10:00", MONDAY))
    tracked(province, number, "collecting" if collect else "delivering", on=at("15:00", THURSDAY))
    assert number in province.standing(at("08:00", DECEMBER[3]), STALLED)[STALLED_CAUSE]
    if collect:
        accepted_on = {"accepted_at": "2026-12-04T09:00:00+07:00", "due_on": "2026-12-10"}
        province.tell(EventType.DOSSIER_ACCEPTED, accepted_on)
    else:
        province.tell(EventType.RESULT_RETURNED, {"returned_at": "2026-12-04T09:00:00+07:00"})
    assert province.standing(at("10:00", DECEMBER[3]), STALLED) == {}


def test_papers_that_the_postman_took_and_never_brought_are_told(province: Province) -> None:
    number = ordered(province, collect=True)
    accepted(province, number, at("10:00", MONDAY))
    tracked(province, number, "collected", on=at("15:00", THURSDAY))
    assert list(province.standing(at("08:00", DECEMBER[3]), STALLED)) == [STALLED_CAUSE]


def test_a_later_order_that_stands_is_news_and_an_hour_more_is_not(province: Province) -> None:
    other = "H49.12-20261123-0000002"
    accepted(province, ordered(province), at("10:00", MONDAY))
    accepted(province, ordered(province, other, cod=0), at("10:00", MONDAY))
    tracked(province, CODE, on=at("15:00", THURSDAY))
    tracked(province, other, record="r2", on=at("15:00", FRIDAY))
    steps = []
    for on in (DECEMBER[3], DECEMBER[3], DECEMBER[6]):
        province.look(at("08:00", on))
        steps.append(province.one("SELECT step FROM gateway.alert WHERE code = %s", STALLED))
    assert steps[0] == steps[1] < steps[2]
    text = province.standing(at("08:00", DECEMBER[6]), STALLED)[STALLED_CAUSE]
    assert "2 đơn đang đi" in text
    assert f"lâu nhất là đơn {CODE}" in text


def test_how_long_an_order_may_stand_is_a_setting_and_what_is_old_is_told_no_more(
    province: Province, own_config: Path
) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    tracked(province, CODE, on=at("15:00", THURSDAY))
    file = own_config / "alerts.toml"
    file.write_text(file.read_text("utf-8").replace("moved_working_days = 5", "moved_working_days = 6"), "utf-8")
    province.config = own_config
    assert province.standing(at("08:00", DECEMBER[3]), STALLED) == {}
    assert list(province.standing(at("08:00", DECEMBER[6]), STALLED)) == [STALLED_CAUSE]
    assert list(province.standing(at("08:00", date(2027, 2, 26)), STALLED)) == [STALLED_CAUSE]
    assert province.standing(at("08:00", date(2027, 2, 27)), STALLED) == {}


def test_where_the_postmans_calendar_cannot_be_read_its_alert_stays_as_it_is(
    province: Province, own_config: Path
) -> None:
    accepted(province, ordered(province), at("10:00", MONDAY))
    assert list(province.standing(at("08:00", FRIDAY), CALLED)) == [CAUSE]
    vnpost = province.partners["vnpost"]
    assert vnpost.calendar is not None
    lost = vnpost.model_copy(update={"calendar": vnpost.calendar.model_copy(update={"name": "nowhere"})})
    province.partners = {**province.partners, "vnpost": lost}
    with pytest.raises(ConfigurationError) as caught:
        province.look(at("08:15", FRIDAY))
    assert caught.value.code == "calendar-unknown"
    assert province.one("SELECT cleared_at FROM gateway.alert WHERE code = %s", CALLED) is None
