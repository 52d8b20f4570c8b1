"""What is judged after the singles: references one by one, then the steps of the rules from strong evidence to weak.

Each step sees only the rows that it may touch; everything else is judged at once (``loose``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa

from gateway.reconciliation import loose, result
from gateway.reconciliation.bulk import by_batches
from gateway.reconciliation.cases import Day, Verdicts
from gateway.reconciliation.cash import by_counts
from gateway.reconciliation.cod import by_remittances
from gateway.reconciliation.groups import by_sums
from gateway.reconciliation.inputs import Inputs
from gateway.reconciliation.judge import by_reference
from gateway.reconciliation.outcomes import Row
from gateway.reconciliation.rules import Rules, Step
from gateway.reconciliation.sides import Ours, Paid, Theirs, rows_from, rows_of
from gateway.reconciliation.sums import Amount, claimed, search_sums

_ASIDE_OURS = "SELECT * FROM mine WHERE reference IN (SELECT reference FROM aside)"
_ASIDE_THEIRS = """
SELECT * EXCLUDE (moves) FROM yours WHERE pk IN (SELECT pk FROM named)
    OR tokens <> '' AND (contains(tokens, ' ') OR tokens IN (SELECT reference FROM aside))"""
# In the order in which the judges find them (judge.our_order, and so on without a reference).
_OUR_ORDER = 'reference, "on", amount, transaction, pk'
_THEIR_ORDER = '"on", account, amount, keys, text, pk'
_ANY_OURS = f"SELECT 1 FROM ({loose.UNJUDGED_OURS}) LIMIT 1"  # noqa: S608 - our own words
_BATCHED = f"SELECT * FROM ({loose.UNJUDGED_OURS}) WHERE batch <> '' ORDER BY {_OUR_ORDER}"  # noqa: S608 - our own words
_SPECIAL = f"""
SELECT * EXCLUDE (moves) FROM ({loose.UNJUDGED_THEIRS}) SEMI JOIN
  (SELECT type_code, text FROM worded WHERE bulk AND $bulk OR cash AND $cash) USING (type_code, text) WHERE moves > 0
