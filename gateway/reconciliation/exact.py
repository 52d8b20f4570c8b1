"""Exact pairs by one hash join, and what they leave of both sides; a reference with anything odd goes whole.

An exact pair is one payment and one entry of a reference: same amount, right account, what was asked for, nothing else
under that reference on either side.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from gateway.reconciliation.inputs import Inputs

# Every condition is part of the key, so one outer join tells the pairs and both rests. ``h`` stands for the reference:
# where two collide, both are judged in the long way.
_JOINED = """
CREATE TEMP TABLE exact AS
WITH o AS (SELECT pk, reference, dossier, amount, account, postage,
                  CASE WHEN standing = 'known' AND amount > 0 AND prior = 0 AND reference <> ''
                        AND (requested = 0 OR amount = requested) THEN reference END AS key
             FROM ours WHERE kind = 'payment'),
t AS (SELECT pk, tokens, amount, account, postage, CASE WHEN response IN ('', '00') THEN tokens END AS key
        FROM theirs {uncancelled})
SELECT o.pk AS payment_pk, t.pk AS entry_pk, o.reference, o.dossier, o.amount, hash(o.reference) AS h,
       CASE WHEN o.pk IS NULL THEN t.tokens END AS tokens
  FROM o FULL JOIN t ON o.key = t.key AND o.amount = t.amount AND o.account = t.account {postage}"""
_ODD = """
CREATE TEMP TABLE odd AS
SELECT h FROM exact WHERE entry_pk IS NULL AND reference <> ''
UNION SELECT hash(reference) FROM ours WHERE kind <> 'payment' AND reference <> ''
UNION SELECT hash(unnest(string_split(tokens, ' '))) FROM exact WHERE payment_pk IS NULL AND tokens <> ''
UNION SELECT h FROM exact WHERE payment_pk IS NOT NULL AND entry_pk IS NOT NULL GROUP BY h HAVING count(*) > 1"""
_LEFT = """
CREATE TEMP TABLE rest AS
SELECT payment_pk, entry_pk FROM exact WHERE payment_pk IS NULL OR entry_pk IS NULL OR h IN (SELECT h FROM odd)"""
_PAIRS_ONLY = """
DELETE FROM exact WHERE payment_pk IS NULL OR entry_pk IS NULL OR h IN (SELECT h FROM odd)"""
_YOURS = """
CREATE TEMP TABLE {} AS
SELECT *, CASE WHEN response IN ('', '00', '68') THEN amount ELSE 0 END AS moves FROM {}"""


def match_exactly(duck: duckdb.DuckDBPyConnection, inputs: Inputs, cancelled: Collection[int] = ()) -> None:
    """Make the temp table ``exact`` of both sides (``ours``, ``theirs``), without entries that are ``cancelled``.

    What is in no pair is told by the table ``rest``.
    """
    duck.register("ours", inputs.ours)
    duck.register("theirs", inputs.theirs)
    if cancelled:
        duck.register("cancelled", pa.table({"pk": pa.array(cancelled, pa.int64())}))
    parts = {
        "uncancelled": "WHERE pk NOT IN (SELECT pk FROM cancelled)" if cancelled else "",
        "postage": "AND o.postage = t.postage" if _some_postage(inputs.ours) or _some_postage(inputs.theirs) else "",
    }
    for statement in (_JOINED.format(**parts), _ODD, _LEFT, _PAIRS_ONLY):
        duck.execute(statement)


def _some_postage(side: pa.Table) -> bool:
    """A key more costs a fifth of the join, and banks know no postage."""
    return bool(pc.any(pc.not_equal(side["postage"], 0)).as_py())


def leave(duck: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Make ``mine`` and ``yours`` (with ``moves``) of what ``match_exactly`` left of both sides, and of near rows."""
    ours, theirs = inputs.ours, inputs.theirs
    other = pc.not_equal(ours["kind"], "payment")  # refunds and attempts have numbers of their own
    duck.register("left_ours", ours.filter(pc.or_(other, _among(duck, ours, "payment_pk"))))
    duck.register("left_theirs", theirs.filter(_among(duck, theirs, "entry_pk")))
    duck.execute("CREATE TEMP TABLE mine AS SELECT * FROM left_ours")
    duck.execute(_YOURS.format("yours", "left_theirs"))
    duck.register("near_mine", inputs.near_ours)
    duck.register("near_theirs", inputs.near_theirs)
    duck.execute(_YOURS.format("near_yours", "near_theirs"))


def _among(duck: duckdb.DuckDBPyConnection, side: pa.Table, column: str) -> pa.ChunkedArray:
    left = duck.sql(f"SELECT DISTINCT {column} FROM rest WHERE {column} IS NOT NULL").to_arrow_table()  # noqa: S608 - our names
    return pc.is_in(side["pk"], value_set=left[column].combine_chunks())
