"""Properties of the engine on any input, and a naive, obviously correct oracle on small ones."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reconciliation.outcomes import RULES_VI
from tests.reconciliation.plain import PLAIN_OURS, PLAIN_THEIRS, Plain, judged, numbered

pytestmark = pytest.mark.property
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
            "early": st.booleans(),
            "lag": st.sampled_from([0, 0, 1]),
            "batch": st.sampled_from(["", "", "pos:T1", "pos:T2"]),
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


def moved(entry: dict[str, Any]) -> int:
    return int(entry["amount"]) if entry["response"] in ("", "00", "68") else 0


@settings(max_examples=30, deadline=None)
@given(ours_rows, theirs_rows, st.sampled_from(["bank", "intermediary", "postal"]))
def test_no_dong_and_no_row_is_lost_and_every_row_has_a_key_of_its_own_and_a_known_rule(
    ours: Plain, theirs: Plain, role: str
) -> None:
    ours, theirs = numbered(ours), numbered(theirs)
    rows = judged(ours, theirs, role)
    assert sum(row["our_amount"] for row in rows) == sum(one["amount"] for one in ours)
    assert sum(row["their_amount"] for row in rows) == sum(moved(entry) for entry in theirs)
    assert Counter(pk for row in rows for pk in row["payment_pks"]) == Counter(one["pk"] for one in ours)
    assert Counter(pk for row in rows for pk in row["entry_pks"]) == Counter(entry["pk"] for entry in theirs)
    assert all(row["our_amount"] == row["their_amount"] for row in rows if row["outcome"] == "matched")
    assert [row["row_no"] for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["row_key"] for row in rows}) == len(rows)
    assert {row["rule"] for row in rows} <= set(RULES_VI)
    assert {row["role"] for row in rows} <= {"ISS", "BNB"}


@settings(max_examples=25, deadline=None)
@given(ours_rows, theirs_rows, st.integers(0, 2**32))
def test_a_second_run_with_the_rows_in_any_order_changes_nothing(ours: Plain, theirs: Plain, seed: int) -> None:
    ours, theirs = numbered(ours), numbered(theirs)
    shuffled_ours, shuffled_theirs = list(ours), list(theirs)
    random.Random(seed).shuffle(shuffled_ours)
    random.Random(seed + 1).shuffle(shuffled_theirs)
    assert judged(ours, theirs) == judged(shuffled_ours, shuffled_theirs)


UNRELATED = "QN2611239ZZZZZZ"
UNRELATED_OURS = {**PLAIN_OURS, "pk": 900, "reference": UNRELATED, "amount": 77_000_000, "requested": 77_000_000}
UNRELATED_THEIRS = {**PLAIN_THEIRS, "pk": 900, "tokens": UNRELATED, "amount": 77_000_000}


@settings(max_examples=25, deadline=None)
@given(
    ours_rows,
    theirs_rows,
    st.sampled_from(
        [
            ([UNRELATED_OURS], [UNRELATED_THEIRS]),
            ([UNRELATED_OURS], []),
            ([], [UNRELATED_THEIRS]),
            ([], [{**UNRELATED_THEIRS, "tokens": "", "text": "chuyen tien"}]),
            ([], [{**UNRELATED_THEIRS, "tokens": "", "amount": -33_000, "text": "PHI DICH VU SMS"}]),
            ([{**UNRELATED_OURS, "requested": 99_000_000}], [UNRELATED_THEIRS]),
        ]
    ),
)
def test_an_unrelated_row_of_any_kind_changes_no_other_row(
    ours: Plain, theirs: Plain, more: tuple[Plain, Plain]
) -> None:
    ours, theirs = numbered(ours), numbered(theirs)
    without = [{**row, "row_no": 0} for row in judged(ours, theirs)]
    having = [
        {**row, "row_no": 0}
        for row in judged([*ours, *more[0]], [*theirs, *more[1]])
        if 900 not in (*row["payment_pks"], *row["entry_pks"])
    ]
    assert without == having


@settings(max_examples=30, deadline=None)
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


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(AMOUNTS), max_size=6),
    st.lists(st.sampled_from([*AMOUNTS, 60_000, 130_000]), max_size=4),
)
def test_a_naive_oracle_agrees_on_every_sum(ours: list[int], theirs: list[int]) -> None:
    """No reference at all: each side's rows are explained by groups of the other, tried one after the other."""
    rows = judged(
        [{**PLAIN_OURS, "pk": n, "reference": f"QN26112300000{n:02d}", "amount": a} for n, a in enumerate(ours, 1)],
        [{**PLAIN_THEIRS, "pk": n, "amount": a} for n, a in enumerate(theirs, 1)],
    )
    found = {("ours", pk): row["outcome"] for row in rows for pk in row["payment_pks"]}
    found |= {("theirs", pk): row["outcome"] for row in rows for pk in row["entry_pks"]}
    assert found == naive_sums(ours, theirs)


