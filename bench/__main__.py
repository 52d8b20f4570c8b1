"""``make bench``: every measurement (or those that ARGS names), as a table and in ``var/bench.json``.

A run of some parts replaces their rows alone: the file has the last measurement of each part. Each part runs in a
process of its own, one after the other: its memory is its own, and nothing else is busy.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.row import FIELDS, Row, rows_of

PARTS = ("dags", "spine", "security", "dossier", "amqp", "statements", "reconciliation", "reports", "sftp", "people")
VAR = Path(__file__).resolve().parents[1] / "var"


def main() -> int:
    """0 where every target is met, 1 where one is not or a part broke."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    wanted = parser.parse_args().parts or PARTS
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    console = Console(stderr=True)
    found: list[Row] = []
    broken = []
    for part in wanted:
        started = time.monotonic()
        try:
            rows = _alone(part)
            _file_of(part).write_text(_as_json(rows), encoding="utf-8")
            found.extend(rows)
        except Exception as error:
            broken.append(part)
            console.print(f"{part}: {type(error).__name__}: {error}", markup=False, style="red")
        console.print(f"{part}: {time.monotonic() - started:.0f} s", highlight=False)
    _show(found)
    known = [row for part in PARTS if _file_of(part).exists() for row in json.loads(_file_of(part).read_bytes())]
    (VAR / "bench.json").write_text(_as_json(known), encoding="utf-8")
    return 1 if broken or not all(one["met"] for one in found) else 0


def _file_of(part: str) -> Path:
    return VAR / "bench" / f"{part}.json"


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _alone(part: str) -> list[Row]:
    """The rows of one part, measured by a fresh process whose services and files live in ``var/bench/PART``."""
    folder = VAR / "bench" / part
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["TMPDIR"] = str(folder)
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            return [{field: one[field] for field in FIELDS} for one in alone.submit(rows_of, part).result()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _show(found: Sequence[Row]) -> None:
    table = Table(title="Speed and memory")
    for name in ("what", "measured", "limit or peer", "ratio", "target", "met"):
        table.add_column(name, overflow="fold", justify="right" if name in ("measured", "ratio") else "left")
    for one in found:
        ratio = "" if one["ratio"] is None else f"{one['ratio']}"
        table.add_row(
            str(one["name"]),
            f"{one['value']:,} {one['unit']}",
            f"{one['reference']} {one['reference_value']:,}",
            ratio,
            str(one["target"]),
            "yes" if one["met"] else "[red]no[/red]",
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    sys.exit(main())
