"""The intermediary's decision table (domain.md 4.4) and VNPost's COD batches."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.ledger.postal import apply_tracking
from gateway.model import Channel, EventType, PaymentState, PostalEvent
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services
PLATFORM: dict[str, Any] = {"partner": "intermediary", "channel": Channel.PLATFORM, "account": "9704790000001"}


@pytest.mark.parametrize(
    ("partner_code", "ours", "outcome", "verdict"),
    [
        ("00", "paid", "matched", "cân khớp"),
        ("00", "pending", "pending", "cân khớp"),
        ("00", "failed", "missing_with_us", "lệch thừa"),
        ("00", "", "missing_with_us", "lệch thừa"),
        ("68", "paid", "matched", "cân khớp"),
        ("68", "pending", "pending", "cân khớp"),
        ("68", "failed", "pending", "lệch thừa"),
        ("68", "", "pending", "lệch thừa"),
        ("51", "failed", "matched", "cân khớp"),
        ("51", "", "matched", "cân khớp"),
        ("51", "paid", "missing_at_partner", "lệch thiếu"),
        ("51", "pending", "pending", "lệch thiếu"),
        (None, "paid", "missing_at_partner", "lệch thiếu"),
        (None, "pending", "pending", "lệch thiếu"),
        (None, "failed", None, ""),
    ],
)
def test_both_response_codes_decide_together(
    day: DayStory, partner_code: str | None, ours: str, outcome: str | None, verdict: str
) -> None:
    reference = day.owe(100_000, channel="platform")
    if ours:
        day.pay(reference, 100_000, state=PaymentState(ours), **PLATFORM)
    other = day.owe(7_000, channel="platform")
    day.pay(other, 7_000, **PLATFORM)
    day.line(7_000, account="9704790000001", trace=other, response_code="00")
    if partner_code is not None:
        day.line(100_000, account="9704790000001", trace=reference, response_code=partner_code)
    day.settle_day("intermediary")
    found = [row for row in day.found("intermediary") if row["reference"] == reference]
    assert [(row["outcome"], row["verdict"], row["role"]) for row in found] == (
        [] if outcome is None else [(outcome, verdict, "ISS")]
    )


def deliver(day: DayStory, fee: int, postage: int, collected: int | None = None) -> str:
    """A result that goes out with cash on delivery, and is paid for at the door."""
    day.owe(fee, channel="cod", returns_by_post=True)
    code = day.code()
    day.tell(
        EventType.RESULT_READY, {"ready_at": "2026-11-23T09:00:00+07:00", "by_post": True, "postage": postage}, code
    )
    event = PostalEvent(
        f"r{code}", code, f"EV{code}", "4", "Phát thành công", "delivered", day.now, collected or fee + postage
    )
    apply_tracking(day.conn, [(day.message(), event)], partner="vnpost", partners=day.partners, now=day.now)
    return code


def test_collected_money_that_vnpost_passes_on_is_matched_and_postage_stays_apart(day: DayStory) -> None:
    code = deliver(day, 100_000, 30_000)
    assert day.one("SELECT amount FROM gateway.payment") == 100_000
    assert day.one("SELECT state FROM gateway.fee") == "settled"
    day.remit((code, 100_000, 30_000))
    assert day.judge("vnpost").stopped == ""
    assert day.outcomes("vnpost") == [("matched", 100_000, 100_000)]


def test_a_short_remittance_is_underpaid_by_vnpost(day: DayStory) -> None:
    code = deliver(day, 100_000, 30_000)
    day.remit((code, 80_000, 30_000))
    day.judge("vnpost")
    (row,) = day.found("vnpost")
    assert (row["outcome"], row["side"]) == ("underpaid", "hệ thống thừa")
    assert (row["our_value"], row["their_value"]) == ("100.000 đ", "80.000 đ")


def test_postage_that_differs_is_told_as_postage(day: DayStory) -> None:
    code = deliver(day, 100_000, 30_000)
    day.remit((code, 100_000, 25_000))
    day.judge("vnpost")
    (row,) = day.found("vnpost")
    assert (row["outcome"], row["field"]) == ("underpaid", "cước bưu chính")


def test_collected_money_that_is_in_no_batch_is_missing(day: DayStory) -> None:
    first, second = deliver(day, 100_000, 0), deliver(day, 50_000, 0)
    day.remit((first, 100_000, 0))
    day.judge("vnpost")
    assert day.outcomes("vnpost") == [("missing_at_partner", 50_000, 0), ("matched", 100_000, 100_000)]
    assert day.found("vnpost")[0]["dossier_codes"] == [second]


def test_a_line_for_an_order_nobody_paid_is_unidentified(day: DayStory) -> None:
    day.remit(("H49.12-20261123-7777777", 10_000, 0))
    day.judge("vnpost")
    assert day.outcomes("vnpost") == [("unidentified", 0, 10_000)]


def test_without_its_remittance_the_day_waits(day: DayStory) -> None:
    assert day.judge("vnpost").stopped == "remittance-missing"
