"""What no reference explains, at once in SQL: entries the bank words as something, and what is left at the very end.

The steps between them (batches, remittances, counts of cash, sums) see only the rows that they may touch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from gateway.ledger.references import REFERENCE
from gateway.reconciliation.outcomes import OURS_MORE, PARTNER_MORE, EntryClass, Outcome, Suggestion
from gateway.reconciliation.rules import Rules, folded
from gateway.reconciliation.suggestions import SETTLED_BY_CODE

UNJUDGED_OURS = """
SELECT * FROM mine WHERE kind = 'payment' AND pk NOT IN (SELECT unnest(payment_pks) FROM judged)"""
UNJUDGED_THEIRS = "SELECT * FROM yours WHERE pk NOT IN (SELECT unnest(entry_pks) FROM judged)"

_TEXTS = f"SELECT DISTINCT type_code, text FROM ({UNJUDGED_THEIRS})"  # noqa: S608 - our own words
_WORDED = f"""
INSERT INTO judged BY NAME
SELECT w.outcome, w.class, 0 AS our_amount, u.moves AS their_amount, w.reason, u.keys AS reference,
       dong(u.moves) AS their_value, [u.pk] AS entry_pks, 'wording' AS rule
  FROM ({UNJUDGED_THEIRS}) u JOIN worded d USING (type_code, text)
  JOIN wording w ON w.place = CASE WHEN u.moves > 0 THEN d.credit WHEN u.moves < 0 THEN d.debit ELSE d.still END
  LEFT JOIN suggested s USING (pk)
 WHERE u.moves <= 0 OR w.class = '{EntryClass.RETURNED.value}' OR (d.named = '' AND coalesce(len(s.dossiers), 0) = 0)"""  # noqa: S608 - our own words
_UNIDENTIFIED = f"""
INSERT INTO judged BY NAME
SELECT '{Outcome.UNIDENTIFIED.value}' AS outcome, '{EntryClass.UNIDENTIFIED.value}' AS class, 0 AS our_amount,
       moves AS their_amount, CASE hints WHEN '' THEN 'Không có mã tham chiếu'
         ELSE 'Không có mã tham chiếu; nội dung gợi ý ' || hints || ' (không tự ghép)' END AS reason,
       CASE WHEN moves > 0 THEN $more ELSE '{OURS_MORE}' END AS side, 'mã tham chiếu' AS field,
       '(không có)' AS our_value, CASE keys WHEN '' THEN '(không có)' ELSE keys END AS their_value, [pk] AS entry_pks,
       hints AS suggestion, dossiers AS dossier_codes, 'rest' AS rule
  FROM (SELECT u.*, coalesce(s.dossiers, []) AS dossiers,
               concat_ws(', ', nullif(d.named, ''), nullif(s.codes, '')) AS hints
          FROM ({UNJUDGED_THEIRS}) u JOIN worded d USING (type_code, text) LEFT JOIN suggested s USING (pk))"""  # noqa: S608 - our own words
_MISSING = f"""
INSERT INTO judged BY NAME
SELECT CASE WHEN waits THEN '{Outcome.PENDING.value}' ELSE '{Outcome.MISSING_AT_PARTNER.value}' END AS outcome,
       '{EntryClass.NONE.value}' AS class, amount AS our_amount, 0 AS their_amount,
       CASE WHEN waits AND lag <> 0
            THEN 'Kênh này được ghi có sau T+' || lag || ' ngày làm việc: chưa đến hạn'
            WHEN waits THEN 'Nộp sát giờ chốt: đối tác có thể ghi ngày sau'
            ELSE 'Hệ thống có giao dịch, đối tác không có dòng nào' END AS reason,
       CASE WHEN waits THEN '' ELSE '{OURS_MORE}' END AS side,
       CASE WHEN waits THEN 'ngày đối soát' ELSE 'giao dịch' END AS field, dong(amount) AS our_value,
       CASE WHEN waits THEN '(chưa có)' ELSE '(không có)' END AS their_value, reference,
       CASE dossier WHEN '' THEN [] ELSE [dossier] END AS dossier_codes, [pk] AS payment_pks,
       CASE WHEN waits THEN 'window' WHEN $role = 'postal' THEN 'cod' ELSE 'rest' END AS rule
  FROM (SELECT *, list_contains($waiting::BIGINT[], lag) AND (late OR lag <> 0) AS waits FROM ({UNJUDGED_OURS}))"""  # noqa: S608 - our own words


def read_texts(
    duck: duckdb.DuckDBPyConnection, rules: Rules, suggestions: Mapping[int, tuple[Suggestion, ...]]
) -> bool:
    """Make ``worded`` of every text left: is it of bulk, of cash, which wording fits it by direction, what it names.

    And ``suggested`` of what the texts suggest. Whether any entry is left.
    """
    duck.register("suggested", _suggested(suggestions))
    texts = duck.execute(_TEXTS).fetchall()
    read = [_read(type_code, text, rules) for type_code, text in texts]
    names = ("type_code", "text", "bulk", "cash", "credit", "debit", "still", "named")
    types = (
        pa.string(), pa.string(), pa.bool_(), pa.bool_(), pa.int32(), pa.int32(), pa.int32(), pa.string()
    )  # fmt: skip
    columns = list(zip(*read, strict=True)) or [()] * len(names)
    duck.register("worded", pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)}))
    return bool(texts)


def _read(type_code: str, text: str, rules: Rules) -> tuple[object, ...]:
    both = folded(f"{type_code} {text}")
    fitting = (
        next((place for place, wording in enumerate(rules.wording) if wording.fits(moves, both)), None)
        for moves in (1, -1, 0)
    )
    named = ", ".join(sorted(set(REFERENCE.findall(folded(text)))))
    bulk, cash = (rule.pattern.search(both) is not None for rule in (rules.bulk, rules.cash))
    return type_code, text, bulk, cash, *fitting, named


def judge_worded(duck: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Add the entries that the bank words as something to ``judged``.

    Money whose text names a fee or a dossier of ours is a payer's, however it is worded: people look at it.
    """
    rows = [
        {"place": place, "outcome": one.outcome.value, "class": one.entry_class.value, "reason": one.reason}
        for place, one in enumerate(rules.wording)
    ]
    if rows:
        duck.register("wording", pa.Table.from_pylist(rows))
        duck.execute(_WORDED)


def judge_unidentified(duck: duckdb.DuckDBPyConnection, role: str) -> None:
    """Add the entries that are in no row yet to ``judged``."""
    duck.execute(_UNIDENTIFIED, {"more": PARTNER_MORE[role]})


def judge_missing(duck: duckdb.DuckDBPyConnection, role: str, waiting: Sequence[int]) -> None:
    """Add the payments that are in no row yet to ``judged``: missing, or (lags in ``waiting``) pending."""
    duck.execute(_MISSING, {"role": role, "waiting": list(waiting)})


def _suggested(suggestions: Mapping[int, tuple[Suggestion, ...]]) -> pa.Table:
    return pa.table(
        {
            "pk": pa.array(suggestions, pa.int64()),
            "codes": pa.array(
                [", ".join(one.dossier_code for one in some) for some in suggestions.values()], pa.string()
            ),
            "dossiers": pa.array(
                [
                    sorted(one.dossier_code for one in some if one.score >= SETTLED_BY_CODE)
                    for some in suggestions.values()
                ],
                pa.list_(pa.string()),
            ),
            "told": pa.array([_json(some) for some in suggestions.values()], pa.string()),
        }
    )


def _json(some: Sequence[Suggestion]) -> str:
    return json.dumps([one.as_json() for one in some], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
