"""Messages that wait for people and need nothing more are set aside by operations: who may, which, and what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from gateway.application import dossiers, messages
from gateway.application.access import Person, Role
from gateway.errors import Conflict, Forbidden, GatewayError, NotFound
from gateway.messages import acts
from tests.application.office import Office
from tests.application.waiting_messages import message
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
_WHY = "giả mạo, đã báo công an, gọi từ 0912345678"
_MASKED = "giả mạo, đã báo công an, gọi từ •••••••678"


@pytest.fixture
def oanh(office: Office) -> Person:
    return office.person("oanh")


def step(office: Office, pk: int, state: str, reason: str = "again") -> None:
    """One step of the message, as its flow takes it."""
    with office.conn.transaction():
        office.conn.execute(
            "UPDATE gateway.message SET state = %s, reason = %s, waits_for = NULL, state_at = %s WHERE message_pk = %s",
            (state, reason, office.desk.clock.now(), pk),
        )


def listed(office: Office, *, aside: bool | None = None) -> list[int]:
    return [int(str(row["message_pk"])) for row in acts.find(office.conn, aside=aside)]


def refusal(office: Office, person: Person, *pks: int, reason: str = _WHY) -> GatewayError:
    before = office.rows("SELECT * FROM gateway.message_aside")
    with pytest.raises(GatewayError) as refused:
        messages.set_aside(office.desk, person, pks, reason=reason)
    assert office.rows("SELECT * FROM gateway.message_aside") == before
    return refused.value


def test_a_forged_message_is_set_aside_with_who_when_and_why(office: Office, oanh: Person) -> None:
    pk = message(office, "quarantined", reason="wrong-signature")
    messages.set_aside(office.desk, oanh, [pk], reason=f"  {_WHY} ")
    (row,) = acts.find(office.conn, state="quarantined")
    now = office.desk.clock.now()
    assert (row["aside_by"], row["aside_at"], row["aside_why"]) == ("oanh", now, _MASKED)
    told = acts.show(office.conn, pk)
    assert told["state"] == "quarantined"
    assert told["history"] == []
    assert told["set_aside"] == [{"by_user": "oanh", "at": now, "reason": _MASKED, "holds": True}]


@pytest.mark.parametrize("state", ["quarantined", "dead_lettered", "given_up", "parked"])
def test_what_waits_for_people_is_set_aside_until_its_next_step(office: Office, oanh: Person, state: str) -> None:
    """Also where no clock has moved between: what it saw is the message's last step."""
    pk, other = message(office, state), message(office, state)
    messages.set_aside(office.desk, oanh, [pk], reason=_WHY)
    assert (listed(office, aside=True), listed(office, aside=False)) == ([pk], [other])
    if direction_out := state == "given_up":
        acts.replay(office.conn, pk, actor="oanh", why="nhầm", now=office.desk.clock.now())
    else:
        acts.release(office.conn, [pk], actor="oanh", why="nhầm", now=office.desk.clock.now())
    assert listed(office, aside=True) == []
    step(office, pk, "sending" if direction_out else "quarantined")
    if direction_out:
        step(office, pk, "given_up")
    assert listed(office, aside=True) == []
    assert [row["holds"] for row in shown(office, pk)] == [False]
    messages.set_aside(office.desk, oanh, [pk], reason="lại như trước")
    assert [row["holds"] for row in shown(office, pk)] == [False, True]


def shown(office: Office, pk: int) -> list[Any]:
    told = acts.show(office.conn, pk)["set_aside"]
    assert isinstance(told, list)
    return told


@pytest.mark.parametrize("state", ["applied", "stored", "waiting", "sending", "in_doubt", "delivered"])
def test_a_message_that_waits_for_nobody_is_not_set_aside(office: Office, oanh: Person, state: str) -> None:
    pk = message(office, state)
    error = refusal(office, oanh, pk)
    assert isinstance(error, Conflict)
    assert (error.code, error.where, error.message) == ("message-awaits-nobody", f"message {pk}", f"it is {state}")
    assert error.action == "only quarantined, dead-lettered, given-up and parked messages are set aside"


def test_a_message_that_was_set_aside_already_says_by_whom(office: Office, oanh: Person) -> None:
    pk = message(office, "quarantined")
    messages.set_aside(office.desk, oanh, [pk], reason=_WHY)
    error = refusal(office, oanh, pk)
    assert isinstance(error, Conflict)
    assert (error.code, error.where) == ("message-set-aside-already", f"message {pk}")
    assert error.message == "oanh set it aside already, 2026-11-24 10:00 in Vietnam"


