"""Rows with money that was moved: where it stands on the day that took it, and what the day that it left keeps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection
from psycopg.rows import dict_row

from gateway.reconciliation.moves import Move, Moves
from gateway.reconciliation.result import RESULT

Rows = Connection[tuple[object, ...]]

MARK = "; chuyển từ ngày {:%d/%m/%Y}"
"""What a row with moved money says after its reason."""

_KEPT = pa.schema([field for field in RESULT if field.name not in ("row_no", "row_key", "role", "suggestions")])
_NAMES = ", ".join(f'r."{name}"' for name in _KEPT.names)
_STORED = f"""
SELECT {_NAMES} FROM gateway.money_move m JOIN gateway.break_decision d USING (decision_pk)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  JOIN gateway.recon_row r ON (r.version_pk, r.row_key) = (v.version_pk, d.row_key) AND r.outcome <> 'matched'
 WHERE m.decision_pk = ANY(%s) ORDER BY m.decision_pk"""  # noqa: S608 - our own names
_COLUMNS = ("payment_pks", "refund_pks", "entry_pks")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a version that holds the money of a move; ``kept`` where the money left this day."""

    decision_pk: int
    row_no: int
    kept: bool


def lost(rows: pa.Table, out: Sequence[Move]) -> bool:
    """Whether newer evidence made another row of money that people had moved away."""
    keys = {one.row_key for one in out}
    return bool(keys) and pc.sum(pc.is_in(rows["row_key"], value_set=pa.array(sorted(keys)))).as_py() != len(keys)


def were_kept(conn: Rows, partner: str, business_on: date, version: int) -> bool:
    """Whether a version has rows that were kept."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM gateway.recon_moved k JOIN gateway.recon_version v USING (version_pk)"
        " WHERE k.kept AND v.partner = %s AND v.business_on = %s AND v.version = %s)",
        (partner, business_on, version),
    ).fetchone()
    return row is not None and bool(row[0])


def stored(conn: Rows, out: Sequence[Move]) -> pa.Table:
    """The rows that were decided about, as they were judged then."""
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_STORED.encode(), ([one.decision_pk for one in out],)).fetchall()
    rows = [{**row, **{name: _canonical(row[name]) for name in ("candidates", "settles")}} for row in found]
    return pa.Table.from_pylist(rows, schema=_KEPT)


def _canonical(items: object) -> str:
    return json.dumps(items, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def keep(duck: duckdb.DuckDBPyConnection, kept: pa.Table) -> None:
    """Put rows that were judged before into ``judged``."""
    duck.register("kept", kept)
    duck.execute("INSERT INTO judged BY NAME SELECT * FROM kept")


def places(rows: pa.Table, moves: Moves, kept: bool) -> list[Place]:
    """Which rows hold the money of which move: of those into the day, and with ``kept`` of those out of it."""
    found = [Place(one.decision_pk, number, False) for one in moves.into for number in _rows_with(rows, one)]
    if kept:
        found += [Place(one.decision_pk, number, True) for one in moves.out for number in _rows_with(rows, one)]
    return found


def marked(rows: pa.Table, moves: Moves) -> pa.Table:
    """The rows with a word about money that came from other days; as they are where none came."""
    marks: dict[int, set[str]] = {}
    for one in moves.into:
        for number in _rows_with(rows, one):
            marks.setdefault(number, set()).add(MARK.format(one.from_on))
    if not marks:
        return rows
    numbers = sorted(marks)
    mask = pc.is_in(rows["row_no"], value_set=pa.array(numbers, pa.int32()))
    said = dict(zip(rows["row_no"].filter(mask).to_pylist(), rows["reason"].filter(mask).to_pylist(), strict=True))
    texts = [_with_marks(str(reason), marks[number]) for number, reason in said.items()]
    reasons = pc.replace_with_mask(rows["reason"].combine_chunks(), mask.combine_chunks(), pa.array(texts, pa.string()))
    return rows.set_column(rows.schema.get_field_index("reason"), rows.schema.field("reason"), reasons)


def _with_marks(reason: str, marks: set[str]) -> str:
    return reason + "".join(mark for mark in sorted(marks) if mark not in reason)


def _rows_with(rows: pa.Table, move: Move) -> list[int]:
    """The numbers of the rows that hold a piece of the move's money."""
    found: set[int] = set()
    for name in _COLUMNS:
        pks = pa.array(getattr(move, name), pa.int64())
        if len(pks):
            column = rows[name].combine_chunks()
            hits = pc.is_in(column.flatten(), value_set=pks)
            parents = pc.list_parent_indices(column).filter(hits)
            found.update(rows["row_no"].combine_chunks().take(parents.unique()).to_pylist())
    return sorted(found)