def naive_sums(ours: list[int], theirs: list[int]) -> dict[tuple[str, int], str]:
    """All groups of two to five, of both sides; one is certain where it alone explains its row unwanted by others.

    "Wants it" is by amount: rows of equal amounts are interchangeable.
    """
    sides = {"ours": ours, "theirs": theirs}
    theories = []
    for side, other in (("theirs", "ours"), ("ours", "theirs")):
        for pk, amount in enumerate(sides[side], 1):
            pool = list(enumerate(sides[other], 1))
            ways = [g for size in range(2, 6) for g in combinations(pool, size) if sum(a for _, a in g) == amount]
            if ways:
                claimed = {(side, amount)} | {(other, a) for way in ways for _, a in way}
                theories.append((side, pk, other, ways, claimed))
    outcomes = {("ours", pk): "missing_at_partner" for pk in range(1, len(ours) + 1)}
    outcomes |= {("theirs", pk): "unidentified" for pk in range(1, len(theirs) + 1)}
    claims = Counter(item for *_, claimed in theories for item in claimed)
    for side, pk, other, ways, claimed in theories:
        if len(ways) == 1 and all(claims[item] == 1 for item in claimed):
            outcomes |= {(side, pk): "matched"} | {(other, member): "matched" for member, _ in ways[0]}
        else:
            outcomes[side, pk] = "ambiguous"
    return outcomes


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(AMOUNTS), max_size=4), st.lists(st.sampled_from(AMOUNTS), max_size=4))
def test_a_naive_oracle_agrees_on_one_reference(ours: list[int], theirs: list[int]) -> None:
    """One payment request that asked for 50.000: equal amounts pair off, then whole sums, then one with one."""
    reference = REFERENCES[0]
    rows = judged(
        [
            {**PLAIN_OURS, "pk": n, "reference": reference, "amount": a, "requested": 50_000}
            for n, a in enumerate(ours, 1)
        ],
        [{**PLAIN_THEIRS, "pk": n, "tokens": reference, "amount": a} for n, a in enumerate(theirs, 1)],
    )
    equal = Counter(ours) & Counter(theirs)
    mine, yours = Counter(ours) - equal, Counter(theirs) - equal
    both = min(mine.total(), yours.total())
    if mine and yours and sum(mine.elements()) == sum(yours.elements()):
        mine, yours, both = Counter(), Counter(), 1
    alone_ours = [row for row in rows if row["payment_pks"] and not row["entry_pks"]]
    alone_theirs = [row for row in rows if row["entry_pks"] and not row["payment_pks"]]
    assert len(alone_ours) == max(0, mine.total() - both)
    assert len(alone_theirs) == max(0, yours.total() - both)
    assert {row["outcome"] for row in alone_ours} <= {"missing_at_partner"}
    assert {row["outcome"] for row in alone_theirs} <= {"duplicate", "missing_with_us", "unidentified"}
    assert len(rows) == len(alone_ours) + len(alone_theirs) + equal.total() + both


@settings(max_examples=45, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(AMOUNTS), st.sampled_from([0, *AMOUNTS]), st.sampled_from(["known", "known", "cancelled"]),
            st.sampled_from(["", "pos:T1"]),
        ),
        max_size=6,
    ),
    st.lists(st.tuples(st.sampled_from([*AMOUNTS, 60_000, 130_000]), st.booleans()), max_size=4),
)  # fmt: skip
def test_a_naive_oracle_agrees_on_what_is_not_as_asked_inside_sums_and_batches(
    ours: list[tuple[int, int, str, str]], theirs: list[tuple[int, bool]]
) -> None:
    """One payment a request, and no line names any: what a sum or a batch has is matched where it is as asked."""
    payments = {
        n: {
            **PLAIN_OURS, "pk": n, "amount": amount, "requested": asked, "standing": standing, "batch": batch,
            "reference": f"QN26112300000{n:02d}",
        }
        for n, (amount, asked, standing, batch) in enumerate(ours, start=1)
    }  # fmt: skip
    lines = [
        {**PLAIN_THEIRS, "pk": n, "amount": amount, "text": "QUYET TOAN POS T1" if bulk else ""}
        for n, (amount, bulk) in enumerate(theirs, start=1)
    ]
    for row in judged(list(payments.values()), lines):
        members = [payments[pk] for pk in row["payment_pks"]]
        if members and row["their_amount"] and row["outcome"] != "ambiguous":
            sound = all(one["standing"] == "known" and one["requested"] in (0, one["amount"]) for one in members)
            assert (row["outcome"] == "matched") == sound, row
