"""Whatever people and machines do with payments and refunds, in any order, no đồng is lost or promised twice."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import Conflict, Forbidden
from gateway.ledger import account_book, refunds
from gateway.ledger.proof import prove_money
from gateway.model import EventType
from tests.ledger.story import MONDAY, Story
from tests.reconciliation.day_story import DayStory

pytestmark = [pytest.mark.services, pytest.mark.property]

ACTS = ("pay", "request", "carry", "propose", "approve", "reject", "send", "debit", "return", "refuse", "withdraw")


@pytest.fixture
def day(story: Story) -> DayStory:
    return DayStory(story.conn, story.partners)


def do(day: DayStory, act: str, amount: int, which: int) -> None:
    """One act on one of the payments or refunds; what the rules refuse changes nothing."""
    if act == "pay":
        day.pay(day.owe(100_000), amount, f"T{day.number}")
        return
    if act == "withdraw" and day.number:
        code = f"H49.12-20261123-{which % day.number + 1:07d}"
        day.tell(EventType.DOSSIER_REFUSED, {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "x"}, code)
        return
    payments = [pk for (pk,) in day.rows("SELECT payment_pk FROM gateway.payment ORDER BY 1")]
    if act == "request" and payments:
        refunds.request(day.conn, payments[which % len(payments)], amount, "x", day.now)
    known: list[Any] = day.rows("SELECT refund_id, amount FROM gateway.refund ORDER BY refund_pk")
    if not known:
        return
    refund_id, whole = known[which % len(known)]
    if act == "carry":  # what often happens in this order
        for step in ("propose", "approve", "send"):
            do(day, step, amount, which)
    elif act == "propose":
        refunds.propose(day.conn, refund_id, "an", day.now)
    elif act == "approve":
        refunds.approve(day.conn, refund_id, "binh", day.now)
    elif act == "reject":
        refunds.reject(day.conn, refund_id, day.now, "binh", "x")
    elif act == "send":
        day.conn.execute(
            "UPDATE gateway.refund SET state = 'sent', sent_at = now() WHERE refund_id = %s AND state = 'approved'",
            (refund_id,),
        )
    elif act == "refuse":
        day.conn.execute(
            "UPDATE gateway.refund SET state = 'refused', ended_at = now() WHERE refund_id = %s AND state = 'approved'",
            (refund_id,),
        )
    elif act in ("debit", "return"):
        # Files that list the same content mean the same entry; the bank tells each of these apart.
        day.line(-whole if act == "debit" else whole, refund_id, text=f"lần {day.files}")
        day.load()
        refunds.settle_by_statements(day.conn, "bank-a", day.now)


def conserved(day: DayStory) -> None:
    assert day.rows("SELECT 1 FROM gateway.payment WHERE allocated + refunding > amount") == []
    told = day.rows(
        "SELECT p.refunding, coalesce(sum(r.amount)"
        "   FILTER (WHERE r.state NOT IN ('returned', 'rejected', 'refused')), 0)"
        " FROM gateway.payment p LEFT JOIN gateway.refund r USING (payment_pk) GROUP BY p.payment_pk"
    )
    assert all(promised == listed for promised, listed in told)
    assert account_book.units(day.conn, MONDAY, MONDAY).gap == 0
    assert [line for line in prove_money(day.conn, MONDAY) if not line.closes] == []
    account_book.require_closed(account_book.account_days(day.conn, MONDAY, MONDAY))


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 150_000), st.integers(0, 9)), max_size=10))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_dong_is_on_a_fee_promised_back_or_unidentified(day: DayStory, acts: list[tuple[str, int, int]]) -> None:
    with day.conn.transaction(force_rollback=True):
        day.number, day.balances, day.accounts, day.files = 0, {}, {}, 0
        do(day, "pay", 120_000, 0)
        for act, amount, which in acts:
            with suppress(Conflict, Forbidden):
                do(day, act, amount, which)
            conserved(day)