def test_several_are_set_aside_or_none(office: Office, oanh: Person) -> None:
    good, late, done = message(office, "quarantined"), message(office, "dead_lettered"), message(office, "applied")
    assert refusal(office, oanh, good, done, late).where == f"message {done}"
    unknown = refusal(office, oanh, good, 999_999)
    assert isinstance(unknown, NotFound)
    assert (unknown.code, unknown.where) == ("message-unknown", "message 999999")
    messages.set_aside(office.desk, oanh, [late, good, late], reason=_WHY)
    assert listed(office, aside=True) == [late, good]


def test_nothing_is_set_aside_without_a_reason(office: Office, oanh: Person) -> None:
    pk = message(office, "quarantined")
    assert refusal(office, oanh, pk, reason=" \n").code == "reason-missing"
    with pytest.raises(psycopg.errors.CheckViolation) as rule:
        office.desk.connection.execute(
            "INSERT INTO gateway.message_aside (message_pk, by_user, at, reason) VALUES (%s, 'oanh', now(), ' ')", (pk,)
        )
    assert rule.value.diag.constraint_name == "message_aside_has_a_reason"


def test_who_was_of_operations_when_the_page_was_opened_is_refused_by_the_schema(office: Office, oanh: Person) -> None:
    gone = Person("an", frozenset({Role.OPS}))
    error = refusal(office, gone, message(office, "quarantined"))
    assert isinstance(error, Forbidden)
    assert error.code == "act-not-allowed"


def test_money_that_is_booked_nowhere_before_its_dossier_comes_stays_asked_for(office: Office, oanh: Person) -> None:
    event, money = message(office, "parked"), message(office, "parked")
    office.conn.execute(
        "INSERT INTO gateway.business_transaction VALUES ('dossier', 'dossier_event', 'BL#1', %s, '5000')", (money,)
    )
    error = refusal(office, oanh, event, money)
    assert isinstance(error, Conflict)
    assert (error.code, error.where) == ("message-money-open", f"message {money}")
    assert error.message == "it tells money that is booked nowhere before its dossier is known"
    assert error.action == "get the dossier from the dossier system: then it is applied by itself"
    messages.set_aside(office.desk, oanh, [event], reason="hồ sơ thử")


@pytest.mark.parametrize(("state", "code"), [("in_doubt", "message-money-open"), ("refused", "")])
def test_the_order_of_a_refund_is_set_aside_once_its_money_is_known(
    office: Office, oanh: Person, state: str, code: str
) -> None:
    office.pay(office.owe(100_000), 130_000)
    office.conn.execute(
        "INSERT INTO gateway.refund (refund_id, payment_pk, partner, amount, reason, requested_at)"
        " SELECT 'HT261123000001A', payment_pk, partner, 30000, 'thừa', now() FROM gateway.payment"
    )
    for change in (
        "'proposed', proposed_by = 'chi', proposed_at = now()",
        "'approved', approved_by = 'binh', approved_at = now()",
        "'in_doubt', in_doubt_at = now()",
        "'refused', ended_at = now()",
    ):
        office.conn.execute(f"UPDATE gateway.refund SET state = {change}".encode())
        if change.startswith(f"'{state}'"):
            break
    pk = message(office, "given_up", kind="refund", transaction_id="HT261123000001A")
    if code:
        error = refusal(office, oanh, pk)
        assert (error.code, error.message) == (code, "nobody knows yet whether its refund was paid")
    else:
        messages.set_aside(office.desk, oanh, [pk], reason="ngân hàng từ chối, đã lập lệnh khác")
        assert listed(office, aside=True) == [pk]


def test_the_timeline_and_the_thread_tell_that_a_message_was_set_aside(office: Office, oanh: Person) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    pk = message(office, "quarantined")
    office.conn.execute("UPDATE gateway.message SET dossier_code = %s WHERE message_pk = %s", (office.code(), pk))
    messages.set_aside(office.desk, oanh, [pk], reason=_WHY)
    told = dossiers.timeline(office.desk, oanh, office.code())
    (event,) = [event for event in told.events if event.kind == "message_aside"]
    assert (event.state, event.reference, event.detail, event.key) == ("aside", "oanh", _MASKED, f"in:{pk}")
    thread = dossiers.thread(office.desk, oanh, "bank-a", MONDAY, row.row_key)
    kinds = [event.kind for stage in thread.stages if stage.kind == "message" for event in stage.events]
    assert "message_aside" in kinds
    acts.release(office.conn, [pk], actor="oanh", why="xét lại", now=office.desk.clock.now() + timedelta(hours=1))
    told = dossiers.timeline(office.desk, oanh, office.code())
    assert [event.state for event in told.events if event.kind == "message_aside"] == ["aside_before"]
    assert not [event for event in dossiers.timeline(office.desk, office.person("vy"), office.code()).events
                if event.kind == "message_aside"]  # fmt: skip
