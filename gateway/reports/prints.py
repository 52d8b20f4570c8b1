"""The digest of every report that was made, kept when it was made: making it again must give the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Literal

from psycopg import Connection

from gateway.reports.editions import Edition
from gateway.reports.minutes import Minutes, as_data
from gateway.reports.rows import DayReport

Rows = Connection[tuple[object, ...]]
PrintForm = Literal["xlsx", "csv", "pdf", "minutes"]
"""What a digest is of: a file, or what the minutes say before they are drawn."""

_LIBRARIES = ("xlsxwriter", "typst")


@dataclass(frozen=True, slots=True)
class Print:
    """One kept digest; ``made_with`` names the program and its libraries."""

    edition: Edition
    form: str
    made_with: str
    sha256: str


@cache
def made_with() -> str:
    """This program: a digest of everything that it is made of, and the libraries that write files."""
    digest = hashlib.sha256()
    root = Path(str(resources.files("gateway")))
    for file in sorted(root.rglob("*")):
        if file.suffix in (".py", ".typ", ".ttf"):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    libraries = " ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    return f"gateway {digest.hexdigest()[:16]} {libraries}"


def digest_of_minutes(minutes: Minutes) -> str:
    """SHA-256 of what the minutes say, whatever draws them."""
    said = json.dumps(as_data(minutes), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def keep(conn: Rows, report: DayReport, form: PrintForm, sha256: str) -> None:
    """Keep the digest of a report, once for an edition and a program: the first one stands."""
    conn.execute(
        "INSERT INTO gateway.report_print (partner, business_on, version, steps, decisions, form, made_with, sha256,"
        " made_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now()) ON CONFLICT DO NOTHING",
        (
            report.partner_id, report.business_on, report.version, report.edition.steps, report.edition.decisions, form,
            made_with(), sha256,
        ),
    )  # fmt: skip


def kept(conn: Rows, partner: str, business_on: date, version: int) -> Sequence[Print]:
    """What was kept of a version, in the order in which it was made."""
    found = conn.execute(
        "SELECT steps, decisions, form, made_with, sha256 FROM gateway.report_print"
        " WHERE partner = %s AND business_on = %s AND version = %s ORDER BY print_pk",
        (partner, business_on, version),
    ).fetchall()
    return [
        Print(Edition(version, int(str(steps)), int(str(decisions))), str(form), str(program), str(sha256))
        for steps, decisions, form, program, sha256 in found
    ]
