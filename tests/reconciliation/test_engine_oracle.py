"""What the engine judges at once in SQL is what the judges say one by one, to the letter, on any small day."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.reconciliation.inputs import Inputs
from tests.reconciliation.one_by_one import judged_one_by_one
from tests.reconciliation.plain import RULES, reconcile
from tests.reconciliation.random_days import random_day, without

pytestmark = pytest.mark.property
days = st.integers(0, 2**32).map(random_day)


def naive_pairs(inputs: Inputs, cancelled: set[int]) -> set[tuple[int, int]]:
    """One payment and one entry of a reference that nothing else names, alike in all that counts."""
    ours = inputs.ours.to_pylist()
    theirs = [entry for entry in inputs.theirs.to_pylist() if entry["pk"] not in cancelled]
    named = Counter(one["reference"] for one in ours)
    told = Counter(token for entry in theirs for token in entry["tokens"].split(" "))
    pairs = set()
    for one in ours:
        for entry in theirs:
            alike = all(one[name] == entry[name] for name in ("amount", "account", "postage"))
            asked = one["prior"] == 0 and one["requested"] in (0, one["amount"])
            alone = named[one["reference"]] == told[one["reference"]] == 1 and one["reference"] != ""
            sound = one["kind"] == "payment" and one["standing"] == "known" and entry["response"] in ("", "00")
            if alike and asked and alone and sound and one["reference"] == entry["tokens"] and one["amount"] > 0:
                pairs.add((one["pk"], entry["pk"]))
    return pairs


def split(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[tuple[int, int]], set[int]]:
    """The odd rows without number and key, the exact pairs, the entries of cancelled pairs."""
    odd = [row for row in rows if row["rule"] not in ("exact", "cancelled_pair")]
    pairs = {(row["payment_pks"][0], row["entry_pks"][0]) for row in rows if row["rule"] == "exact"}
    cancelled = {pk for row in rows if row["rule"] == "cancelled_pair" for pk in row["entry_pks"]}
    return [{k: v for k, v in row.items() if k not in ("row_no", "row_key")} for row in odd], pairs, cancelled


@settings(max_examples=60, deadline=None)
@given(days)
@example(random_day(249505685))  # one credit for a terminal and one for all of them: their payment was judged twice
def test_exact_pairs_are_those_nothing_else_names_and_the_judges_say_the_rest_alike_one_by_one(
    day: tuple[str, Inputs],
) -> None:
    role, inputs = day
    odd, pairs, cancelled = split(reconcile(inputs, role, RULES))
    assert pairs == naive_pairs(inputs, cancelled)
    rest = without(inputs, {payment for payment, _ in pairs}, {entry for _, entry in pairs} | cancelled)
    assert odd == judged_one_by_one(rest, role, RULES)


@settings(max_examples=30, deadline=None)
@given(days)
def test_fewer_steps_are_judged_alike(day: tuple[str, Inputs]) -> None:
    """A version of the rules without the optional steps, too."""
    role, inputs = day
    bare = RULES.model_copy(update={"steps": ("exact", "reference")})
    odd, pairs, cancelled = split(reconcile(inputs, role, bare))
    assert not cancelled
    rest = without(inputs, {payment for payment, _ in pairs}, {entry for _, entry in pairs})
    assert odd == judged_one_by_one(rest, role, bare)
