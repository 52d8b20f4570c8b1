"""The rows of a judged day: gathered in DuckDB, then told as Arrow in the order of a report, each with its key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from gateway.masking import STORED_ACCOUNT_SQL
from gateway.reconciliation.outcomes import BREAKS, MATCHED_REASON, OUTCOME_VI, EntryClass, Outcome, Row
from gateway.reconciliation.verdicts import AGREED, BNB, ISS, RIGHT, WRONG, State, state_of_status, verdict

_TEXTS = ("side", "role", "verdict", "field", "our_value", "their_value")
RESULT = pa.schema(
    [
        ("row_no", pa.int32()),
        ("row_key", pa.string()),
        ("rule", pa.string()),
        ("outcome", pa.string()),
        ("class", pa.string()),
        *((name, pa.string()) for name in _TEXTS),
        ("our_amount", pa.int64()),
        ("their_amount", pa.int64()),
        ("reason", pa.string()),
        ("reference", pa.string()),
        ("dossier_codes", pa.list_(pa.string())),
        ("payment_pks", pa.list_(pa.int64())),
        ("refund_pks", pa.list_(pa.int64())),
        ("entry_pks", pa.list_(pa.int64())),
        ("suggestion", pa.string()),
        ("candidates", pa.string()),
        ("suggestions", pa.string()),
        ("settles", pa.string()),
    ]
)
KEY_LENGTH = 32
_MANY = 10**12
"""Rows judged one by one have ordinals below 0, in the order in which they were found."""

# ``ordinal`` is the order in which rows were found; it only orders rows that say the very same.
_JUDGED = """
CREATE TEMP SEQUENCE found;
CREATE TEMP TABLE judged (
    ordinal BIGINT NOT NULL DEFAULT nextval('found'), rule VARCHAR NOT NULL DEFAULT 'reference',
    outcome VARCHAR NOT NULL, class VARCHAR NOT NULL, side VARCHAR NOT NULL DEFAULT '',
    verdict VARCHAR NOT NULL DEFAULT '', field VARCHAR NOT NULL DEFAULT '', our_value VARCHAR NOT NULL DEFAULT '',
    their_value VARCHAR NOT NULL DEFAULT '', our_amount BIGINT NOT NULL, their_amount BIGINT NOT NULL,
    reason VARCHAR NOT NULL, reference VARCHAR NOT NULL DEFAULT '', dossier_codes VARCHAR[] NOT NULL DEFAULT [],
    payment_pks BIGINT[] NOT NULL DEFAULT [], refund_pks BIGINT[] NOT NULL DEFAULT [],
    entry_pks BIGINT[] NOT NULL DEFAULT [], suggestion VARCHAR NOT NULL DEFAULT '',
    candidates VARCHAR NOT NULL DEFAULT '[]', settles VARCHAR NOT NULL DEFAULT '[]')"""
# How amounts, accounts and dates are read by people (outcomes.dong, masking.stored_account, cases.day_text), and text
# as JSON.
_ODD_SIGNS = [*range(0x0B, 0x0C), *range(0x0E, 0x10), *range(0x1A, 0x20)]


def _escaped() -> str:
    """Text as Python's ``json`` writes it: DuckDB writes the hexadecimal digits of these signs in capitals.

    A loop in SQL: as calls inside one another the signs took longer to plan than all the rest of a statement.
    """
    signs, away = f"[{', '.join(f'chr({sign})' for sign in _ODD_SIGNS)}]", f"chr(ord(sign) + {0xE000})"
    hidden = f"list_reduce({signs}, lambda said, sign: replace(said, sign, {away}), x)"
    shown = f"lambda said, sign: replace(said, {away}, printf('\\u%04x', ord(sign)))"
    return f"list_reduce({signs}, {shown}, to_json({hidden})::VARCHAR)"


_MACROS = f"""
CREATE TEMP MACRO dong(x) AS replace(format('{{:,}} đ', x), ',', '.');
CREATE TEMP MACRO masked(x) AS {STORED_ACCOUNT_SQL};
CREATE TEMP MACRO day_text(x) AS strftime(DATE '1970-01-01' + x::INTEGER, '%d/%m/%Y');
CREATE TEMP MACRO text_json(x) AS CASE WHEN contains(to_json(x)::VARCHAR, '\\u') THEN {_escaped()}
    ELSE to_json(x)::VARCHAR END"""
_RANK = ", ".join(f"'{outcome.value}'" for outcome in OUTCOME_VI)
# Rows that name no row of a side (a charge, an attempt) may say the very same: ``again`` counts them.
_SAID = """concat_ws('|', outcome, class, our_amount, their_amount, reference, array_to_string(payment_pks, ','),
    array_to_string(refund_pks, ','), array_to_string(entry_pks, ','))"""
_AGAIN = f"""
SELECT ordinal, row_number() OVER (PARTITION BY {_SAID} ORDER BY reason, ordinal) - 1 AS again FROM judged
 WHERE len(payment_pks) = 0 AND len(refund_pks) = 0 AND len(entry_pks) = 0 QUALIFY again > 0"""  # noqa: S608 - our own words
# One table of what is told beside a row, because the parts of one statement keep both threads busy.
_BESIDE = f"""
CREATE TEMP TABLE beside AS
SELECT ordinal, row_number() OVER (ORDER BY list_position([{_RANK}], outcome), reference, their_amount, our_amount,
                                   reason, payment_pks, refund_pks, entry_pks, ordinal)::INTEGER AS row_no,
       left(sha256(concat_ws('|', {_SAID}, again)), {KEY_LENGTH}) AS row_key, NULL AS candidates
  FROM judged LEFT JOIN ({_AGAIN}) USING (ordinal)
