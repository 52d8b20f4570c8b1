"""The account book against a list of movements that a person keeps on paper: random stories of three days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.ledger import account_book, refunds
from tests.ledger.story import MONDAY, Story
from tests.reconciliation.day_story import ACCOUNT, DayStory

pytestmark = [pytest.mark.services, pytest.mark.property]

DAYS = (MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
WORDS = {
    "interest": ("other", 1_100, "TRA LAI TIEN GUI"), "charge": ("other", -3_300, "THU PHI QUAN LY TAI KHOAN"),
    "treasury": ("transferred", -50_000, "NOP NSNN KHO BAC"), "cash": ("collected", 70_000, "NOP TIEN MAT"),
    "stranger": ("other", 55_000, "ai do chuyen"), "came back": ("other", 20_000, "LENH CHUYEN TRA"),
}  # fmt: skip
"""What stands on a statement beside fees and refunds: its column of the book, its amount, how the bank words it."""
MOVES = ("fee", "short", "in parts", "refund", "refund again", "returned", *WORDS)
stories = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(MOVES), st.booleans()), min_size=4, max_size=12)


@pytest.fixture
def day(story: Story) -> DayStory:
    return DayStory(story.conn, story.partners)


@dataclass
class Paper:
    """What a person writes down: by date, what moved, in the column where it belongs."""

    moved: dict[date, Counter[str]] = field(default_factory=lambda: {on: Counter() for on in DAYS})
    debited_again: list[tuple[date, str]] = field(default_factory=list)

    def write(self, on: date, column: str, amount: int) -> None:
        self.moved[on][column] += amount

    def lines(self, opening: int) -> list[tuple[date, int, int, int, int, int, int]]:
        found = []
        for on in DAYS:
            moved = self.moved[on]
            closing = opening + sum(moved.values())
            found.append(
                (on, opening, moved["collected"], -moved["refunded"], -moved["transferred"], moved["other"], closing)
            )
            opening = closing
        return found


def happens(day: DayStory, paper: Paper, on: date, what: str, listed_on: date) -> None:
    """One movement of ``on``; the statement of ``listed_on`` has it, and moves the balance."""
    if what in WORDS:
        column, amount, text = WORDS[what]
        # Two lines that are alike to the letter in two files are one line: see the known limits.
        day.line(amount, text=f"{text} so {len(day.entries)}", on=on)
        paper.write(listed_on, column, amount)
        return
    reference = day.owe(100_000)
    paid = 70_000 if what == "short" else 100_000
    day.pay(reference, paid, paid_at=datetime(on.year, on.month, on.day, 3, tzinfo=UTC))
    if what == "in parts":
        day.line(60_000, reference, on=on)
        day.line(40_000, reference, on=on)
    else:
        day.line(paid, reference, on=on)
    paper.write(listed_on, "collected", paid)
    if what in ("refund", "refund again", "returned"):
        pays_back(day, paper, on, what, listed_on)


def pays_back(day: DayStory, paper: Paper, on: date, what: str, listed_on: date) -> None:
    """A second payment for the fee goes back; the bank may debit it twice, or its receiver may send it back."""
    (payment,) = day.rows("SELECT payment_pk, reference FROM gateway.payment ORDER BY payment_pk DESC LIMIT 1")
    day.pay(payment[1], 30_000, f"T{day.number}-2", paid_at=datetime(on.year, on.month, on.day, 4, tzinfo=UTC))
    day.line(30_000, payment[1], on=on)
    paper.write(listed_on, "collected", 30_000)
    again = day.one("SELECT max(payment_pk) FROM gateway.payment")
    refund_id = refunds.request(day.conn, again, 30_000, "nộp trùng", day.now)
    refunds.propose(day.conn, refund_id, "an", day.now)
    refunds.approve(day.conn, refund_id, "binh", day.now)
    day.conn.execute(
        "UPDATE gateway.refund SET state = 'sent', sent_at = %s WHERE refund_id = %s", (f"{on}T05:00:00Z", refund_id)
    )
    day.line(-30_000, refund_id, on=on)
    paper.write(listed_on, "refunded", -30_000)
    if what == "refund again":
        paper.debited_again.append((min(listed_on + timedelta(days=1), DAYS[-1]), refund_id))
    if what == "returned":
        day.line(30_000, refund_id, text="LENH CHUYEN TRA", on=on)
        paper.write(listed_on, "other", 30_000)


@given(stories, st.sampled_from([0, 1_000_000]))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_the_account_book_is_what_a_person_keeps_on_paper(
    day: DayStory, story: list[tuple[int, str, bool]], opening: int
) -> None:
    """Every column of every day, and each day opens with what the day before closed with, late lines included."""
    with day.conn.transaction(force_rollback=True):
        day.number, day.balances, day.accounts, day.files, day.entries = 0, {ACCOUNT: opening}, {}, 0, []
        paper = Paper()
        for number, on in enumerate(DAYS):
            for at, what, late in story:
                listed = min(at + late, 2)
                if listed == number:
                    happens(day, paper, DAYS[at], what, on)
            for again_on, refund_id in paper.debited_again:
                if again_on == on:  # money that nobody ordered: no refund of ours
                    day.line(-30_000, refund_id, on=on, bank="LAN2")
                    paper.write(on, "other", -30_000)
            day.load(on=on)
            refunds.settle_by_statements(day.conn, "bank-a", day.now)
        for on in DAYS:
            assert day.judge(on=on, now=datetime(2026, 11, 27, tzinfo=UTC)).stopped == ""
        told = account_book.account_days(day.conn, DAYS[0], DAYS[-1], account=ACCOUNT)
        assert [
            (one.on, one.opening, one.collected, one.refunded, one.transferred, one.other, one.closing) for one in told
        ] == paper.lines(opening)
        account_book.require_closed(told)
        acts = [what for _, what, _ in story]
        returned = day.one("SELECT count(*) FROM gateway.refund WHERE state = 'returned'")
        debited = day.one("SELECT count(*) FROM gateway.refund WHERE state = 'debited'")
        assert (returned, debited) == (acts.count("returned"), acts.count("refund") + acts.count("refund again"))
        promised = day.one("SELECT coalesce(sum(refunding), 0) FROM gateway.payment")
        assert promised == 30_000 * debited, "what came back is free again"
