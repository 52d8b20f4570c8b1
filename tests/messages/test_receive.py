"""What a partner's message becomes, whatever happens to it on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import FixedClock
from gateway.messages import acts, receipts, receive, store
from gateway.messages.store import Connection
from gateway.model import Incoming, RawMessage
from tests.messages.partner_double import NOON, Business, JsonReader, raw

pytestmark = pytest.mark.services


def inbox(business: Business | None = None, **changes: object) -> receive.Inbox:
    return receive.Inbox(
        reader=JsonReader(),
        apply=business or Business(),
        clock=FixedClock(NOON),
        receipts=receipts.Issuer("dossier", lambda content: b"signed:" + content),
        **changes,  # type: ignore[arg-type]  # a test names the fields it changes
    )


def states(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT state, reason FROM gateway.message WHERE direction = 'in' ORDER BY message_pk"
    ).fetchall()
    return [(str(state), str(reason)) for state, reason in rows]


def effects(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM gateway_test.effect").fetchone()
    assert row is not None
    return int(str(row[0]))


def receipts_told(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT convert_from(body, 'UTF8') FROM gateway.message_body JOIN gateway.message USING (message_pk)"
        " WHERE kind = 'event' ORDER BY message_pk"
    ).fetchall()
    return [str(row[0]) for row in rows]


def test_a_new_message_is_applied_with_its_outbox_row_and_receipt(connection: Connection) -> None:
    report = receive.receive(connection, [raw(id="e1", opens=True, dossier="D1", amount=5)], inbox())
    assert report.counts == {"applied": 1}
    assert effects(connection) == 1
    waiting = connection.execute("SELECT kind FROM gateway.message WHERE state = 'waiting' ORDER BY 1").fetchall()
    assert waiting == [("event",), ("payment_request_create",)]
    assert connection.execute("SELECT count(*) FROM gateway.receipt").fetchone() == (1,)


def test_a_duplicate_gets_the_first_receipt_byte_for_byte_and_changes_nothing(connection: Connection) -> None:
    message = raw(id="e1", opens=True, dossier="D1")
    receive.receive(connection, [message], inbox())
    report = receive.receive(connection, [message], inbox())
    assert report.counts == {"duplicate": 1}
    assert effects(connection) == 1
    first, second = receipts_told(connection)
    assert first.split('"receipts":')[1].split("]")[0] == second.split('"receipts":')[1].split("]")[0]


def test_what_a_transport_says_and_no_table_can_keep_holds_up_no_other_message(connection: Connection) -> None:
    strange = replace(raw(id="e1"), transport_id="nul\x00half\ud800", content_type="a\x00b")
    way = replace(inbox(), receipts=receipts.Issuer("dossier", lambda content: content.hex().encode()))
    assert receive.receive(connection, [strange, raw(id="e2")], way).counts == {"applied": 2}
    dead = replace(strange, dead_letter_reason="\x00\udfff")
    (kept,) = store.store(connection, [dead], now=NOON, dead_letter_reason="given up")
    told = connection.execute(
        "SELECT transport_id, content_type, detail FROM gateway.message WHERE message_pk = %s", (kept.message_pk,)
    ).fetchone()
    assert told == ("nul\ufffdhalf\ufffd", "a\ufffdb", "given up: \ufffd\ufffd")


def test_two_of_the_same_in_one_batch_are_one_and_a_duplicate(connection: Connection) -> None:
    report = receive.receive(connection, [raw(id="e1"), raw(id="e1")], inbox())
    assert report.counts == {"applied": 1, "duplicate": 1}
    assert effects(connection) == 1


def test_the_same_id_with_other_bytes_is_refused_as_id_reused(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", amount=1)], inbox())
    receive.receive(connection, [raw(id="e1", amount=2)], inbox())
    assert states(connection) == [("applied", ""), ("quarantined", "id-reused")]
    assert effects(connection) == 1


def test_a_known_transaction_under_a_new_id_is_a_duplicate(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", transaction="T1", amount=10)], inbox())
    receive.receive(connection, [raw(id="e2", transaction="T1", amount=10)], inbox())
    assert states(connection) == [("applied", ""), ("duplicate", "")]
    assert effects(connection) == 1


def test_a_known_transaction_with_another_amount_is_a_conflict(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", transaction="T1", amount=10)], inbox())
    receive.receive(connection, [raw(id="e2", transaction="T1", amount=11)], inbox())
    assert states(connection) == [("applied", ""), ("quarantined", "transaction-conflict")]
    assert effects(connection) == 1


def test_a_rejected_message_does_not_occupy_its_id_and_its_correction_is_welcome(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", forged=True)], inbox())
    receive.receive(connection, [raw(id="e1")], inbox())
    assert states(connection) == [("quarantined", "wrong-signature"), ("applied", "")]


def test_a_message_the_ledger_refuses_gives_its_transaction_back(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", transaction="T1", amount=-1)], inbox())
    receive.receive(connection, [raw(id="e2", transaction="T1", amount=1)], inbox())
    assert states(connection) == [("quarantined", "breaks-a-constraint"), ("applied", "")]


def test_one_bad_message_blocks_no_other(connection: Connection) -> None:
    batch = [raw(id="e1"), RawMessage("dossier", raw().kind, b"\xff no json"), raw(id="e2", amount=-5), raw(id="e3")]
    report = receive.receive(connection, batch, inbox())
    assert report.counts == {"applied": 2, "quarantined": 2}
    assert effects(connection) == 2


def test_an_event_that_came_too_early_is_parked_and_applied_when_its_dossier_comes(connection: Connection) -> None:
    business = Business()
    receive.receive(connection, [raw(id="e1", dossier="D1", amount=7)], inbox(business))
    assert states(connection) == [("parked", "dossier-unknown")]
    receive.receive(connection, [raw(id="e2", dossier="D1", opens=True)], inbox(business))
    assert states(connection) == [("applied", ""), ("applied", "")]
    assert effects(connection) == 2


def test_an_expired_message_that_is_unknown_is_stale_and_one_of_the_future_is_refused(connection: Connection) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    old = raw(id="e1", expires_at=past.isoformat(), sent_at=(past - timedelta(minutes=5)).isoformat())
    receive.receive(connection, [old], inbox())
    assert states(connection) == [("quarantined", "stale-timestamp")]
    soon = datetime.now(UTC) + timedelta(hours=1)
    receive.receive(connection, [raw(id="e2", sent_at=soon.isoformat(), expires_at=soon.isoformat())], inbox())
    assert states(connection)[-1] == ("quarantined", "future-timestamp")


@pytest.mark.parametrize(("came", "becomes"), [(-20, ("applied", "")), (0, ("quarantined", "stale-timestamp"))])
def test_freshness_is_that_of_the_hour_in_which_a_message_came_however_late_it_is_judged(
    connection: Connection, came: int, becomes: tuple[str, str]
) -> None:
    """A run was killed before it judged the message, and the next one comes when its timestamp has run out."""
    expired = datetime.now(UTC) - timedelta(minutes=15)
    told = raw(id="e1", expires_at=expired.isoformat(), sent_at=(expired - timedelta(minutes=5)).isoformat())
    store.store(connection, [told], now=NOON)
    connection.execute("UPDATE gateway.message SET received_at = clock_timestamp() + %s", (timedelta(minutes=came),))
    receive.resume(connection, "dossier", inbox())
    assert states(connection) == [becomes]


def test_what_a_person_releases_later_is_as_fresh_as_when_it_came(connection: Connection) -> None:
    expires = datetime.now(UTC) - timedelta(minutes=4)  # within the skew, still
    told = raw(id="e1", refuse="list-missing", expires_at=expires.isoformat(), sent_at=expires.isoformat())
    receive.receive(connection, [told], inbox())
    [(pk,)] = connection.execute(
        "UPDATE gateway.message SET received_at = received_at - interval '1 hour' WHERE direction = 'in'"
        " RETURNING message_pk"
    ).fetchall()
    acts.release(connection, [int(str(pk))], actor="oanh", why="the list is here", now=NOON)
    an_hour_later = replace(inbox(), reader=Signed(expires - timedelta(hours=1)))
    receive.resume(connection, "dossier", an_hour_later)
    assert states(connection) == [("quarantined", "list-missing")], "judged again, and not called stale"


@dataclass
class Signed(JsonReader):
    """As a partner that puts a fresh timestamp around the same signed words: ``by`` is when they expire."""

    by: datetime

    def read(self, raw: RawMessage) -> Incoming:
        told = super().read(raw)
        return replace(told, sent_at=self.by - timedelta(minutes=5), expires_at=self.by, signed_content=raw.body)


def test_a_late_resend_of_a_known_message_is_a_duplicate_with_the_first_receipt_and_not_stale(
    connection: Connection,
) -> None:
    """The look-up comes before freshness: the timestamp has run out, and the message is known all the same."""
    fresh = replace(inbox(), reader=Signed(datetime.now(UTC) + timedelta(minutes=5)))
    late = replace(inbox(), reader=Signed(datetime.now(UTC) - timedelta(hours=1)))
    known = raw(id="e1", transaction="T1", amount=70)
    receive.receive(connection, [known], fresh)
    again = raw(id="e3", transaction="T1", amount=70)  # the same transaction under a new id
    receive.receive(connection, [known, again, raw(id="e2", transaction="T2", amount=70)], late)
    assert states(connection) == [
        ("applied", ""),
        ("duplicate", ""),
        ("duplicate", ""),
        ("quarantined", "stale-timestamp"),
    ]
    assert effects(connection) == 1
    kept = connection.execute("SELECT convert_from(receipt, 'UTF8') FROM gateway.receipt").fetchall()
    first, second = receipts_told(connection)
    assert len(kept) == 1
    assert [json.loads(told)["data"]["receipts"].count(kept[0][0]) for told in (first, second)] == [1, 2]
    receive.receive(connection, [raw(id="e4", transaction="T2", amount=70)], fresh)
    assert states(connection)[-1] == ("applied", ""), "what was stale holds no key"


def test_what_a_killed_run_left_stored_is_resumed_once(connection: Connection) -> None:
    store.store(connection, [raw(id="e1"), raw(id="e2")], now=NOON)
    assert receive.resume(connection, "dossier", inbox()).counts == {"applied": 2}
    assert receive.resume(connection, "dossier", inbox()).counts == {}
    assert effects(connection) == 2


def test_a_released_message_is_judged_again_from_its_original_bytes(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e1", amount=-1)], inbox())
    connection.execute("ALTER TABLE gateway_test.effect DROP CONSTRAINT effect_amount_check")
    (pk,) = connection.execute("SELECT message_pk FROM gateway.message WHERE state = 'quarantined'").fetchone() or (0,)
    acts.release(connection, [int(str(pk))], actor="oanh", why="constraint lifted", now=NOON)
    receive.resume(connection, "dossier", inbox())
    assert states(connection) == [("applied", "")]
    shown = acts.show(connection, int(str(pk)))
    history = shown["history"]
    assert isinstance(history, list)
    assert [(row["from_state"], row["to_state"], row["actor"]) for row in history] == [
        ("stored", "quarantined", "machine"),
        ("quarantined", "stored", "oanh"),
    ]


REFUSED = {"refuse": "receipt-reused"}


def twice_refused_then_right(**same: object) -> list[RawMessage]:
    return [raw(id="e4", **REFUSED, **same), raw(id="e5", **REFUSED, **same), raw(id="e6", **same)]


def test_the_correction_of_a_refused_payment_in_the_same_batch_is_booked_once(connection: Connection) -> None:
    report = receive.receive(connection, [*twice_refused_then_right(transaction="T1", amount=70)], inbox())
    assert states(connection) == [("quarantined", "receipt-reused"), ("quarantined", "receipt-reused"), ("applied", "")]
    assert report.counts == {"quarantined": 2, "applied": 1}
    assert effects(connection) == 1
    assert connection.execute("SELECT count(*) FROM gateway.receipt").fetchone() == (1,)
    receive.receive(connection, [raw(id="e7", transaction="T1", amount=70)], inbox())
    assert states(connection)[-1] == ("duplicate", "")
    assert effects(connection) == 1


def test_a_correction_in_the_same_batch_may_name_another_amount(connection: Connection) -> None:
    wrong, right = raw(id="e4", transaction="T1", amount=70, **REFUSED), raw(id="e5", transaction="T1", amount=60)
    receive.receive(connection, [wrong, right], inbox())
    assert states(connection) == [("quarantined", "receipt-reused"), ("applied", "")]


def test_a_correction_under_the_same_id_in_the_same_batch_is_no_reuse(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e4", amount=70, **REFUSED), raw(id="e4", amount=70)], inbox())
    assert states(connection) == [("quarantined", "receipt-reused"), ("applied", "")]
    assert effects(connection) == 1


def test_the_same_refused_message_twice_in_one_batch_is_refused_twice(connection: Connection) -> None:
    receive.receive(connection, [raw(id="e4", **REFUSED), raw(id="e4", **REFUSED)], inbox())
    assert states(connection) == [("quarantined", "receipt-reused")] * 2


def test_a_correction_of_a_stale_or_breaking_message_in_the_same_batch_is_welcome(connection: Connection) -> None:
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    batch = [
        raw(id="e1", expires_at=past, sent_at=past),
        raw(id="e1"),
        raw(id="e2", transaction="T1", amount=-1),
        raw(id="e3", transaction="T1", amount=1),
    ]
    receive.receive(connection, batch, inbox())
    assert states(connection) == [
        ("quarantined", "stale-timestamp"),
        ("applied", ""),
        ("quarantined", "breaks-a-constraint"),
        ("applied", ""),
    ]


def test_what_follows_a_correction_in_the_same_batch_follows_it(connection: Connection) -> None:
    """The dossier is opened by the correction; what needs it comes after it and is not parked."""
    opening: dict[str, object] = {"opens": True, "dossier": "D1"}
    batch = [raw(id="e1", **opening, **REFUSED), raw(id="e1", **opening), raw(id="e2", dossier="D1")]
    business = Business()
    receive.receive(connection, [raw(id="e0"), *batch], inbox(business))
    assert states(connection)[1:] == [("quarantined", "receipt-reused"), ("applied", ""), ("applied", "")]
    history = connection.execute("SELECT count(*) FROM gateway.message_history WHERE to_state = 'parked'").fetchone()
    assert history == (0,)


def test_a_message_released_before_the_holder_of_its_id_is_judged_after_it(connection: Connection) -> None:
    """Message 1 was quarantined under the id that message 2, parked, holds; both are released, and 2 is refused."""
    receive.receive(connection, [raw(id="e1", amount=-1)], inbox())
    receive.receive(connection, [raw(id="e1", dossier="D1", amount=-2)], inbox())
    assert states(connection) == [("quarantined", "breaks-a-constraint"), ("parked", "dossier-unknown")]
    connection.execute("ALTER TABLE gateway_test.effect DROP CONSTRAINT effect_amount_check, ADD CHECK (amount > -2)")
    for (pk,) in connection.execute("SELECT message_pk FROM gateway.message WHERE direction = 'in'").fetchall():
        acts.release(connection, [int(str(pk))], actor="oanh", why="constraint lifted", now=NOON)
    receive.resume(connection, "dossier", inbox(Business({"D1"})))
    assert states(connection) == [("applied", ""), ("quarantined", "breaks-a-constraint")]