UNION ALL SELECT ordinal, NULL, NULL, candidates FROM ({{}})"""  # noqa: S608 - our own words
_ODD_ROWS = f"""
SELECT n.row_no, n.row_key, rule, outcome, class, side, s.role,
       CASE
           WHEN $role <> 'intermediary' OR rule = 'cancelled_pair' THEN ''
           WHEN j.verdict <> '' THEN j.verdict
           WHEN outcome = '{Outcome.EXPECTED_DIFFERENCE.value}' THEN '{RIGHT}'
           WHEN len(payment_pks) > 0 AND len(entry_pks) > 0 THEN
             CASE WHEN our_amount = their_amount AND outcome <> '{Outcome.WRONG_ACCOUNT.value}' THEN '{AGREED}'
                  ELSE '{WRONG}' END
           ELSE s.word END AS verdict,
       field, our_value, their_value, our_amount, their_amount, reason, reference, dossier_codes, payment_pks,
       refund_pks, entry_pks, suggestion, coalesce(c.candidates, j.candidates) AS candidates,
       coalesce(t.told, '[]') AS suggestions, settles
  FROM judged j JOIN beside n ON n.ordinal = j.ordinal AND n.row_no IS NOT NULL
  LEFT JOIN beside c ON c.ordinal = j.ordinal AND c.row_no IS NULL
  JOIN one_sided s ON s.role = CASE WHEN their_amount < 0 OR (their_amount = 0 AND our_amount < 0) THEN '{BNB}'
                                    ELSE '{ISS}' END
   AND s.theirs = (len(entry_pks) > 0) AND s.ours = (len(payment_pks) > 0 OR len(refund_pks) > 0)
  LEFT JOIN suggested t ON t.pk = entry_pks[1] AND len(entry_pks) = 1 AND len(payment_pks) = 0
   AND list_contains($open, outcome)"""  # noqa: S608 - our own words


def begin(duck: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table ``judged``, what rows say of their values, and the words for what one side has alone."""
    duck.execute(_JUDGED)
    duck.execute(_MACROS)
    duck.register("one_sided", pa.Table.from_pylist(list(_one_sided())))
    statuses = ["", "paid", "pending", "failed"]
    words = [verdict(ISS, State.SUCCESS, state_of_status(status)) for status in statuses]
    duck.register("said", pa.table({"status": statuses, "word": words}))


