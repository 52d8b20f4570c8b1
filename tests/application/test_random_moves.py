"""Random moves on random days: no đồng is lost or doubled, order is irrelevant, undoing all gives the first bytes."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from random import Random

import pytest

from gateway.application.breaks import BreakRow
from gateway.errors import Conflict
from gateway.reconciliation.due import days_moved
from tests.application.moving import BANK, background, bytes_of, closes, judged, loaded, move, rejudged, undo, verified
from tests.application.office import Office

pytestmark = [pytest.mark.services, pytest.mark.property]
DAYS = [date(2026, 11, number) for number in (23, 24, 25)]
AMOUNTS = [50_000, 70_000, 100_000]
HALVES = (
    "SELECT p.payment_pk, p.business_on, e.entry_pk, e.booked_on, p.amount = e.amount FROM gateway.payment p"
    " JOIN gateway.statement_entry e ON e.tokens = p.reference"
)


def tell(office: Office, random: Random) -> None:
    """Payments and entries of three days, many of them on different ones, some of another amount, some alone."""
    for _ in range(7):
        amount, paid_on, booked_on = random.choice(AMOUNTS), random.choice(DAYS), random.choice(DAYS)
        reference = office.owe(amount)
        has = random.choice(["both", "both", "both", "ours", "theirs"])
        if has != "theirs":
            office.pay(reference, amount, paid_at=datetime(2026, 11, paid_on.day, 2, tzinfo=UTC))
        if has != "ours":
            office.line(random.choice([amount, amount, amount - 20_000]), reference, on=booked_on)
    for on in DAYS:
        background(office, on)
    lines = office.accounts.pop("1120000000101", [])
    for on in DAYS:
        office.accounts["1120000000101"] = [entry for entry in lines if entry.booked_on == on]
        loaded(office, on)
    for on in DAYS:
        judged(office, on)


def places(office: Office) -> dict[tuple[str, int], date]:
    """The naive oracle: each piece of money stands where its last move in force says, else where it was booked."""
    found = {
        ("payment", pk): on
        for pk, on in office.rows("SELECT payment_pk, business_on FROM gateway.payment WHERE partner = %s", BANK)
    }
    entries = office.rows("SELECT entry_pk, booked_on FROM gateway.statement_entry WHERE partner = %s", BANK)
    found |= {("entry", pk): on for pk, on in entries}
    moves = "SELECT to_on, payment_pks, entry_pks FROM gateway.money_move_now ORDER BY decision_pk"
    for to_on, payments, lines in office.rows(moves):
        found |= {("payment", pk): to_on for pk in payments} | {("entry", pk): to_on for pk in lines}
    return found


def assert_nothing_is_lost(office: Office) -> None:
    assert closes(office, *DAYS)
    (ours, theirs) = office.one(
        "SELECT sum(r.our_amount), sum(r.their_amount) FROM gateway.recon_row r JOIN gateway.recon_version v"
        " USING (version_pk) JOIN gateway.recon_day d USING (partner, business_on, version) WHERE d.partner = %s",
        BANK,
    )
    left = office.one("SELECT coalesce(sum(our_amount), 0), coalesce(sum(their_amount), 0) FROM gateway.money_move_now")
    paid = office.one("SELECT coalesce(sum(amount), 0) FROM gateway.payment WHERE partner = %s", BANK)
    told = office.one("SELECT coalesce(sum(amount), 0) FROM gateway.statement_entry WHERE partner = %s", BANK)
    assert (ours - left[0], theirs - left[1]) == (paid, told)
    where = places(office)
    for payment, _, entry, _, same in office.rows(HALVES):
        on = where["payment", payment]
        if on == where["entry", entry] and same:
            rows = [one for one in office.found(BANK, on) if payment in one["payment_pks"]]
            assert [(one["outcome"], one["entry_pks"]) for one in rows] == [("matched", [entry])]


def open_rows(office: Office) -> list[BreakRow]:
    return [row for on in DAYS for row in office.rows_of_day(BANK, on, state="open")]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_dong_is_lost_whatever_is_moved_and_undoing_all_gives_the_first_bytes(office: Office, seed: int) -> None:
    random = Random(seed)
    tell(office, random)
    first = {on: bytes_of(office, on)[1] for on in DAYS}
    made: list[int] = []
    for _ in range(5):
        rows = open_rows(office)
        if not rows:
            break
        row = random.choice(rows)
        to = random.choice([on for on in DAYS if on != row.target.business_on])
        with suppress(Conflict):  # it came from there
            made.append(move(office, row, to))
        rejudged(office)
        assert_nothing_is_lost(office)
    assert made, "something was moved"
    assert verified(office, *DAYS)
    for on in random.sample(DAYS, len(DAYS)):
        judged(office, on)
    after = {on: bytes_of(office, on)[1] for on in DAYS}
    for on in random.sample(DAYS, len(DAYS)):
        assert not judged(office, on).changed, "order is irrelevant"
    assert after == {on: bytes_of(office, on)[1] for on in DAYS}
    for pk in reversed(made):
        undo(office, pk)
        rejudged(office)
    for on in DAYS:
        judged(office, on)
    assert {on: bytes_of(office, on)[1] for on in DAYS} == first
    assert verified(office, *DAYS)
    assert days_moved(office.conn, BANK) == []
