"""The engine on plain rows, without a database: both sides as dictionaries, the result as dictionaries."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from gateway.reconciliation import calendar, engine
from gateway.reconciliation.inputs import OURS, THEIRS, Inputs
from gateway.reconciliation.rules import Rules, load
from gateway.reconciliation.sides import Theirs

CONFIG = Path(__file__).resolve().parents[2] / "config"
RULES = load(CONFIG / "rules")["2026-1"]
WORKING_DAYS = calendar.load(CONFIG / "calendars", "vn-banking")
MONDAY = (date(2026, 11, 23) - date(1970, 1, 1)).days
ACCOUNT = "A0101"

Plain = list[dict[str, Any]]
PLAIN_OURS: dict[str, Any] = {
    "kind": "payment", "reference": "", "transaction": "", "account": ACCOUNT, "requested": 0, "prior": 0,
    "standing": "known", "dossier": "", "on": MONDAY, "late": False, "early": False, "lag": 0, "batch": "",
    "status": "", "postage": 0,
}  # fmt: skip
PLAIN_THEIRS: dict[str, Any] = {
    "account": ACCOUNT, "tokens": "", "keys": "", "type_code": "", "response": "", "text": "", "on": MONDAY,
    "postage": 0,
}  # fmt: skip


def ours(pk: int, amount: int, reference: str = "", **more: object) -> dict[str, Any]:
    """One payment of ours."""
    return {**PLAIN_OURS, "pk": pk, "amount": amount, "reference": reference, "requested": amount, **more}


def theirs(pk: int, amount: int, tokens: str = "", **more: object) -> dict[str, Any]:
    """One entry of theirs."""
    return {**PLAIN_THEIRS, "pk": pk, "amount": amount, "tokens": tokens, **more}


def entry(pk: int, amount: int, tokens: str = "", **more: object) -> Theirs:
    """An entry as the judges see it."""
    row = theirs(pk, amount, tokens, **more)
    return Theirs(**row)


def numbered(rows: Plain) -> Plain:
    return [{"pk": number, **row} for number, row in enumerate(rows, start=1)]


@cache
def _duck() -> duckdb.DuckDBPyConnection:
    """For all days of a process: to open one takes a tenth of a small day's judgement, a second thread as much."""
    duck = engine.connect()
    duck.execute("SET threads = 1")
    return duck


def reconcile(inputs: Inputs, role: str, rules: Rules) -> Plain:
    """The rows of the day, as the engine judges them."""
    rows: Plain = engine.reconcile(_duck(), inputs, role, rules).to_pylist()
    return rows


def judged(
    mine: Plain,
    yours: Plain,
    role: str = "bank",
    near_ours: Plain = (),
    near_theirs: Plain = (),
    **more: Any,  # type: ignore[assignment]  # empty
) -> Plain:
    """The rows of the day; candidates and suggestions as lists."""
    inputs = Inputs(
        pa.Table.from_pylist(mine, schema=OURS),
        pa.Table.from_pylist(yours, schema=THEIRS),
        pa.Table.from_pylist(list(near_ours), schema=OURS),
        pa.Table.from_pylist(list(near_theirs), schema=THEIRS),
        days=WORKING_DAYS,
        **more,
    )
    found = reconcile(inputs, role, RULES)
    return [
        {**row, **{name: json.loads(row[name]) for name in ("candidates", "suggestions", "settles")}} for row in found
    ]


def told(rows: Plain) -> list[tuple[str, str, int, int]]:
    """Outcome, rule and both amounts of each row."""
    return [(row["outcome"], row["rule"], row["our_amount"], row["their_amount"]) for row in rows]
