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
_HALVES = """
CREATE TEMP TABLE {side} AS SELECT row_number() OVER () AS half, * FROM (
    SELECT false AS near, {columns} FROM {day} UNION ALL SELECT true, {columns} FROM {others})"""
_TOLD = f"""
CREATE TEMP TABLE told AS SELECT ordinal, entry_pks, candidates = '[]' AS asks,
       CASE WHEN len(entry_pks) = 0 AND their_amount <> 0 THEN [] ELSE payment_pks END AS payment_pks FROM judged
 WHERE outcome IN ({_OPEN})"""  # noqa: S608 - our own words
_WHO_ASKS = """
SELECT count(*) FILTER (len(payment_pks) > 0 AND len(entry_pks) > 0),
       count(*) FILTER (len(payment_pks) > 0 AND len(entry_pks) = 0),
       count(*) FILTER (len(payment_pks) = 0 AND len(entry_pks) > 0) FROM told WHERE asks"""

# Everybody of an amount in the order of the names; ``place`` counts the free rows before whoever asks.
_AROUND = f"""
CREATE TEMP TABLE {{asking}}_near AS
WITH lone AS (SELECT ordinal, {{mine}}[1] AS pk FROM told WHERE asks AND len({{yours}}) = 0),
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
  FROM (SELECT ordinal, asker, arg_min(half, distance, {_SHOWN}) AS halves FROM measured GROUP BY ordinal, asker)"""  # noqa: S608 - our own words

# ``mine``: the row is about our payment, so their half is shown, else ours.
_SAME_REFERENCE = """
CREATE TEMP TABLE same AS
SELECT ordinal, o.half AS ours, t.half AS theirs, row_number() OVER (PARTITION BY ordinal ORDER BY o.pk) AS nth
  FROM told JOIN theirs_half t ON t.pk = entry_pks[1] AND NOT t.near
  JOIN ours_half o ON o.name = t.tokens AND NOT o.near
 WHERE asks AND len(payment_pks) = 0 AND t.tokens <> ''"""
_SHOWN_OF_PAIRS = f"""
SELECT p.ordinal, true AS mine, p.nth, o.half AS ours, t.half AS theirs, '{HALF_REASON}' AS why
  FROM (SELECT ordinal, payment_pks[1] AS payment, unnest(entry_pks[:{_SHOWN}]) AS entry,
               generate_subscripts(entry_pks[:{_SHOWN}], 1) AS nth
          FROM told WHERE asks AND len(payment_pks) > 0 AND len(entry_pks) > 0) p
  JOIN ours_half o ON o.pk = p.payment AND NOT o.near
  JOIN theirs_half t ON t.pk = p.entry AND NOT t.near"""  # noqa: S608 - our own words
_SHOWN_OF_OURS = f"""
SELECT ordinal, true AS mine, nth, asker AS ours, half AS theirs, '{_EQUAL}' AS why FROM ours_half_near"""  # noqa: S608
_SHOWN_OF_THEIRS = f"""
SELECT ordinal, false AS mine, nth, ours, theirs, '{_SAME}' AS why FROM same WHERE nth <= {_SHOWN}
UNION ALL SELECT ordinal, false, nth + coalesce(rows, 0), half, asker, '{_EQUAL}'
  FROM theirs_half_near LEFT JOIN (SELECT ordinal, count(*) AS rows FROM same GROUP BY ordinal) USING (ordinal)
 WHERE nth + coalesce(rows, 0) <= {_SHOWN}"""  # noqa: S608 - our own words


def _differs(field: str, value: str, when: str) -> str:
    """SQL of one difference as JSON, NULL where there is none; ``value`` is JSON of a half ``{0}``."""
    ours, theirs = value.format("o"), value.format("t")
    return f"""CASE WHEN {when} THEN '{{"field":"{field}","ours":' || {ours} || ',"theirs":' || {theirs} || '}}' END"""


