"""What comes nearest on the other side, field by field, for every row that differs. It explains and settles nothing.

Rows of the very amount are compared in the order of their names: the four before and after, by spelling, account and
date. Set-based, in DuckDB.
"""

from __future__ import annotations

import duckdb

from gateway.reconciliation.outcomes import BREAKS, HALF_REASON, Outcome

_SHOWN = 3
_NEIGHBOURS = 4
_FAR = 5
"""A spelling that differs in so many letters, or is missing, is no evidence at all."""
_EQUAL = "Cùng số tiền, chưa ghép"
_SAME = "Cùng mã tham chiếu"
_OPEN = ", ".join(f"'{outcome.value}'" for outcome in sorted({*BREAKS, Outcome.PENDING}))

# Both sides in the same words: ``moved`` is the money, ``name`` what is compared by spelling; ``near``: of another day.
_OURS = 'pk, amount AS moved, reference AS name, reference AS tokens, account, "on", postage'
_THEIRS = (
    """pk, moves AS moved, CASE tokens WHEN '' THEN keys ELSE tokens END AS name, tokens, account, "on", postage"""
)
_HALVES = f"""
CREATE TEMP TABLE both_halves AS
SELECT row_number() OVER () AS half, *, list_transform([name, masked(account)], lambda words: text_json(words)) AS said
  FROM (SELECT true AS of_ours, false AS near, {_OURS} FROM mine WHERE kind = 'payment'
        UNION ALL SELECT true, true, {_OURS} FROM near_mine
        UNION ALL SELECT false, false, {_THEIRS} FROM yours UNION ALL SELECT false, true, {_THEIRS} FROM near_yours);
CREATE TEMP VIEW ours_half AS SELECT * FROM both_halves WHERE of_ours;
CREATE TEMP VIEW theirs_half AS SELECT * FROM both_halves WHERE NOT of_ours"""  # noqa: S608 - our own words
_TOLD = f"""
CREATE TEMP TABLE told AS SELECT ordinal, entry_pks, candidates = '[]' AS asks,
       CASE WHEN len(entry_pks) = 0 AND their_amount <> 0 THEN [] ELSE payment_pks END AS payment_pks FROM judged
 WHERE outcome IN ({_OPEN})"""  # noqa: S608 - our own words
# Pairs, payments alone, entries alone.
_WHO_ASKS = """
SELECT count(*) FILTER (len(payment_pks) > 0 AND len(entry_pks) > 0),
       count(*) FILTER (len(payment_pks) > 0 AND len(entry_pks) = 0),
       count(*) FILTER (len(payment_pks) = 0 AND len(entry_pks) > 0) FROM told WHERE asks"""

# Everybody of an amount in the order of the names; ``place`` counts the free rows before whoever asks.
_AROUND = f"""
(WITH lone AS (SELECT ordinal, {{mine}}[1] AS pk FROM told WHERE asks AND len({{yours}}) = 0),
free AS (SELECT * FROM {{free}} WHERE near OR pk IN (SELECT unnest({{yours}}) FROM told WHERE len({{mine}}) = 0)),
asking AS (SELECT l.ordinal, a.* FROM lone l JOIN {{asking}} a ON a.pk = l.pk AND NOT a.near),
placed AS (SELECT ordinal, half, pk, moved, name, count(*) FILTER (ordinal IS NULL) OVER (PARTITION BY moved
             ORDER BY name, ordinal IS NULL, pk ROWS UNBOUNDED PRECEDING) AS place
             FROM (SELECT NULL AS ordinal, half, pk, moved, name FROM free
                   UNION ALL SELECT ordinal, half, pk, moved, name FROM asking)),
wanted AS (SELECT ordinal, half, moved, unnest(range(place - {_NEIGHBOURS - 1}, place + {_NEIGHBOURS + 1})) AS place
             FROM placed WHERE ordinal IS NOT NULL),
around AS (SELECT w.ordinal, w.half AS asker, p.half FROM wanted w JOIN placed p USING (moved, place)
            WHERE p.ordinal IS NULL),
measured AS (
    SELECT n.ordinal, asker, n.half, {{{{
             'spelling': CASE WHEN a.name = '' OR f.name = '' THEN {_FAR}
                              ELSE least(levenshtein(a.name, f.name), {_FAR}) END,
             'elsewhere': a.account <> f.account, 'days': abs(a."on" - f."on"), 'pk': f.pk}}}} AS distance
      FROM around n JOIN {{asking}} a ON a.half = asker JOIN {{free}} f ON f.half = n.half)
SELECT ordinal, asker, unnest(halves) AS half, generate_subscripts(halves, 1) AS nth
  FROM (SELECT ordinal, asker, arg_min(half, distance, {_SHOWN}) AS halves FROM measured GROUP BY ordinal, asker))"""  # noqa: S608 - our own words
_AROUND_OURS = _AROUND.format(asking="ours_half", free="theirs_half", mine="payment_pks", yours="entry_pks")
_AROUND_THEIRS = _AROUND.format(asking="theirs_half", free="ours_half", mine="entry_pks", yours="payment_pks")

