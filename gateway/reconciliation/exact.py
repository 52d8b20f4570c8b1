"""Exact pairs by one hash join, and what they leave of both sides; a reference with anything odd goes whole.

An exact pair is one payment and one entry of a reference: same amount, right account, what was asked for, nothing else
under that reference on either side.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from gateway.reconciliation.inputs import Inputs

# Every condition is part of the key, so one outer join tells the pairs and both rests: ``due`` is NULL where a row can
# be in no pair. The names are keys as they stand, because a join keeps a computed key beside the column it is made of.
# ``h`` stands for the reference: where two collide, both are judged in the long way.
_JOINED = """
CREATE TEMP TABLE joined AS
WITH o AS (SELECT pk, reference, dossier, amount, account, postage,
                  CASE WHEN standing = 'known' AND amount > 0 AND prior = 0 AND reference <> ''
                        AND (requested = 0 OR amount = requested) THEN amount END AS due
             FROM ours {payments}),
t AS (SELECT pk, tokens, account, postage, CASE WHEN response IN ('', '00') THEN amount END AS due
        FROM theirs {uncancelled})
SELECT o.pk AS payment_pk, t.pk AS entry_pk, coalesce(o.reference, t.tokens) AS reference, o.dossier, o.amount,
       hash(o.reference) AS h
  FROM o FULL JOIN t ON o.reference = t.tokens AND o.due = t.due AND o.account = t.account {postage}"""
_ODD = """
CREATE TEMP TABLE odd AS
SELECT h FROM joined WHERE entry_pk IS NULL AND reference <> ''
{others}
UNION SELECT hash(unnest(string_split(reference, ' '))) FROM joined WHERE payment_pk IS NULL AND reference <> ''
UNION SELECT h FROM joined WHERE payment_pk IS NOT NULL AND entry_pk IS NOT NULL GROUP BY h HAVING count(*) > 1"""
_EXACT = """
CREATE TEMP VIEW exact AS
SELECT * FROM joined WHERE payment_pk IS NOT NULL AND entry_pk IS NOT NULL AND h NOT IN (SELECT h FROM odd)"""
_REST = """
SELECT payment_pk, entry_pk FROM joined WHERE payment_pk IS NULL OR entry_pk IS NULL OR h IN (SELECT h FROM odd)"""
_YOURS = """
CREATE TEMP TABLE {} AS
SELECT *, CASE WHEN response IN ('', '00', '68') THEN amount ELSE 0 END AS moves FROM {}"""


def match_exactly(duck: duckdb.DuckDBPyConnection, inputs: Inputs, cancelled: Collection[int] = ()) -> None:
    """Make the view ``exact``: pairs of both sides (``ours``, ``theirs``), none of an entry that is ``cancelled``."""
    others = inputs.ours.filter(_is_no_payment(inputs.ours))
    duck.register("ours", inputs.ours)
    if others.num_rows:
        duck.register("others", others)
    duck.register("theirs", inputs.theirs)
    if cancelled:
        duck.register("cancelled", pa.table({"pk": pa.array(cancelled, pa.int64())}))
    parts = {
        "others": "UNION SELECT hash(reference) FROM others WHERE reference <> ''" if others.num_rows else "",
        "payments": "WHERE kind = 'payment'" if others.num_rows else "",
        "uncancelled": "WHERE pk NOT IN (SELECT pk FROM cancelled)" if cancelled else "",
        "postage": "AND o.postage = t.postage" if _some_postage(inputs.ours) or _some_postage(inputs.theirs) else "",
    }
    for statement in (_JOINED, _ODD, _EXACT):
        duck.execute(statement.format(**parts))


def _is_no_payment(ours: pa.Table) -> pa.ChunkedArray:
    return pc.not_equal(ours["kind"], "payment")


def _some_postage(side: pa.Table) -> bool:
    """A key more costs a fifth of the join, and banks know no postage."""
    return bool(pc.any(pc.not_equal(side["postage"], 0)).as_py())


def leave(duck: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Make ``mine`` and ``yours`` (with ``moves``) of what ``match_exactly`` left of both sides, and of near rows."""
    rest = duck.sql(_REST).to_arrow_table()
    with ThreadPoolExecutor(2) as sides:  # Arrow looks through each side on one core
        ours = sides.submit(_left, inputs.ours, rest["payment_pk"])
        theirs = sides.submit(_left, inputs.theirs, rest["entry_pk"])
    duck.register("left_ours", ours.result())
    duck.register("left_theirs", theirs.result())
    duck.execute("CREATE TEMP TABLE mine AS SELECT * FROM left_ours")
    duck.execute(_YOURS.format("yours", "left_theirs"))
    duck.register("near_mine", inputs.near_ours)
    duck.register("near_theirs", inputs.near_theirs)
    duck.execute(_YOURS.format("near_yours", "near_theirs"))


def _left(side: pa.Table, rest: pa.ChunkedArray) -> pa.Table:
    left = pc.is_in(side["pk"], value_set=rest.combine_chunks())
    if "kind" in side.column_names:  # refunds and attempts have numbers of their own
        left = pc.or_(left, _is_no_payment(side))
    return side.filter(left)
