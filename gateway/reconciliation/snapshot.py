"""The canonical bytes of a reconciled day: what a digest is taken of, what two people sign, what a rerun must equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from gateway.reconciliation.inputs import Inputs

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``body`` is the file of the rows as CSV in their order; ``head`` one line of JSON before them."""

    head: bytes
    body: Path
    sha256: str
    compressed: bytes


def write(duck: duckdb.DuckDBPyConnection, rows: pa.Table, facts: Mapping[str, object], file: Path) -> Snapshot:
    """Write the rows to ``file`` and take the digest over facts and rows."""
    _write_csv(duck, rows, file)
    return of(facts, file)


def of(facts: Mapping[str, object], file: Path) -> Snapshot:
    """The snapshot of facts and the rows that ``file`` holds."""
    head = (json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
    digest = hashlib.sha256(head)
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(head)
        for chunk in chunks(file):
            digest.update(chunk)
            packed.write(chunk)
    return Snapshot(head, file, digest.hexdigest(), sink.getvalue().to_pybytes())


def unpack(compressed: bytes) -> bytes:
    """The canonical bytes of a stored snapshot."""
    with pa.CompressedInputStream(pa.BufferReader(compressed), "zstd") as packed:
        return bytes(packed.read())


def chunks(file: Path) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time."""
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def _write_csv(duck: duckdb.DuckDBPyConnection, rows: pa.Table, file: Path) -> None:
    # PostgreSQL reads these very bytes: lists are its array literals (dossier codes hold nothing to quote).
    columns = [
        f"""'{{' || array_to_string("{field.name}", ',') || '}}' AS "{field.name}\""""
        if pa.types.is_list(field.type)
        else f'"{field.name}"'
        for field in rows.schema
    ]
    duck.register("rows", rows)
    duck.execute(
        f"COPY (SELECT {', '.join(columns)} FROM rows) TO '{file}' (FORMAT csv, HEADER false)"  # noqa: S608 - our own names
    )
    duck.unregister("rows")


def digests_of(duck: duckdb.DuckDBPyConnection, sides: Inputs) -> dict[str, str]:
    """Of each input the SHA-256 over its number of rows and the sum (exclusive or) of the MD5 of each, in any order."""
    return {name: _digest_of(duck, getattr(sides, name)) for name in ("ours", "theirs", "near_ours", "near_theirs")}


def _digest_of(duck: duckdb.DuckDBPyConnection, table: pa.Table) -> str:
    columns = ", ".join(f'"{name}"' for name in table.schema.names)
    duck.register("digested", table)
    found = duck.execute(
        f"SELECT sha256(concat_ws(' ', count(*), coalesce(bit_xor(md5_number(concat_ws(chr(31), {columns}))), 0)))"  # noqa: S608 - our own names
        " FROM digested"
    ).fetchall()
    duck.unregister("digested")
    return str(found[0][0])
