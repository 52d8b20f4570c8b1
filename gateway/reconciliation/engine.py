"""The matching engine: Arrow tables in, one Arrow table out, nothing else read or written.

Exact pairs and the commonest differences are judged by DuckDB at once; every reference with anything else odd about it
goes whole to the judges. The answer does not depend on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb
import pyarrow as pa

from gateway.errors import DoesNotClose
from gateway.reconciliation import exact, leftover, result
from gateway.reconciliation.cancelled import take_out
from gateway.reconciliation.inputs import Inputs
from gateway.reconciliation.moved_rows import keep
from gateway.reconciliation.nearest import find_nearest
from gateway.reconciliation.rules import Rules
from gateway.reconciliation.singles import judge_singles, put_aside


def connect() -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB: two threads, bounded memory. To open one takes a tenth of a small day's judgement."""
    return duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})


@contextmanager
def workspace(duck: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own to ``duck``, for one judgement: its temporary tables are gone afterwards."""
    with closing(duck.cursor()) as own:
        yield own


def reconcile(duck: duckdb.DuckDBPyConnection, inputs: Inputs, role: str, rules: Rules) -> pa.Table:
    """The rows of a day, numbered, differences first. Raises DoesNotClose ``match-not-complete`` (a fault of ours)."""
    holder = [inputs]
    del inputs  # a million rows need not stay in memory while the result is made
    with workspace(duck) as own:
        odd = match(own, holder.pop(), role, rules)
        return result.merged(own, odd, role)


def match(duck: duckdb.DuckDBPyConnection, inputs: Inputs, role: str, rules: Rules) -> pa.Table:
    """Which belongs to which: the exact pairs in the view ``exact``, everything else as rows, in their order.

    Raises DoesNotClose ``match-not-complete``.
    """
    result.begin(duck)
    cancelled = take_out(duck, inputs.theirs, rules.cancelled_pair) if rules.uses("cancelled_pair") else set()
    exact.match_exactly(duck, inputs, cancelled)
    exact.leave(duck, inputs)
    put_aside(duck, role, inputs.known)
    judge_singles(duck, role)
    leftover.judge(duck, inputs, role, rules)
    candidates = find_nearest(duck)
    _complete(duck)
    if inputs.kept is not None:
        keep(duck, inputs.kept)
    return result.in_order(duck, role, candidates)


# Both sides are told as (sum, rows, distinct rows): in the rows that were judged, and as they came in.
_JUDGED = """
SELECT (SELECT coalesce(sum(our_amount), 0) FROM judged WHERE rule <> 'cancelled_pair'),
       (SELECT (count(*), count(DISTINCT pk)) FROM (SELECT unnest(payment_pks) AS pk FROM judged)),
       (SELECT coalesce(sum(their_amount), 0) FROM judged WHERE rule <> 'cancelled_pair'),
       (SELECT (count(*), count(DISTINCT pk)) FROM
         (SELECT unnest(entry_pks) AS pk FROM judged WHERE rule <> 'cancelled_pair'))"""
_GIVEN = """
SELECT (SELECT coalesce(sum(amount), 0) FROM mine),
       (SELECT (count(*), count(DISTINCT pk)) FROM mine WHERE kind = 'payment'),
       (SELECT coalesce(sum(moves), 0) FROM yours), (SELECT (count(*), count(DISTINCT pk)) FROM yours)"""


def _complete(duck: duckdb.DuckDBPyConnection) -> None:
    """Each row of each side is in exactly one row of the result, and no đồng is lost between them."""
    judged, given = duck.execute(f"{_JUDGED} UNION ALL {_GIVEN}").fetchall()
    if judged != given:
        raise DoesNotClose(
            "a row of a side is in no class or in two",
            code="match-not-complete",
            where=f"judged {judged}, given {given}",
            action="stop and report it; approve nothing",
        )
