"""Properties of the engine on any input, and a naive, obviously correct oracle on small ones."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reconciliation.engine import reconcile
from gateway.reconciliation.inputs import OURS, THEIRS, Inputs
from gateway.reconciliation.rules import load

pytestmark = pytest.mark.property
RULE = load(Path(__file__).resolve().parents[2] / "config" / "rules")["2026-1"]
REFERENCES = [f"QN261123000000{n}" for n in range(1, 6)]
AMOUNTS = [10_000, 20_000, 30_000, 50_000, 100_000]
ACCOUNTS = ["A0101", "A0202"]

ours_rows = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.just("payment"),
            "reference": st.sampled_from([*REFERENCES, ""]),
            "transaction": st.just(""),
            "amount": st.sampled_from(AMOUNTS),
            "account": st.sampled_from(ACCOUNTS),
            "requested": st.sampled_from([0, *AMOUNTS]),
            "prior": st.sampled_from([0, 0, 10_000]),
            "standing": st.sampled_from(["known", "known", "known", "cancelled", "unknown"]),
            "dossier": st.sampled_from(["H49.12-20261123-0000001", ""]),
            "on": st.just(20000),
            "late": st.booleans(),
            "status": st.just(""),
            "postage": st.just(0),
        }
    ),
    max_size=9,
)
theirs_rows = st.lists(
    st.fixed_dictionaries(
        {
            "account": st.sampled_from(ACCOUNTS),
            "amount": st.sampled_from([*AMOUNTS, 60_000, -10_000, -11_000]),
            "tokens": st.sampled_from([*REFERENCES, "", "", f"{REFERENCES[0]} {REFERENCES[1]}"]),
            "keys": st.sampled_from(["", "FT1"]),
            "type_code": st.just(""),
            "response": st.sampled_from(["", "", "", "00", "68", "51"]),
            "text": st.sampled_from(["", "PHI DICH VU SMS", "NOP TIEN"]),
            "on": st.just(20000),
            "postage": st.just(0),
        }
    ),
    max_size=9,
)
Plain = list[dict[str, Any]]


def numbered(rows: Plain) -> Plain:
    return [{"pk": number, **row} for number, row in enumerate(rows, start=1)]


def judged(ours: Plain, theirs: Plain, role: str = "bank") -> Plain:
    inputs = Inputs(
        pa.Table.from_pylist(ours, schema=OURS), pa.Table.from_pylist(theirs, schema=THEIRS),
        OURS.empty_table(), THEIRS.empty_table(), {}, {}, {},
    )  # fmt: skip
    found: Plain = reconcile(inputs, role, RULE).to_pylist()
    return found


def moved(entry: dict[str, Any]) -> int:
    return int(entry["amount"]) if entry["response"] in ("", "00", "68") else 0


@settings(max_examples=40, deadline=None)
@given(ours_rows, theirs_rows, st.sampled_from(["bank", "intermediary", "postal"]))
def test_no_dong_and_no_row_is_lost_on_either_side(ours: Plain, theirs: Plain, role: str) -> None:
    ours, theirs = numbered(ours), numbered(theirs)
    rows = judged(ours, theirs, role)
    assert sum(row["our_amount"] for row in rows) == sum(one["amount"] for one in ours)
    assert sum(row["their_amount"] for row in rows) == sum(moved(entry) for entry in theirs)
    assert Counter(pk for row in rows for pk in row["payment_pks"]) == Counter(one["pk"] for one in ours)
    assert Counter(pk for row in rows for pk in row["entry_pks"]) == Counter(entry["pk"] for entry in theirs)
    assert all(row["our_amount"] == row["their_amount"] for row in rows if row["outcome"] == "matched")
    assert [row["row_no"] for row in rows] == list(range(1, len(rows) + 1))


@settings(max_examples=25, deadline=None)
@given(ours_rows, theirs_rows, st.integers(0, 2**32))
def test_the_order_of_the_rows_is_irrelevant(ours: Plain, theirs: Plain, seed: int) -> None:
    ours, theirs = numbered(ours), numbered(theirs)
    shuffled_ours, shuffled_theirs = list(ours), list(theirs)
    random.Random(seed).shuffle(shuffled_ours)
    random.Random(seed + 1).shuffle(shuffled_theirs)
    assert judged(ours, theirs) == judged(shuffled_ours, shuffled_theirs)


@settings(max_examples=25, deadline=None)
@given(ours_rows, theirs_rows)
def test_an_unrelated_pair_changes_no_other_row(ours: Plain, theirs: Plain) -> None:
    ours, theirs = numbered(ours), numbered(theirs)
    reference = "QN2611239ZZZZZZ"
    pair = {"pk": 900, "kind": "payment", "reference": reference, "amount": 77_000, "requested": 77_000}
    more_ours = [*ours, {**PLAIN_OURS, **pair}]
    more_theirs = [*theirs, {**PLAIN_THEIRS, "pk": 900, "tokens": reference, "amount": 77_000}]
    without = [{**row, "row_no": 0} for row in judged(ours, theirs)]
    having = [{**row, "row_no": 0} for row in judged(more_ours, more_theirs) if row["payment_pks"] != [900]]
    assert without == having


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(REFERENCES), st.sampled_from(AMOUNTS)), max_size=8),
    st.lists(st.tuples(st.sampled_from(REFERENCES), st.sampled_from(AMOUNTS)), max_size=8),
)
def test_a_naive_oracle_agrees_on_what_stands_on_one_side_only(
    ours: list[tuple[str, int]], theirs: list[tuple[str, int]]
) -> None:
    """The oracle pairs by reference alone, whatever the amounts: what has no partner at all is missing."""
    rows = judged(
        [{**PLAIN_OURS, "pk": n, "reference": r, "amount": a} for n, (r, a) in enumerate(ours, 1)],
        [{**PLAIN_THEIRS, "pk": n, "tokens": r, "amount": a} for n, (r, a) in enumerate(theirs, 1)],
    )
    for reference in REFERENCES:
        mine = [amount for ref, amount in ours if ref == reference]
        yours = [amount for ref, amount in theirs if ref == reference]
        found = Counter(row["outcome"] for row in rows if row["reference"] == reference)
        if Counter(mine) == Counter(yours):
            assert set(found) <= {"matched"}
            assert sum(row["our_amount"] for row in rows if row["reference"] == reference) == sum(mine)
        if not yours:
            assert found["missing_at_partner"] == len(mine)
        if not mine:
            assert found["unidentified"] + found["missing_with_us"] == len(yours)
        if mine and yours and sum(mine) != sum(yours):
            assert set(found) & {
                "missing_at_partner",
                "missing_with_us",
                "duplicate",
                "underpaid",
                "overpaid",
                "unidentified",
            }


PLAIN_OURS: dict[str, Any] = {
    "kind": "payment", "transaction": "", "account": "A0101", "requested": 0, "prior": 0, "standing": "known",
    "dossier": "", "on": 20000, "late": False, "status": "", "postage": 0,
}  # fmt: skip
PLAIN_THEIRS: dict[str, Any] = {
    "account": "A0101", "keys": "", "type_code": "", "response": "", "text": "", "on": 20000, "postage": 0,
}  # fmt: skip
