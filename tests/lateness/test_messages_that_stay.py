"""Messages that only a person ends are one alert per cause, however many they are, and end with the last of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.application import messages
from gateway.application.access import Person, Role
from gateway.errors import Conflict
from gateway.ledger import postal
from gateway.model import PostalEvent
from gateway.partners import load_partners
from tests.lateness.watched import Province, at
from tests.ledger.story import CODE

pytestmark = pytest.mark.services


def left(province: Province, direction: str, state: str, reason: str, count: int = 1) -> None:
    for _ in range(count):
        province.conn.execute(
            "UPDATE gateway.message SET partner = 'bank-a', direction = %s, state = %s, reason = %s,"
            " message_id = message_pk::text, kind = 'payment_status', next_attempt_at = now(), created_at = %s,"
            " state_at = %s, waits_for = %s WHERE message_pk = %s",
            (direction, state, reason, at("06:00"), at("06:00"), "H49" if state == "parked" else None)
            + (province.message(),),
        )


@pytest.fixture(autouse=True)
def _any_step(province: Province) -> None:
    province.conn.execute("ALTER TABLE gateway.message DISABLE TRIGGER message_step")


def test_what_was_refused_or_given_up_is_one_alert_per_partner_with_its_reasons(province: Province) -> None:
    left(province, "in", "quarantined", "wrong-signature", 3)
    for reason in ("certificate-expired", "id-reused", "bad-xml"):
        left(province, "in", "quarantined", reason)
    left(province, "out", "given_up", "partner-refused", 2)
    found = province.standing(at("07:00"))
    assert {cause: text for cause, text in found.items() if cause.startswith("messages-")} == {
        "messages-quarantined:bank-a": "Ngân hàng A: 6 thông điệp bị cách ly: 3 chữ ký không hợp lệ; 1 bad-xml;"
        " 1 chứng thư đã hết hạn; và 1 lý do khác.",
        "messages-given-up:bank-a": "Ngân hàng A: 2 thông điệp không gửi được: 2 đối tác từ chối.",
    }
    province.conn.execute("SELECT set_config('gateway.actor', 'oanh', true)")
    province.conn.execute("UPDATE gateway.message SET state = 'waiting' WHERE state = 'given_up'")
    assert province.standing(at("07:15"), "messages-given-up") == {}


def test_a_message_waits_too_long_after_four_hours(province: Province) -> None:
    left(province, "out", "waiting", "", 1)
    assert province.standing(at("10:00"), "messages-waiting-long") == {}
    assert province.standing(at("10:01"), "messages-waiting-long") == {
        "messages-waiting-long:bank-a:waiting": "Ngân hàng A: 1 thông điệp chờ gửi quá 4 giờ."
    }


def test_what_the_broker_gave_up_is_an_alert_at_once(province: Province) -> None:
    left(province, "in", "dead_lettered", "dead-lettered", 2)
    assert province.standing(at("06:00"), "messages-dead-lettered") == {
        "messages-dead-lettered:bank-a": "Ngân hàng A: 2 thông điệp không xử lý được, hàng đợi đã trả lại:"
        " 2 bị loại sau nhiều lần giao."
    }
    province.conn.execute("SELECT set_config('gateway.actor', 'oanh', true)")
    province.conn.execute("UPDATE gateway.message SET state = 'stored', reason = 'released', state_at = now()")
    assert province.standing(at("06:15"), "messages-dead-lettered") == {}


@pytest.mark.parametrize(
    ("state", "code", "late", "text"),
    [
        ("parked", "messages-parked-long", "10:01", "1 thông điệp đến trước hồ sơ của nó, chờ quá 4 giờ"),
        ("stored", "messages-stored-long", "07:01", "1 thông điệp đã nhận mà chưa xử lý quá 1 giờ"),
    ],
)
def test_money_may_hide_in_what_stays_parked_or_stored(
    province: Province, state: str, code: str, late: str, text: str
) -> None:
    """A counter payment that waits is booked nowhere: somebody is told."""
    left(province, "in", state, "dossier-unknown")
    assert province.standing(at(f"{late[:3]}00"), code) == {}
    assert province.standing(at(late), code) == {f"{code}:bank-a:{state}": f"Ngân hàng A: {text}."}
    province.conn.execute("UPDATE gateway.message SET state = 'applied', reason = '', waits_for = NULL")
    assert province.standing(at("11:00"), code) == {}


def test_what_a_person_released_is_given_its_time_again(province: Province) -> None:
    left(province, "in", "stored", "released")
    province.conn.execute("UPDATE gateway.message SET state_at = %s", (at("09:30"),))
    assert province.standing(at("10:00"), "messages-stored-long") == {}


def quarantine_step(province: Province, hour: str) -> int:
    province.look(at(hour))
    return int(province.one("SELECT step FROM gateway.alert WHERE code = 'messages-quarantined'"))


def test_refused_messages_are_news_ten_times_as_many_or_on_a_later_day(province: Province) -> None:
    steps = []
    for count in (1, 8, 1):
        left(province, "in", "quarantined", "wrong-signature", count)
        province.conn.execute("UPDATE gateway.message SET state_at = %s", (at("07:00"),))
        steps.append(quarantine_step(province, "07:00"))
    province.conn.execute("UPDATE gateway.message SET state = 'applied', reason = '' WHERE message_pk > 2")
    steps.append(quarantine_step(province, "07:15"))
    province.conn.execute(
        "UPDATE gateway.message SET state_at = %s WHERE message_pk = 1", (at("07:00", date(2026, 11, 26)),)
    )
    steps.append(quarantine_step(province, "07:30"))
    first = steps[0]
    assert steps == [first, first, first + 1, first, first + 10]


def test_a_partner_that_stays_silent_is_told_once_its_circuit_was_probed_often(province: Province) -> None:
    province.conn.execute(
        "INSERT INTO gateway.circuit (partner, failures, open_until, changed_at) VALUES ('bank-a', 8, now(), now())"
    )
    assert province.standing(at("07:00"), "circuit-open-long") == {}
    province.conn.execute("UPDATE gateway.circuit SET failures = 9")
    assert set(province.standing(at("07:15"), "circuit-open-long")) == {"circuit-open-long:bank-a"}
    province.conn.execute("UPDATE gateway.circuit SET failures = 0, open_until = NULL")
    assert province.standing(at("07:30"), "circuit-open-long") == {}


def test_an_unknown_postal_code_is_an_alert_until_the_table_knows_it(province: Province, own_config: Path) -> None:
    event = PostalEvent("r1", CODE, "EV1", "77", "chữ của bưu điện", None, province.now, 0)
    postal.apply_tracking(
        province.conn, [(province.message(), event)], partner="vnpost", partners=province.partners, now=province.now
    )
    assert set(province.standing(at("07:00"), "postal-status-unknown")) == {"postal-status:vnpost:77"}
    file = own_config / "partners" / "vnpost.toml"
    file.write_text(file.read_text().replace('statuses = { "1"', 'statuses = { "77" = "delivering", "1"'))
    province.partners = load_partners(own_config / "partners", {})
    assert province.standing(at("07:15"), "postal-status-unknown") == {}


def set_aside(province: Province, state: str) -> None:
    oanh = Person("oanh", frozenset({Role.OPS}))
    waiting = [int(pk) for (pk,) in province.rows("SELECT message_pk FROM gateway.message WHERE state = %s", state)]
    messages.set_aside(province.desk(at("08:00")), oanh, waiting, reason="giả mạo, đã báo ngân hàng")


@pytest.mark.parametrize(
    ("direction", "state", "code", "again"),
    [
        ("in", "quarantined", "messages-quarantined", "stored"),
        ("in", "dead_lettered", "messages-dead-lettered", "stored"),
        ("out", "given_up", "messages-given-up", "waiting"),
        ("in", "parked", "messages-parked-long", "stored"),
    ],
)
def test_an_alert_ends_when_its_messages_are_set_aside_and_comes_back_when_one_fails_again(
    province: Province, direction: str, state: str, code: str, again: str
) -> None:
    province.conn.execute("ALTER TABLE gateway.message ENABLE TRIGGER message_step")
    province.conn.execute("SET session_replication_role = replica")
    left(province, direction, state, "dossier-unknown", 2)
    province.conn.execute("SET session_replication_role = origin")
    (cause,) = province.standing(at("11:00"), code)
    set_aside(province, state)
    assert province.standing(at("11:15"), code) == {}
    first = province.one("SELECT min(message_pk) FROM gateway.message")
    for step in (again, *(["sending"] if direction == "out" else []), *([state] if state != "dead_lettered" else [])):
        province.conn.execute("SELECT set_config('gateway.actor', %s, true)", ("oanh" if step == again else "",))
        province.conn.execute(
            "UPDATE gateway.message SET state = %s, waits_for = CASE %s WHEN 'parked' THEN 'H49' END, claimed_by = 'w',"
            " claimed_until = now() WHERE message_pk = %s",
            (step, step, first),
        )
    # Its times are the old ones: what counts is the step. (What the broker gave up is judged; it fails in another way.)
    expected = {cause} if state != "dead_lettered" else set()
    assert set(province.standing(at("11:30"), code)) == expected


def test_of_several_only_what_nobody_set_aside_is_told(province: Province) -> None:
    left(province, "in", "quarantined", "wrong-signature", 2)
    province.standing(at("07:00"))
    set_aside(province, "quarantined")
    left(province, "in", "quarantined", "id-reused")
    assert province.standing(at("08:15"), "messages-quarantined") == {
        "messages-quarantined:bank-a": "Ngân hàng A: 1 thông điệp bị cách ly: 1 định danh thông điệp dùng lại với nội"
        " dung khác."
    }


def test_what_is_in_doubt_or_not_judged_yet_is_told_whatever_people_say(province: Province) -> None:
    for direction, state in (("out", "in_doubt"), ("in", "stored")):
        left(province, direction, state, "in-doubt")
        with pytest.raises(Conflict) as refused:
            set_aside(province, state)
        assert refused.value.code == "message-awaits-nobody"
    assert set(province.standing(at("11:00"))) >= {
        "messages-waiting-long:bank-a:in_doubt",
        "messages-stored-long:bank-a:stored",
    }
