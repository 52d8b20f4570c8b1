"""Every state and every step: what the schema allows is what docs/messages.md tells, and no more."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Literal

import psycopg
import pytest

from gateway.clock import FixedClock
from gateway.errors import Conflict
from gateway.messages import acts, receive, store
from gateway.messages.store import Connection
from gateway.model import Incoming, RawMessage
from tests.messages.documented_states import IN, OUT, births, steps
from tests.messages.partner_double import NOON, Business, JsonReader, raw

pytestmark = pytest.mark.services

# What the other constraints ask of each state, so that nothing but the step itself is judged.
_FITTING = (
    "state = %(state)s, reason = 'x', waits_for = CASE %(state)s WHEN 'parked' THEN 'D1' END,"
    " duplicate_of = CASE %(state)s WHEN 'duplicate' THEN %(other)s::bigint END, next_attempt_at = now(),"
    " claimed_by = 'w', claimed_until = now()"
)


def born(connection: Connection, direction: str, state: str, number: int) -> int:
    row = connection.execute(
        "INSERT INTO gateway.message (direction, partner, kind, state, message_id, body_month, body_sha256, body_size,"
        " business_on, created_at, state_at, reason, next_attempt_at, claimed_by, claimed_until, waits_for)"
        " VALUES (%s, 'p', 'event', %s, %s, '2026-11-01', %s, 1, '2026-11-23', now(), now(), 'x', now(), 'w', now(),"
        "         CASE %s WHEN 'parked' THEN 'D1' END) RETURNING message_pk",
        (direction, state, f"m{number}", hashlib.sha256(b"").digest(), state),
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def put(connection: Connection, pk: int, state: str, other: int) -> None:
    """As if it had come to ``state`` by documented steps."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            f"UPDATE gateway.message SET {_FITTING} WHERE message_pk = %(pk)s".encode(),
            {"pk": pk, "state": state, "other": other},
        )
        connection.execute("DELETE FROM gateway.message_history")


Became = Literal["told", "plain"] | None


def stepped(connection: Connection, pk: int, state: str, other: int) -> Became:
    """What the schema makes of the step; None where it does not exist."""
    refused = None
    try:
        with connection.transaction():
            # Some steps are for people of operations alone: here the question is which steps there are.
            connection.execute("SELECT set_config('gateway.actor', 'oanh', true)")
            connection.execute(
                f"UPDATE gateway.message SET {_FITTING} WHERE message_pk = %(pk)s".encode(),
                {"pk": pk, "state": state, "other": other},
            )
    except psycopg.errors.CheckViolation as error:
        refused = error.diag.constraint_name
    if refused:
        assert refused == "message_step", state
        return None
    told = connection.execute("SELECT from_state, to_state FROM gateway.message_history").fetchall()
    assert all(row[1] == state for row in told)
    return "told" if told else "plain"


@pytest.mark.parametrize(("direction", "mine"), [("in", IN), ("out", OUT)], ids=["in", "out"])
def test_of_all_pairs_of_states_exactly_the_documented_steps_exist(
    connection: Connection, direction: str, mine: tuple[str, ...]
) -> None:
    first = next(iter(sorted(births() & set(mine))))
    other, pk = born(connection, direction, first, 1), born(connection, direction, first, 2)
    put(connection, other, "quarantined" if direction == "in" else first, pk)  # what a duplicate repeats
    found: dict[tuple[str, str], Became] = {}
    for old in mine:
        for new in (*IN, *OUT):
            if new != old:
                put(connection, pk, old, other)
                found[old, new] = stepped(connection, pk, new, other)
    documented = {step: "told" if told else "plain" for step, told in steps().items() if step[0] in mine}
    assert len(found) == len(mine) * 10
    assert {step: became for step, became in found.items() if became} == documented


def test_a_message_is_born_in_the_documented_states_alone(connection: Connection) -> None:
    found, refusals = set(), set()
    for number, (direction, state) in enumerate([("in", state) for state in IN] + [("out", state) for state in OUT]):
        try:
            born(connection, direction, state, number)
            found.add(state)
        except psycopg.errors.CheckViolation as error:
            refusals.add(error.diag.constraint_name)
    assert found == births()
    assert refusals == {"message_birth"}


def inbox(business: Business, reader: JsonReader | None = None) -> receive.Inbox:
    return receive.Inbox(reader or JsonReader(), business, FixedClock(NOON))


def became(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT state, reason FROM gateway.message WHERE direction = 'in' ORDER BY message_pk"
    ).fetchall()


def story_of(connection: Connection, pk: int) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT from_state, to_state, actor FROM gateway.message_history WHERE message_pk = %s ORDER BY step_no", (pk,)
    ).fetchall()


def pk_of(connection: Connection, place: int) -> int:
    """The identity of the incoming message that came in that place."""
    rows = connection.execute("SELECT message_pk FROM gateway.message WHERE direction = 'in' ORDER BY 1").fetchall()
    return int(str(rows[place - 1][0]))


def only(connection: Connection, state: str) -> int:
    ((pk,),) = connection.execute("SELECT message_pk FROM gateway.message WHERE state = %s", (state,)).fetchall()
    return int(str(pk))


