"""The decision table of domain.md 4.4, whole, in both roles."""

from __future__ import annotations

import pytest

from gateway.reconciliation.sides import Known
from gateway.reconciliation.verdicts import BNB, ISS, State, role_of, state_of_response, state_of_status, verdict
from tests.reconciliation.plain import judged, ours, theirs

pytestmark = pytest.mark.unit
R1 = "QN2611230000001"

# The rows of the document: partner, ours, role ISS, role BNB.
TABLE = [
    ("00", "paid", "cân khớp", "cân khớp"),
    ("00", "pending", "cân khớp", "cân khớp"),
    ("00", "failed", "lệch thừa", "lệch thiếu"),
    ("68", "paid", "cân khớp", "cân khớp"),
    ("68", "pending", "cân khớp", "cân khớp"),
    ("68", "failed", "lệch thừa", "lệch sai"),
    ("51", "failed", "cân khớp", "cân khớp"),
    ("51", "paid", "lệch thiếu", "lệch thừa"),
    ("51", "pending", "lệch thiếu", "lệch thừa"),
    (None, "paid", "lệch thiếu", "lệch thừa"),
    (None, "pending", "lệch thiếu", "lệch thừa"),
    (None, "failed", "cân khớp", "cân khớp"),
    ("00", "", "lệch thừa", "lệch thiếu"),
    ("68", "", "lệch thừa", "lệch thiếu"),
    ("51", "", "cân khớp", "cân khớp"),
]


@pytest.mark.parametrize(("partner", "ours", "iss", "bnb"), TABLE)
def test_the_word_follows_from_both_states_and_the_role(partner: str | None, ours: str, iss: str, bnb: str) -> None:
    theirs = State.NONE if partner is None else state_of_response(partner)
    assert (verdict(ISS, theirs, state_of_status(ours)), verdict(BNB, theirs, state_of_status(ours))) == (iss, bnb)


def test_the_partner_sends_what_comes_in_and_receives_what_goes_out() -> None:
    assert [role_of(amount) for amount in (100_000, 0, -100_000)] == [ISS, ISS, BNB]


@pytest.mark.parametrize("response", ["00", "68"])
@pytest.mark.parametrize("status", ["", "pending", "failed"])
@pytest.mark.parametrize("amount", [50_000, -50_000], ids=["it-sends", "it-receives"])
def test_the_word_of_a_row_is_that_of_the_role_which_is_stored_with_it(amount: int, status: str, response: str) -> None:
    known = {R1: Known(R1, "", 50_000, "A0101", "open", status, 0, 0, 0, 0)} if status else {}
    (row,) = judged([], [theirs(1, amount, R1, response=response)], "intermediary", known=known)
    assert row["role"] == role_of(amount)
    if row["outcome"] != "pending" and amount < 0:
        status = ""  # money that went back is no attempt of ours
    assert row["verdict"] == verdict(row["role"], state_of_response(response), state_of_status(status))


def test_money_that_was_to_go_back_and_did_not_says_nothing_of_the_payment() -> None:
    """A reversal that failed is no attempt to pay: the payment has no line, and is not called refused."""
    rows = judged([ours(1, 50_000, R1)], [theirs(1, -50_000, R1, response="51")], "intermediary")
    assert [(row["outcome"], row["our_amount"], row["entry_pks"], row["reason"]) for row in rows] == [
        ("missing_at_partner", 50_000, [], "Hệ thống có giao dịch, đối tác không có dòng nào"),
        ("matched", 0, [1], "Đối tác báo không thành công (51)"),
    ]