UNION SELECT * EXCLUDE (moves) FROM ({loose.UNJUDGED_THEIRS})
 WHERE moves > 0 AND list_has_any(string_split(keys, ' '), $batches::VARCHAR[])
 ORDER BY {_THEIR_ORDER}"""  # noqa: S608 - our own words
_OUR_AMOUNTS = f"""
SELECT account, amount, count(*) FROM (SELECT *, row_number() OVER (ORDER BY {_OUR_ORDER}) AS place
  FROM ({loose.UNJUDGED_OURS})) GROUP BY ALL ORDER BY min(place)"""  # noqa: S608 - our own words
_THEIR_AMOUNTS = f"""
SELECT account, moves, count(*) FROM ({loose.UNJUDGED_THEIRS}) WHERE moves > 0
 GROUP BY ALL ORDER BY min("on"), account, moves"""  # noqa: S608 - our own words
_OUR_MEMBERS = f"""
SELECT * FROM ({loose.UNJUDGED_OURS}) SEMI JOIN members USING (account, amount) ORDER BY {_OUR_ORDER}"""  # noqa: S608 - our own words
_THEIR_MEMBERS = f"""
SELECT * EXCLUDE (moves) FROM ({loose.UNJUDGED_THEIRS}) SEMI JOIN members USING (account, amount)
 WHERE moves > 0 ORDER BY {_THEIR_ORDER}"""  # noqa: S608 - our own words


# Of requests that a payment which is still unjudged pays, with several payments of the day: all of them, those judged.
_PAID = f"""
SELECT reference, sum(amount)::BIGINT,
       coalesce(sum(amount) FILTER (WHERE pk IN (SELECT unnest(payment_pks) FROM judged)), 0)::BIGINT
  FROM mine WHERE kind = 'payment' AND reference <> '' AND reference IN (SELECT reference FROM ({loose.UNJUDGED_OURS}))
 GROUP BY reference HAVING count(*) > 1"""  # noqa: S608 - our own words


_STEPS: Sequence[tuple[Step, Callable[[Day, Verdicts], Verdicts]]] = (
    ("bulk", by_batches),
    ("cod", by_remittances),
    ("cash", by_counts),
)


def judge(duck: duckdb.DuckDBPyConnection, inputs: Inputs, role: str, rules: Rules) -> None:
    """Add a row to ``judged`` for whatever is in none yet."""
    day = _day(duck, inputs, role, rules)
    result.add(duck, by_reference(day).rows)
    theirs = loose.read_texts(duck, rules, inputs.suggestions)
    ours = duck.execute(_ANY_OURS).fetchone() is not None
    result.add(duck, _special(duck, day, ours=ours, theirs=theirs))
    if theirs and rules.uses("wording"):
        loose.judge_worded(duck, rules)
    if ours and theirs and rules.uses("group"):
        result.add(duck, _sums(duck, day))
    if theirs:
        loose.judge_unidentified(duck, role)
    if ours:
        loose.judge_missing(duck, role, sorted(inputs.waiting if rules.uses("window") else ()))


def _day(duck: duckdb.DuckDBPyConnection, inputs: Inputs, role: str, rules: Rules) -> Day:
    return Day(
        role=role,
        rules=rules,
        ours=rows_from(duck, Ours, _ASIDE_OURS),
        theirs=rows_from(duck, Theirs, _ASIDE_THEIRS),
        near_ours=rows_of(Ours, inputs.near_ours),
        near_theirs=rows_of(Theirs, inputs.near_theirs),
        known=inputs.known,
        remittances=inputs.remittances,
        near_bulk=inputs.near_bulk,
        batches=inputs.batches,
        counts=inputs.counts,
        waiting=inputs.waiting,
        days=inputs.days,
        settled=inputs.settled,
        beside=inputs.beside,
    )


def _special(duck: duckdb.DuckDBPyConnection, day: Day, *, ours: bool, theirs: bool) -> list[Row]:
    """Settlements in bulk, transfers of VNPost, deposits of cash; of the sides of which anything is left."""
    uses, rows = day.rules.uses, []
    batches = list(day.remittances) if uses("cod") else []
    values = {"bulk": uses("bulk"), "cash": uses("cash"), "batches": batches}
    entries = rows_from(duck, Theirs, _SPECIAL, values) if theirs else []
    left = Verdicts([], rows_from(duck, Ours, _BATCHED) if ours else [], entries)
    day = replace(day, paid=_paid(duck) if left.ours else {})
    for step, take in _STEPS:
        if uses(step):
            left = take(day, left)
            rows += left.rows
    return rows


def _sums(duck: duckdb.DuckDBPyConnection, day: Day) -> list[Row]:
    entries, payments = duck.execute(_THEIR_AMOUNTS).fetchall(), duck.execute(_OUR_AMOUNTS).fetchall()
    of_entries, of_payments = search_sums(entries, payments, day.rules.group)
    (theirs, their_members), (ours, our_members) = claimed(of_entries), claimed(of_payments)
    if not theirs and not ours:
        return []
    _members(duck, ours | their_members)
    mine = rows_from(duck, Ours, _OUR_MEMBERS)
    _members(duck, theirs | our_members)
    yours = rows_from(duck, Theirs, _THEIR_MEMBERS)
    return by_sums(replace(day, paid=_paid(duck)), Verdicts([], mine, yours), of_entries, of_payments).rows


def _paid(duck: duckdb.DuckDBPyConnection) -> dict[str, Paid]:
    return {str(reference): Paid(of_day, judged) for reference, of_day, judged in duck.execute(_PAID).fetchall()}


def _members(duck: duckdb.DuckDBPyConnection, amounts: set[Amount]) -> None:
    accounts, values = zip(*sorted(amounts), strict=True)
    duck.register("members", pa.table({"account": accounts, "amount": pa.array(values, pa.int64())}))
