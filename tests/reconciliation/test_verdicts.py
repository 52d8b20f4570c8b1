"""The decision table of domain.md 4.4, whole, in both roles."""

from __future__ import annotations

import pytest

from gateway.reconciliation.verdicts import BNB, ISS, State, role_of, state_of_response, state_of_status, verdict

pytestmark = pytest.mark.unit

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
