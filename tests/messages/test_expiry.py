"""Bytes may go before the record that they existed; never while anybody may still need them."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import psycopg
import pytest

from gateway.messages import dispatch, doubt, expiry, outbox, receive, store
from gateway.messages.store import Connection
from gateway.model import Knowledge, MessageState, SendVerdict
from tests.messages.partner_double import NOON, Business, Partner, order, raw
from tests.messages.test_dispatch import route
from tests.messages.test_receive import inbox, receipts_told

pytestmark = pytest.mark.services

DECEMBER = date(2026, 12, 1)  # everything below is of November
GOES = {MessageState.APPLIED, MessageState.DUPLICATE, MessageState.DELIVERED}


def expire(connection: Connection, before: date = DECEMBER, unreconciled: frozenset[int] = frozenset()) -> int:
    """With the rights that the nightly run has."""
    connection.execute("SET ROLE gateway_worker")
    try:
        return expiry.expire_bodies(connection, before=before, now=NOON, unreconciled=unreconciled)
    finally:
        connection.execute("RESET ROLE")


def stored(connection: Connection) -> None:
    store.store(connection, [raw(id="e1")], now=NOON)


def applied(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", opens=True, dossier="D1")], inbox())


def duplicate(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1"), raw(id="e1")], inbox())


def quarantined(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", forged=True)], inbox())


def parked(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", dossier="D1")], inbox())


def dead_lettered(connection: Connection) -> None:
    store.store(connection, [raw(id="e1")], now=NOON, dead_letter_reason="delivered too often")


def waiting(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    dispatch.dispatch(connection, route(Partner(answers=[SendVerdict.UNAVAILABLE])))


def sending(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    way = route(Partner())
    claimed = dispatch.claim(connection, way, order(1).kind, 1)
    assert len(claimed) == 1


def in_doubt(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    dispatch.dispatch(connection, route(Partner(answers=[SendVerdict.IN_DOUBT])))


def delivered(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    dispatch.dispatch(connection, route(Partner()))


def given_up(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    dispatch.dispatch(connection, route(Partner(answers=[SendVerdict.REFUSED])))


STORIES = (
    stored, applied, duplicate, quarantined, parked, dead_lettered, waiting, sending, in_doubt, delivered, given_up,
)  # fmt: skip


def kept(connection: Connection, state: str) -> tuple[int, int]:
    """Of messages in that state: how many have their body, and how many attempts their bytes."""
    bodies = connection.execute(
        "SELECT count(b.body) FROM gateway.message m LEFT JOIN gateway.message_body b USING (message_pk)"
        " WHERE m.state = %s",
        (state,),
    ).fetchone()
    attempts = connection.execute(
        "SELECT count(request) FROM gateway.attempt JOIN gateway.message USING (message_pk) WHERE state = %s", (state,)
    ).fetchone()
    assert bodies is not None
    assert attempts is not None
    return int(str(bodies[0])), int(str(attempts[0]))


def test_every_state_has_its_story() -> None:
    assert {story.__name__ for story in STORIES} == set(MessageState)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_bytes_go_of_settled_messages_alone(connection: Connection, story: object) -> None:
    """Failed, pending, in doubt and parked messages keep theirs, and those of their attempts."""
    assert callable(story)
    story(connection)
    state = MessageState(story.__name__)
    before = kept(connection, state)
    assert before[0] == 1, "the story came to its state"
    gone = expire(connection)
    if state in GOES:
        assert kept(connection, state) == (0, 0)
        assert gone >= 1
    else:
        assert kept(connection, state) == before


def test_an_attempt_of_a_message_in_doubt_keeps_what_left_us_and_a_delivered_one_its_digest(
    connection: Connection,
) -> None:
    in_doubt(connection)
    expire(connection)
    assert connection.execute("SELECT request FROM gateway.attempt").fetchall() == [(b'{"id": "m-1", "attempt": 1}',)]
    doubt.settle(connection, route(Partner(knows=Knowledge.HAS_IT), at=timedelta(hours=1)))
    expire(connection)
    left = connection.execute("SELECT act, request, reply, request_sha256 IS NOT NULL FROM gateway.attempt").fetchall()
    assert ("send", None, None, True) in left


def test_what_is_not_reconciled_keeps_its_bytes_whatever_its_state(connection: Connection) -> None:
    applied(connection)
    delivered(connection)
    everything = frozenset(int(str(pk)) for (pk,) in connection.execute("SELECT message_pk FROM gateway.message"))
    assert expire(connection, unreconciled=everything) == 0
    assert connection.execute("SELECT count(*) FROM gateway.attempt WHERE request IS NULL").fetchone() == (0,)
    assert expire(connection) > 0


def test_a_duplicate_keeps_its_bytes_as_long_as_its_first_may_be_refused(connection: Connection) -> None:
    """It is judged again from them then."""
    business = Business()
    wrong = raw(id="e1", dossier="D1", transaction="T1", amount=7, refuse="receipt-reused", early=True)
    receive.receive(connection, [wrong, raw(id="e2", transaction="T1", amount=7)], inbox(business))
    assert expire(connection) == 0
    receive.receive(connection, [raw(id="e0", dossier="D1", opens=True)], inbox(business))
    became = connection.execute("SELECT state FROM gateway.message WHERE direction = 'in' ORDER BY 1").fetchall()
    assert became == [("applied",), ("applied",), ("quarantined",)]


def test_the_month_that_is_not_over_keeps_everything(connection: Connection) -> None:
    applied(connection)
    assert expire(connection, before=date(2026, 11, 30)) == 0


def test_record_digest_history_and_receipt_stay_when_the_bytes_go(connection: Connection) -> None:
    business = Business()
    receive.receive(connection, [raw(id="e1", dossier="D1", amount=7)], inbox(business))
    receive.receive(connection, [raw(id="e0", dossier="D1", opens=True)], inbox(business))
    facts = (
        "SELECT * FROM gateway.message WHERE state = 'applied' ORDER BY 1",
        "SELECT * FROM gateway.message_history ORDER BY step_no",
        "SELECT * FROM gateway.receipt ORDER BY 1",
        "SELECT * FROM gateway.message_key ORDER BY 2",
    )
    before = [connection.execute(fact).fetchall() for fact in facts]
    assert expire(connection) == 2
    assert [connection.execute(fact).fetchall() for fact in facts] == before
    assert all(before)
    (digest,) = connection.execute("SELECT body_sha256 FROM gateway.message WHERE message_id = 'e1'").fetchone() or (
        "",
    )
    assert digest == hashlib.sha256(raw(id="e1", dossier="D1", amount=7).body).digest()


def test_a_duplicate_of_what_expired_still_gets_the_first_receipt(connection: Connection) -> None:
    applied(connection)
    expire(connection)
    report = receive.receive(connection, [raw(id="e1", opens=True, dossier="D1")], inbox())
    assert report.counts == {"duplicate": 1}
    kept_receipt = connection.execute("SELECT convert_from(receipt, 'UTF8') FROM gateway.receipt").fetchone()
    assert kept_receipt is not None
    assert json.loads(receipts_told(connection)[-1])["data"]["receipts"] == [kept_receipt[0]]


@pytest.mark.parametrize("table", ["message", "receipt", "message_history"])
def test_the_nightly_run_has_no_right_to_let_the_record_go(connection: Connection, table: str) -> None:
    applied(connection)
    connection.execute("SET ROLE gateway_worker")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"DELETE FROM gateway.{table}".encode())
