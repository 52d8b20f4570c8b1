"""The rows of a judged day as one Arrow table, in the order of a report, each with a key that outlives a version."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from gateway.reconciliation.outcomes import MATCHED_REASON, Candidate, Outcome, Row, Suggestion
from gateway.reconciliation.verdicts import AGREED, ISS

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
    ]
)
KEY_LENGTH = 32


def row_key(row: Row, occurrence: int = 0) -> str:
    """What the row says, in 32 hexadecimal digits: the same row in a later version has the same key.

    ``occurrence`` counts rows of one version that say the very same (they have no payment, refund or entry).
    """
    lists = (row.payments, row.refunds, row.entries)
    parts = (row.outcome.value, row.entry_class.value, row.our_amount, row.their_amount, row.reference)
    text = "|".join([*map(str, parts), *(",".join(map(str, pks)) for pks in lists)])
    if occurrence:
        text += f"|{occurrence}"
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def merged(duck: duckdb.DuckDBPyConnection, rows: Sequence[Row], role: str) -> pa.Table:
    """The judged rows, differences first, then the exact pairs (the table ``exact``) by reference, one row each."""
    verdict = AGREED if role == "intermediary" else ""
    query = f"""
        SELECT ({len(rows)} + row_number() OVER (ORDER BY reference))::INTEGER AS row_no,
               left(sha256('{Outcome.MATCHED.value}|fee|' || amount || '|' || amount || '|' || reference || '|'
                           || payment_pk || '||' || entry_pk), {KEY_LENGTH}) AS row_key, 'exact' AS rule,
               '{Outcome.MATCHED.value}' AS outcome, 'fee' AS class, '' AS side, '{ISS}' AS role,
               '{verdict}' AS verdict,
               '' AS field, '' AS our_value, '' AS their_value, amount AS our_amount, amount AS their_amount,
               '{MATCHED_REASON}' AS reason, reference,
               CASE dossier WHEN '' THEN [] ELSE [dossier] END AS dossier_codes,
               [payment_pk] AS payment_pks, []::BIGINT[] AS refund_pks, [entry_pk] AS entry_pks, '' AS suggestion,
               '[]' AS candidates, '[]' AS suggestions
          FROM exact ORDER BY row_no"""  # noqa: S608 - our own words
    exact: pa.Table = duck.sql(query).to_arrow_table().cast(RESULT)
    return pa.concat_tables([_as_table(rows), exact])


def _as_table(rows: Sequence[Row]) -> pa.Table:
    columns: dict[str, list[object]] = {
        "row_no": list(range(1, len(rows) + 1)),
        "row_key": _keys(rows),
        "rule": [row.rule for row in rows],
        "outcome": [row.outcome.value for row in rows],
        "class": [row.entry_class.value for row in rows],
        **{name: [getattr(row, name) for row in rows] for name in _TEXTS},
        "our_amount": [row.our_amount for row in rows],
        "their_amount": [row.their_amount for row in rows],
        "reason": [row.reason for row in rows],
        "reference": [row.reference for row in rows],
        "dossier_codes": [list(row.dossiers) for row in rows],
        "payment_pks": [list(row.payments) for row in rows],
        "refund_pks": [list(row.refunds) for row in rows],
        "entry_pks": [list(row.entries) for row in rows],
        "suggestion": [row.suggestion for row in rows],
        "candidates": [_json(row.candidates) for row in rows],
        "suggestions": [_json(row.suggestions) for row in rows],
    }
    return pa.table(columns, schema=RESULT)


def _keys(rows: Sequence[Row]) -> list[object]:
    seen: Counter[str] = Counter()
    keys: list[object] = []
    for row in rows:
        key = row_key(row)
        keys.append(row_key(row, seen[key]))
        seen[key] += 1
    return keys


def _json(items: Sequence[Candidate | Suggestion]) -> str:
    if not items:
        return "[]"
    return json.dumps([item.as_json() for item in items], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