def test_a_parked_message_that_is_released_is_judged_again_under_its_own_id(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", dossier="D1")], inbox(Business()))
    pk = only(connection, "parked")
    acts.release(connection, [pk], actor="oanh", why="the dossier is known", now=NOON)
    assert became(connection) == [("stored", "released")]
    assert receive.resume(connection, "dossier", inbox(Business({"D1"}))).counts == {"applied": 1}
    assert story_of(connection, pk) == [("stored", "parked", "machine"), ("parked", "stored", "oanh")]


def test_nothing_is_released_or_sent_again_without_a_reason(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", dossier="D1")], inbox(Business()))
    pk = only(connection, "parked")
    for act in (
        lambda: acts.release(connection, [pk], actor="oanh", why=" ", now=NOON),
        lambda: acts.replay(connection, pk, actor="oanh", why="", now=NOON),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert (refused.value.code, refused.value.where) == ("reason-missing", f"message {pk}")
    assert story_of(connection, pk) == [("stored", "parked", "machine")]


def test_a_dead_letter_that_is_released_is_applied_from_its_bytes(connection: Connection) -> None:
    store.store(connection, [raw(id="e1", amount=7)], now=NOON, dead_letter_reason="delivered too often")
    pk = only(connection, "dead_lettered")
    assert receive.resume(connection, "dossier", inbox(Business())).counts == {}
    acts.release(connection, [pk], actor="oanh", why="the bug is mended", now=NOON)
    assert receive.resume(connection, "dossier", inbox(Business())).counts == {"applied": 1}
    assert connection.execute("SELECT amount FROM gateway_test.effect").fetchall() == [(7,)]
    assert story_of(connection, pk) == [("dead_lettered", "stored", "oanh")]
    with pytest.raises(Conflict) as refused:
        acts.release(connection, [pk], actor="oanh", why="again", now=NOON)
    assert refused.value.code == "message-not-releasable"


def test_a_parked_message_that_turns_out_wrong_is_quarantined_and_gives_its_keys_back(connection: Connection) -> None:
    business = Business()
    receive.receive(connection, [raw(id="e1", dossier="D1", transaction="T1", amount=-1)], inbox(business))
    receive.receive(connection, [raw(id="e0", dossier="D1", opens=True)], inbox(business))
    assert became(connection) == [("quarantined", "breaks-a-constraint"), ("applied", "")]
    assert story_of(connection, pk_of(connection, 1))[-1] == ("parked", "quarantined", "machine")
    receive.receive(connection, [raw(id="e1", dossier="D1", transaction="T1", amount=5)], inbox(business))
    assert became(connection)[-1] == ("applied", "")


@dataclass
class Newer(JsonReader):
    """A release that knows which transaction a message tells of; the one before did not."""

    def read(self, raw: RawMessage) -> Incoming:
        return replace(super().read(raw), transaction_id=json.loads(raw.body).get("number"))


def test_a_parked_message_that_another_has_told_meanwhile_is_its_duplicate(connection: Connection) -> None:
    business = Business()
    receive.receive(connection, [raw(id="e1", dossier="D1", number="T1", amount=7)], inbox(business))
    receive.receive(connection, [raw(id="e2", number="T1", amount=7)], inbox(business, Newer()))
    receive.receive(connection, [raw(id="e0", dossier="D1", opens=True)], inbox(business, Newer()))
    assert became(connection) == [("duplicate", ""), ("applied", ""), ("applied", "")]
    assert story_of(connection, pk_of(connection, 1)) == [
        ("stored", "parked", "machine"),
        ("parked", "duplicate", "machine"),
    ]
    assert connection.execute("SELECT sum(amount) FROM gateway_test.effect").fetchall() == [(7,)]


def test_the_correction_of_a_parked_message_that_is_refused_later_is_judged_again(connection: Connection) -> None:
    """It was called a duplicate while the first one waited; the first one is refused, and the money is not lost."""
    business = Business()
    wrong = raw(id="e1", dossier="D1", transaction="T1", amount=7, refuse="receipt-reused", early=True)
    receive.receive(connection, [wrong], inbox(business))
    right = [raw(id=number, transaction="T1", amount=7) for number in ("e2", "e3")]
    receive.receive(connection, right, inbox(business))
    assert [state for state, _ in became(connection)] == ["parked", "duplicate", "duplicate"]
    receive.receive(connection, [raw(id="e0", dossier="D1", opens=True)], inbox(business))
    assert became(connection) == [
        ("quarantined", "receipt-reused"), ("applied", ""), ("duplicate", ""), ("applied", ""),
    ]  # fmt: skip
    assert connection.execute("SELECT sum(amount) FROM gateway_test.effect").fetchall() == [(7,)]
    assert story_of(connection, pk_of(connection, 2)) == [("duplicate", "stored", "machine")]
    of = connection.execute("SELECT duplicate_of FROM gateway.message WHERE state = 'duplicate'").fetchall()
    assert of == [(pk_of(connection, 2),)]


def test_a_duplicate_of_an_applied_message_is_never_judged_again(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1"), raw(id="e1")], inbox(Business()))
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute("UPDATE gateway.message SET state = 'stored', duplicate_of = NULL WHERE state = 'duplicate'")
    assert refused.value.diag.constraint_name == "message_first_rejected"
