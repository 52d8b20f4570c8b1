"""The matching engine: Arrow tables in, one Arrow table out, nothing else read or written.

Exact pairs (one payment and one entry of a reference, same amount, right account, what was asked for) are matched by
DuckDB; every reference with anything odd about it goes whole to ``leftover.judge``. The answer does not depend on the
order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from gateway.errors import DoesNotClose
from gateway.reconciliation.cancelled import take_out
from gateway.reconciliation.cases import Day
from gateway.reconciliation.inputs import Inputs
from gateway.reconciliation.leftover import judge
from gateway.reconciliation.outcomes import OUTCOME_VI, Row
from gateway.reconciliation.result import merged
from gateway.reconciliation.rules import Rules
from gateway.reconciliation.sides import Ours, Theirs

# One row per reference that has exactly one of each side and nothing odd. The pairing is one hash join; a reference
# that stands twice on a side is found by counting hashes, and taken out (a collision only costs it this short cut).
_EXACT = """
CREATE TEMP TABLE exact AS
WITH pairs AS (
    SELECT o.pk AS payment_pk, t.pk AS entry_pk, o.reference, o.dossier, o.amount
      FROM ours o JOIN theirs t ON o.reference = t.tokens AND o.amount = t.amount AND o.account = t.account
     WHERE o.kind = 'payment' AND o.standing = 'known' AND o.postage = t.postage AND t.response IN ('', '00')
       AND o.amount > 0 AND (o.requested = 0 OR o.prior + o.amount = o.requested) AND o.prior = 0 AND o.reference <> '')
SELECT * FROM pairs WHERE hash(reference) NOT IN (SELECT h FROM odd)
"""
_ODD = """
CREATE TEMP TABLE odd AS
SELECT hash(reference) AS h FROM ours WHERE reference <> '' GROUP BY 1 HAVING count(*) > 1
UNION ALL SELECT hash(tokens) FROM theirs WHERE tokens <> '' GROUP BY 1 HAVING count(*) > 1
UNION ALL SELECT hash(unnest(string_split(tokens, ' '))) FROM theirs WHERE contains(tokens, ' ')
"""
# Payments, refunds and attempts have numbers of their own.
_LEFT_OURS = """
SELECT * FROM ours WHERE kind <> 'payment' OR NOT EXISTS (SELECT 1 FROM exact WHERE payment_pk = ours.pk)"""
_LEFT_THEIRS = "SELECT * FROM theirs WHERE NOT EXISTS (SELECT 1 FROM exact WHERE entry_pk = theirs.pk)"


def connect() -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB: two threads, bounded memory."""
    return duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": False})


def match_exactly(duck: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table ``exact`` of both sides, which are there as ``ours`` and ``theirs``."""
    duck.execute(_ODD)
    duck.execute(_EXACT)


def reconcile(inputs: Inputs, role: str, rules: Rules) -> pa.Table:
    """The rows of a day, numbered, differences first. Raises DoesNotClose ``match-not-complete`` (a fault of ours)."""
    holder = [inputs]
    del inputs  # a million rows need not stay in memory while the result is made
    duck = connect()
    try:
        rows = match(duck, holder.pop(), role, rules)
        return merged(duck, rows, role)
    finally:
        duck.close()


def match(duck: duckdb.DuckDBPyConnection, inputs: Inputs, role: str, rules: Rules) -> list[Row]:
    """Which belongs to which: the exact pairs in the table ``exact``, everything else as rows, in their order.

    Raises DoesNotClose ``match-not-complete``.
    """
    duck.register("ours", inputs.ours)
    duck.register("theirs", inputs.theirs)
    pairs = take_out(duck, rules.cancelled_pair) if rules.uses("cancelled_pair") else []
    if pairs:
        taken = pa.array([pk for row in pairs for pk in row.entries], pa.int64())
        duck.unregister("theirs")
        duck.register("theirs", inputs.theirs.filter(pc.invert(pc.is_in(inputs.theirs["pk"], value_set=taken))))
    match_exactly(duck)
    day = Day(
        role=role,
        rules=rules,
        ours=_rows(Ours, duck.sql(_LEFT_OURS).to_arrow_table()),
        theirs=_rows(Theirs, duck.sql(_LEFT_THEIRS).to_arrow_table()),
        near_ours=_rows(Ours, inputs.near_ours),
        near_theirs=_rows(Theirs, inputs.near_theirs),
        known=inputs.known,
        remittances=inputs.remittances,
        suggestions=inputs.suggestions,
        near_bulk=inputs.near_bulk,
        batches=inputs.batches,
        counts=inputs.counts,
        waiting=inputs.waiting,
        days=inputs.days,
    )
    judged = judge(day)
    _complete(day, judged)
    return sorted([*pairs, *judged], key=_row_order)


_RANK = {outcome: number for number, outcome in enumerate(OUTCOME_VI)}


def _row_order(row: Row) -> tuple[object, ...]:
    return (
        _RANK[row.outcome], row.reference, row.their_amount, row.our_amount, row.reason, row.payments, row.refunds,
        row.entries,
    )  # fmt: skip


Kind = TypeVar("Kind", Ours, Theirs)


def _rows(kind: type[Kind], table: pa.Table) -> list[Kind]:
    columns = (table[name].to_pylist() for name in kind.__slots__)
    return [kind(*row) for row in zip(*columns, strict=True)]


def _complete(day: Day, rows: Sequence[Row]) -> None:
    """Each row of each side is in exactly one row of the result, and no đồng is lost between them."""
    listed = sorted(pk for row in rows for pk in row.entries)
    moved = sum(row.their_amount for row in rows) == sum(entry.moves for entry in day.theirs)
    payments = sorted(pk for row in rows for pk in row.payments)
    mine = sorted(one.pk for one in day.ours if one.kind == "payment")
    kept = sum(row.our_amount for row in rows) == sum(one.amount for one in day.ours)
    if listed != sorted(entry.pk for entry in day.theirs) or payments != mine or not moved or not kept:
        raise DoesNotClose(
            "a row of a side is in no class or in two",
            code="match-not-complete",
            where=f"{len(day.ours)} of ours, {len(day.theirs)} of theirs",
            action="stop and report it; approve nothing",
        )