def _one_sided() -> Iterator[Mapping[str, object]]:
    for role in (ISS, BNB):
        for theirs in (True, False):
            for ours in (True, False):
                states = [State.SUCCESS if has else State.NONE for has in (theirs, ours)]
                yield {"role": role, "theirs": theirs, "ours": ours, "word": verdict(role, *states)}


def add(duck: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Put rows that were judged one by one into ``judged``, in their order."""
    if rows:
        [(known,)] = duck.execute("SELECT count(*) FROM judged WHERE ordinal < 0").fetchall()
        duck.register("one_by_one", _as_table(rows, known - _MANY))
        duck.execute("INSERT INTO judged BY NAME SELECT * FROM one_by_one")
        duck.unregister("one_by_one")


def in_order(duck: duckdb.DuckDBPyConnection, role: str, candidates: str) -> pa.Table:
    """The rows of ``judged``, what the query ``candidates`` finds and ``suggested`` beside, numbered, breaks first."""
    values = {"role": role, "open": sorted({*BREAKS, Outcome.PENDING})}
    duck.execute(_BESIDE.format(candidates))
    found: pa.Table = duck.sql(_ODD_ROWS, params=values).to_arrow_table()
    return found.take(pc.sort_indices(found["row_no"])).cast(RESULT)


def merged(duck: duckdb.DuckDBPyConnection, odd: pa.Table, role: str) -> pa.Table:
    """The odd rows, then the exact pairs (the view ``exact``) by reference, one row each."""
    verdict_ = AGREED if role == "intermediary" else ""
    query = f"""
        SELECT ({odd.num_rows} + row_number() OVER (ORDER BY reference))::INTEGER AS row_no,
               left(sha256(concat_ws('|', '{Outcome.MATCHED.value}|fee', amount, amount, reference, payment_pk, '',
                                     entry_pk)), {KEY_LENGTH}) AS row_key, 'exact' AS rule,
               '{Outcome.MATCHED.value}' AS outcome, '{EntryClass.FEE.value}' AS class, '' AS side, '{ISS}' AS role,
               '{verdict_}' AS verdict,
               '' AS field, '' AS our_value, '' AS their_value, amount AS our_amount, amount AS their_amount,
               '{MATCHED_REASON}' AS reason, reference,
               CASE dossier WHEN '' THEN [] ELSE [dossier] END AS dossier_codes,
               [payment_pk] AS payment_pks, []::BIGINT[] AS refund_pks, [entry_pk] AS entry_pks, '' AS suggestion,
               '[]' AS candidates, '[]' AS suggestions, '[]' AS settles
          FROM exact ORDER BY row_no"""  # noqa: S608 - our own words
    exact: pa.Table = duck.sql(query).to_arrow_table().cast(RESULT)
    return pa.concat_tables([odd, exact])


def _as_table(rows: Sequence[Row], first: int) -> pa.Table:
    columns: dict[str, list[object]] = {
        "ordinal": list(range(first, first + len(rows))),
        "rule": [row.rule for row in rows],
        "outcome": [row.outcome.value for row in rows],
        "class": [row.entry_class.value for row in rows],
        **{name: [getattr(row, name) for row in rows] for name in _TEXTS if name != "role"},
        "our_amount": [row.our_amount for row in rows],
        "their_amount": [row.their_amount for row in rows],
        "reason": [row.reason for row in rows],
        "reference": [row.reference for row in rows],
        "dossier_codes": [list(row.dossiers) for row in rows],
        "payment_pks": [list(row.payments) for row in rows],
        "refund_pks": [list(row.refunds) for row in rows],
        "entry_pks": [list(row.entries) for row in rows],
        "suggestion": [row.suggestion for row in rows],
        "candidates": [_json([one.as_json() for one in row.candidates]) for row in rows],
        "settles": [_json(row.settles) for row in rows],
    }
    types = {**{field.name: field.type for field in RESULT}, "ordinal": pa.int64()}
    return pa.table({name: pa.array(column, types[name]) for name, column in columns.items()})


def _json(items: Sequence[object]) -> str:
    if not items:
        return "[]"
    return json.dumps(items, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