# ``mine``: the row is about our payment, so their half is shown, else ours.
_OF_PAIRS = f"""
SELECT p.ordinal, true AS mine, p.nth, o.half AS ours, t.half AS theirs, '{HALF_REASON}' AS why
  FROM (SELECT ordinal, payment_pks[1] AS payment, unnest(entry_pks[:{_SHOWN}]) AS entry,
               generate_subscripts(entry_pks[:{_SHOWN}], 1) AS nth
          FROM told WHERE asks AND len(payment_pks) > 0 AND len(entry_pks) > 0) p
  JOIN ours_half o ON o.pk = p.payment AND NOT o.near
  JOIN theirs_half t ON t.pk = p.entry AND NOT t.near"""  # noqa: S608 - our own words
_OF_OURS = f"""
SELECT ordinal, true AS mine, nth, asker AS ours, half AS theirs, '{_EQUAL}' AS why FROM {_AROUND_OURS}"""  # noqa: S608
_OF_THEIRS = f"""
(WITH same AS (
    SELECT ordinal, o.half AS ours, t.half AS theirs, row_number() OVER (PARTITION BY ordinal ORDER BY o.pk) AS nth
      FROM told JOIN theirs_half t ON t.pk = entry_pks[1] AND NOT t.near
      JOIN ours_half o ON o.name = t.tokens AND NOT o.near
     WHERE asks AND len(payment_pks) = 0 AND t.tokens <> '')
SELECT ordinal, false AS mine, nth, ours, theirs, '{_SAME}' AS why FROM same WHERE nth <= {_SHOWN}
UNION ALL SELECT ordinal, false, nth + coalesce(rows, 0), half, asker, '{_EQUAL}'
  FROM {_AROUND_THEIRS} LEFT JOIN (SELECT ordinal, count(*) AS rows FROM same GROUP BY ordinal) USING (ordinal)
 WHERE nth + coalesce(rows, 0) <= {_SHOWN})"""  # noqa: S608 - our own words


def _differs(field: str, value: str, when: str) -> str:
    """SQL of one difference as JSON, NULL where there is none; ``value`` is JSON of a half ``{0}``."""
    ours, theirs = value.format("o"), value.format("t")
    return f"""CASE WHEN {when} THEN concat('{{"field":"{field}","ours":', {ours}, ',"theirs":', {theirs}, '}}') END"""


_UNNAMED = """CASE WHEN o.name = '' THEN true WHEN contains(t.tokens, ' ')
    THEN NOT list_contains(string_split(t.tokens, ' '), o.name) ELSE t.tokens <> o.name END"""
_DIFFERS = ", ".join(
    _differs(*one)
    for one in (
        ("số tiền", """'"', dong({0}.moved), '"'""", "o.moved <> t.moved"),
        ("mã tham chiếu", """CASE {0}.name WHEN '' THEN '"(không có)"' ELSE {0}.said[1] END""", _UNNAMED),
        ("tài khoản thụ hưởng", "{0}.said[2]", "o.account <> t.account"),
        ("ngày đối soát", """'"', day_text({0}."on"), '"'""", 'o."on" <> t."on"'),
        ("cước bưu chính", """'"', dong({0}.postage), '"'""", "o.postage <> t.postage"),
    )
)
_NTH = ", ".join(f"max(told) FILTER (nth = {nth})" for nth in range(1, _SHOWN + 1))
# The materialised step keeps three picks from planning the texts again.
_AS_JSON = f"""
told_one AS MATERIALIZED (
    SELECT ordinal, nth, concat('{{"amount":', CASE WHEN mine THEN t.moved ELSE o.moved END, ',"differs":[',
           concat_ws(',', {_DIFFERS}), '],"on":"',
           DATE '1970-01-01' + (CASE WHEN mine THEN t."on" ELSE o."on" END)::INTEGER, '","pk":',
           CASE WHEN mine THEN t.pk ELSE o.pk END, ',"reference":', CASE WHEN mine THEN t.said[1] ELSE o.said[1] END,
           CASE WHEN mine THEN ',"side":"theirs","why":"' ELSE ',"side":"ours","why":"' END, why, '"}}') AS told
      FROM shown s JOIN ours_half o ON o.half = s.ours JOIN theirs_half t ON t.half = s.theirs)
SELECT ordinal, concat('[', concat_ws(',', {_NTH}), ']') AS candidates FROM told_one GROUP BY ordinal"""  # noqa: S608 - our own words


def find_nearest(duck: duckdb.DuckDBPyConnection) -> str:
    """The query for the ``candidates`` of the rows of ``judged`` that differ (by ``ordinal``), as JSON."""
    duck.execute(_TOLD)
    asking = duck.execute(_WHO_ASKS).fetchall()[0]
    shown = [one for rows, one in zip(asking, (_OF_PAIRS, _OF_OURS, _OF_THEIRS), strict=True) if rows]
    if not shown:
        return "SELECT ordinal, candidates FROM judged WHERE false"
    duck.execute(_HALVES)
    return f"WITH shown AS ({' UNION ALL '.join(shown)}), {_AS_JSON}"
