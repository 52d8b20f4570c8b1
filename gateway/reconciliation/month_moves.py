"""Money moved between the days of months: where it stands, and what keeps a month from counting it twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from gateway.reconciliation.months import ITEMS, Key, Landing

Rows = Connection[tuple[object, ...]]

# Rows of the other day are about the very money of the move where they have no more than it.
_LANDINGS = """
SELECT m.from_on, m.row_key, m.to_on,
       coalesce(array_agg(m.here_key ORDER BY m.row_no) FILTER (WHERE m.here_outcome = ANY(%(items)s)), '{}'),
       count(*) = 1 AND bool_and(r.payment_pks <@ m.payment_pks AND r.refund_pks <@ m.refund_pks
                                 AND r.entry_pks <@ m.entry_pks)
  FROM gateway.moved_here m JOIN gateway.recon_row r USING (version_pk, row_no)
 WHERE m.partner = %(partner)s AND m.to_on <= %(last)s GROUP BY 1, 2, 3"""


def landings(conn: Rows, partner: str, last: date) -> dict[Key, Landing]:
    """Day and key of every row whose money was moved to a day up to ``last``, and where that day has it."""
    found: dict[Key, Landing] = {}
    values = {"partner": partner, "last": last, "items": sorted(ITEMS)}
    for from_on, row_key, to_on, keys, alone in conn.execute(_LANDINGS, values).fetchall():
        assert isinstance(from_on, date)
        assert isinstance(to_on, date)
        assert isinstance(keys, list)
        rows = tuple((to_on, str(key)) for key in keys)
        found[from_on, str(row_key)] = Landing(rows, bool(alone) and len(rows) == 1)
    return found


@dataclass(frozen=True, slots=True)
class Leaving:
    """Rows of ``from_on`` that are counted on the other day: outcome -> count, our đồng, their đồng."""

    from_on: date
    summary: Mapping[str, tuple[int, int, int]]


_LEFT = """
SELECT m.from_on, m.outcome, sum(n.sign * m.n)::bigint, sum(n.sign * m.ours)::bigint, sum(n.sign * m.theirs)::bigint
  FROM unnest(%(days)s::date[], %(versions)s::int[], %(signs)s::int[]) n(business_on, version, sign)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (%(partner)s, n.business_on, n.version)
  JOIN LATERAL (SELECT m.from_on, m.outcome, count(*) AS n, sum(m.our_amount) AS ours, sum(m.their_amount) AS theirs
                  FROM gateway.money_move m
                 WHERE m.decision_pk IN (SELECT decision_pk FROM gateway.recon_moved k
                                          WHERE k.version_pk = v.version_pk AND NOT k.kept)
                 GROUP BY 1, 2) m ON true
 GROUP BY 1, 2 HAVING sum(n.sign * m.n) <> 0 ORDER BY 1, 2"""


def leaving(conn: Rows, partner: str, versions: Sequence[tuple[date, int, int]]) -> list[Leaving]:
    """What other days hold of the money that these versions (day, version, +1 or -1) count as theirs, by that day."""
    days, numbers, signs = (list(column) for column in zip(*versions, strict=True)) if versions else ([], [], [])
    values = {"partner": partner, "days": days, "versions": numbers, "signs": signs}
    found: dict[date, dict[str, tuple[int, int, int]]] = {}
    for from_on, outcome, *told in conn.execute(_LEFT, values).fetchall():
        assert isinstance(from_on, date)
        count, ours, theirs = (int(str(value)) for value in told)
        found.setdefault(from_on, {})[str(outcome)] = (-count, -ours, -theirs)
    return [Leaving(on, summary) for on, summary in sorted(found.items())]