_UNNAMED = """CASE WHEN o_name = '' THEN true WHEN contains(t_tokens, ' ')
    THEN NOT list_contains(string_split(t_tokens, ' '), o_name) ELSE t_tokens <> o_name END"""
_DIFFERS = ", ".join(
    _differs(*one)
    for one in (
        ("số tiền", """'"' || dong({0}_moved) || '"'""", "o_moved <> t_moved"),
        ("mã tham chiếu", """CASE {0}_name WHEN '' THEN '"(không có)"' ELSE {0}_named END""", _UNNAMED),
        ("tài khoản thụ hưởng", "{0}_stored", "o_account <> t_account"),
        ("ngày đối soát", """'"' || day_text({0}_on) || '"'""", "o_on <> t_on"),
        ("cước bưu chính", """'"' || dong({0}_postage) || '"'""", "o_postage <> t_postage"),
    )
)
_NTH = ", ".join(f"max(told) FILTER (nth = {nth})" for nth in range(1, _SHOWN + 1))
# ``text_json`` takes long to plan, so it stands once; the materialised step keeps three picks from planning it again.
_AS_JSON = f"""
CREATE TEMP TABLE candidate AS
WITH one AS (
    SELECT ordinal, nth, mine, why, COLUMNS(o.*) AS 'o_\\0', COLUMNS(t.*) AS 't_\\0',
           list_transform([o.name, t.name, masked(o.account), masked(t.account)], lambda words: text_json(words))
           AS said
      FROM shown s JOIN ours_half o ON o.half = s.ours JOIN theirs_half t ON t.half = s.theirs),
read AS (
    SELECT *, said[1] AS o_named, said[2] AS t_named, said[3] AS o_stored, said[4] AS t_stored FROM one),
told_one AS MATERIALIZED (
    SELECT ordinal, nth, '{{"amount":' || CASE WHEN mine THEN t_moved ELSE o_moved END || ',"differs":['
           || concat_ws(',', {_DIFFERS}) || '],"on":"'
           || (DATE '1970-01-01' + (CASE WHEN mine THEN t_on ELSE o_on END)::INTEGER) || '","pk":'
           || CASE WHEN mine THEN t_pk ELSE o_pk END || ',"reference":' || CASE WHEN mine THEN t_named ELSE o_named END
           || ',"side":"' || CASE WHEN mine THEN 'theirs' ELSE 'ours' END || '","why":"' || why || '"}}' AS told
      FROM read)
SELECT ordinal, '[' || concat_ws(',', {_NTH}) || ']' AS candidates FROM told_one GROUP BY ordinal"""  # noqa: S608 - our own words


def find_nearest(duck: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``candidate``: the ``candidates`` of the rows of ``judged`` that differ, as JSON."""
    duck.execute(_TOLD)
    [(pairs, of_ours, of_theirs)] = duck.execute(_WHO_ASKS).fetchall()
    if not (pairs or of_ours or of_theirs):
        duck.execute("CREATE TEMP TABLE candidate (ordinal BIGINT, candidates VARCHAR)")
        return
    mine = "(SELECT * FROM mine WHERE kind = 'payment')"
    duck.execute(_HALVES.format(side="ours_half", columns=_OURS, day=mine, others="near_mine"))
    duck.execute(_HALVES.format(side="theirs_half", columns=_THEIRS, day="yours", others="near_yours"))
    shown = [_SHOWN_OF_PAIRS] if pairs else []
    if of_ours:
        duck.execute(_AROUND.format(asking="ours_half", free="theirs_half", mine="payment_pks", yours="entry_pks"))
        shown.append(_SHOWN_OF_OURS)
    if of_theirs:
        duck.execute(_SAME_REFERENCE)
        duck.execute(_AROUND.format(asking="theirs_half", free="ours_half", mine="entry_pks", yours="payment_pks"))
        shown.append(_SHOWN_OF_THEIRS)
    duck.execute(f"CREATE TEMP VIEW shown AS {' UNION ALL '.join(shown)}")
    duck.execute(_AS_JSON)
