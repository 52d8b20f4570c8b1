"""The versions of a judged day as they are stored: written once, never edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection
from pyarrow import csv

from gateway.reconciliation import grounds, snapshot
from gateway.reconciliation.judgement import Judged
from gateway.reconciliation.result import RESULT
from gateway.reconciliation.rules import ENGINE, Rules

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Version:
    """A stored version, judged by what and when; ``summary``: outcome -> (count, ours, theirs)."""

    number: int
    sha256: str
    engine: str
    rules: str
    as_of: datetime
    moves: Sequence[int]
    summary: Mapping[str, Sequence[int]]


def version_of(conn: Rows, partner: str, business_on: date, number: int | None) -> Version | None:
    """The version of that number; the current one for None."""
    row = conn.execute(
        "SELECT v.version, v.snapshot_sha256, v.engine, v.rules, v.as_of, v.moves, v.summary"
        " FROM gateway.recon_version v JOIN gateway.recon_day d USING (partner, business_on)"
        " WHERE partner = %s AND business_on = %s AND v.version = coalesce(%s, d.version)",
        (partner, business_on, number),
    ).fetchone()
    return None if row is None else Version(*row)  # type: ignore[arg-type]  # the columns above


def facts_of(conn: Rows, partner: str, business_on: date, number: int) -> Mapping[str, Any] | None:
    """What the stored bytes of a version say of its judgement; None where they are not those of its digest."""
    row = conn.execute(
        "SELECT snapshot, snapshot_sha256 FROM gateway.recon_version"
        " WHERE (partner, business_on, version) = (%s, %s, %s)",
        (partner, business_on, number),
    ).fetchone()
    assert row is not None
    try:
        raw = snapshot.unpack(row[0])  # type: ignore[arg-type]  # bytea
    except OSError:  # it is not even compressed, or cut
        return None
    if hashlib.sha256(raw).hexdigest() != row[1]:
        return None
    facts: Mapping[str, Any] = json.loads(raw.partition(b"\n")[0])
    return facts


def store(
    conn: Rows, partner: str, business_on: date, version: int, rules: Rules, now: datetime, judged: Judged
) -> None:
    """Store a judgement as the version of that number: its bytes, its rows, its grounds, where moved money stands."""
    rows, shot = judged.rows, judged.shot
    row = conn.execute(
        "INSERT INTO gateway.recon_version (partner, business_on, version, rules, engine, inputs, as_of, summary,"
        " classes, snapshot_sha256, snapshot, moves) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s::jsonb,"
        " %s, %b, %s) RETURNING version_pk",
        (
            partner, business_on, version, rules.version, ENGINE, json.dumps(judged.digests), now,
            json.dumps(summarise(rows)), json.dumps(summarise(rows, "class")), shot.sha256, shot.compressed,
            judged.known.pks(),
        ),
    ).fetchone()  # fmt: skip
    version_pk = int(str(row[0])) if row is not None else 0
    conn.execute("SELECT set_config('gateway.recon_version', %s, true)", (str(version_pk),))
    names = ", ".join(f'"{name}"' for name in RESULT.names)
    command = f"COPY gateway.recon_row ({names}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({names}))"
    with conn.cursor().copy(command.encode()) as copy:
        for chunk in snapshot.chunks(shot.body):
            copy.write(chunk)
    _store_entries(conn, rows, shot.body.with_suffix(".entries"))
    grounds.store(conn, version_pk, judged.grounds)
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO gateway.recon_moved (version_pk, decision_pk, row_no, kept) VALUES (%s, %s, %s, %s)",
            [(version_pk, one.decision_pk, one.row_no, one.kept) for one in judged.places],
        )


def _store_entries(conn: Rows, rows: pa.Table, file: Path) -> None:
    entries, places = pc.list_flatten(rows["entry_pks"]), pc.list_parent_indices(rows["entry_pks"])
    found = pa.table({"entry_pk": entries, "row_no": rows["row_no"].take(places)}).sort_by("entry_pk")
    csv.write_csv(found, file, csv.WriteOptions(include_header=False))
    with conn.cursor().copy("COPY gateway.recon_entry (entry_pk, row_no) FROM STDIN (FORMAT csv)") as copy:
        for chunk in snapshot.chunks(file):
            copy.write(chunk)


def summarise(rows: pa.Table, column: str = "outcome") -> dict[str, tuple[int, int, int]]:
    """Outcome (or class) -> count, our đồng, their đồng."""
    grouped = rows.group_by(column).aggregate([("row_no", "count"), ("our_amount", "sum"), ("their_amount", "sum")])
    return {
        row[column]: (row["row_no_count"], row["our_amount_sum"], row["their_amount_sum"])
        for row in sorted(grouped.to_pylist(), key=lambda item: str(item[column]))
    }
