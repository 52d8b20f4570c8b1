"""Reads both sides of a day into Arrow, inside the caller's transaction: one consistent picture, streamed by COPY."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection
from pyarrow import csv

from gateway.model import VIETNAM
from gateway.partners import Partner
from gateway.reconciliation import evidence, queries, settled
from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.moves import Moves, redated
from gateway.reconciliation.outcomes import Suggestion
from gateway.reconciliation.rules import Rules, folded
from gateway.reconciliation.sides import Batch, CashCount, Known, Remitted, Settled, Theirs

Rows = Connection[tuple[object, ...]]

OURS = pa.schema(
    [
        ("pk", pa.int64()), ("kind", pa.string()), ("reference", pa.string()), ("transaction", pa.string()),
        ("amount", pa.int64()), ("account", pa.string()), ("requested", pa.int64()), ("prior", pa.int64()),
        ("standing", pa.string()), ("dossier", pa.string()), ("on", pa.int64()), ("late", pa.bool_()),
        ("early", pa.bool_()), ("lag", pa.int64()), ("batch", pa.string()), ("status", pa.string()),
        ("postage", pa.int64()),
    ]
)  # fmt: skip
THEIRS = pa.schema(
    [
        ("pk", pa.int64()), ("account", pa.string()), ("amount", pa.int64()), ("tokens", pa.string()),
        ("keys", pa.string()), ("type_code", pa.string()), ("response", pa.string()), ("text", pa.string()),
        ("on", pa.int64()), ("postage", pa.int64()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a day's judgement depends on, besides the rules.

    ``kept``: rows that are not judged again, because people moved their money to another day;
    ``near_bulk``: credits of later dates that may settle this day in bulk; ``waiting``: lags (in working days) whose
    deadline has not passed; ``days``: the partner's calendar, where differences of the date are judged by it;
    ``settled``: what other days took of remittances, counts and batches; ``beside``: card payments of other dates that
    fall due together with those of this day.
    """

    ours: pa.Table
    theirs: pa.Table
    near_ours: pa.Table
    near_theirs: pa.Table
    known: Mapping[str, Known] = field(default_factory=dict)
    remittances: Mapping[str, Remitted] = field(default_factory=dict)
    suggestions: Mapping[int, tuple[Suggestion, ...]] = field(default_factory=dict)
    near_bulk: tuple[Theirs, ...] = ()
    batches: tuple[Batch, ...] = ()
    counts: tuple[CashCount, ...] = ()
    waiting: frozenset[int] = frozenset()
    days: WorkingDays | None = None
    kept: pa.Table | None = None
    settled: Mapping[str, Settled] = field(default_factory=dict)
    beside: tuple[Batch, ...] = ()


def read(
    conn: Rows,
    partner: Partner,
    business_on: date,
    rules: Rules,
    moves: Moves,
    *,
    now: datetime,
    waiting: frozenset[int],
    days: WorkingDays | None,
) -> Inputs:
    """Both sides of one day of one partner, as known at ``now``, with what else may explain them.

    Money that people moved is read on the date that ``moves`` says.
    """
    if partner.role == "postal":
        return _read_postal(conn, partner, business_on, now)
    values = {**_parameters(partner, business_on, rules, now), **moves.values()}
    lags = _lags(partner)
    ours = _table(conn, OURS, queries.OURS.replace("lags", lags), values)
    loose = evidence.loose_entries(theirs := _table(conn, THEIRS, queries.THEIRS, values))
    remittances = evidence.remittances(conn, values)
    batches = evidence.batches(conn, loose, rules, partner, values) if rules.uses("bulk") else ()
    counts = evidence.cash_counts(conn, loose, rules, values) if rules.uses("cash") else ()
    lagging = lags != "0" and pc.any(pc.greater(ours["lag"], 0)).as_py()
    near_bulk = _near_bulk(conn, rules, values) if lagging else ()
    beside = evidence.beside(conn, partner, days, business_on, values) if near_bulk and days is not None else ()
    return Inputs(
        ours=ours,
        theirs=theirs,
        near_ours=_table(conn, OURS, queries.NEAR_OURS.replace("lags", lags), values),
        near_theirs=_table(conn, THEIRS, queries.NEAR_THEIRS, values),
        known=evidence.known(conn, values),
        remittances=remittances,
        suggestions=evidence.suggestions(conn, loose, rules, values) if rules.uses("suggestion") else {},
        near_bulk=near_bulk,
        batches=batches,
        counts=counts,
        settled=settled.elsewhere(conn, values) if remittances or batches or counts or beside else {},
        waiting=waiting,
        days=days,
        beside=beside,
    )


def _lags(partner: Partner) -> str:
    """Working days after which a payment's channel is credited, as SQL (channels are our own words)."""
    cases = " ".join(f"WHEN '{name.value}' THEN {lag}" for name, lag in partner.matching.settles_after.items() if lag)
    return f"CASE p.channel {cases} ELSE 0 END" if cases else "0"


def _near_bulk(conn: Rows, rules: Rules, values: dict[str, object]) -> tuple[Theirs, ...]:
    found = _table(conn, THEIRS, queries.LATER, values)
    entries = (Theirs(*row.values()) for row in found.to_pylist())
    return tuple(entry for entry in entries if rules.bulk.pattern.search(folded(f"{entry.type_code} {entry.text}")))


def _parameters(partner: Partner, business_on: date, rules: Rules, now: datetime) -> dict[str, object]:
    cutoff = partner.calendar.cutoff if partner.calendar is not None else datetime.max.time()
    closes_at = datetime.combine(business_on, cutoff, VIETNAM)
    window = rules.window
    return {
        "partner": partner.id,
        "day": business_on,
        "now": now,
        "day_from": datetime.combine(business_on, datetime.min.time(), VIETNAM),
        "day_to": datetime.combine(business_on + timedelta(days=1), datetime.min.time(), VIETNAM),
        "from": business_on - timedelta(days=window.days),
        "to": business_on + timedelta(days=window.days),
        "cutoff": cutoff,
        "late": timedelta(minutes=window.late_minutes),
        "early": timedelta(minutes=window.early_minutes),
        "closes_at": closes_at,
        "opens_at": closes_at - timedelta(days=1),
    }


def _read_postal(conn: Rows, partner: Partner, business_on: date, now: datetime) -> Inputs:
    values: dict[str, object] = {"partner": partner.id, "day": business_on, "now": now}
    ours, theirs = _table(conn, OURS, queries.COD, values), _table(conn, THEIRS, queries.REMITTED, values)
    return Inputs(ours, theirs, OURS.empty_table(), THEIRS.empty_table())


def _table(conn: Rows, schema: pa.Schema, query: str, values: dict[str, object]) -> pa.Table:
    with tempfile.TemporaryDirectory(prefix="gateway-recon-") as folder:
        file = Path(folder) / "rows.csv"
        with (
            file.open("wb") as out,
            conn.cursor().copy(f"COPY ({redated(query, values)}) TO STDOUT (FORMAT csv)".encode(), values) as copy,
        ):
            for block in copy:
                out.write(block)
        if file.stat().st_size == 0:
            return schema.empty_table()
        return csv.read_csv(
            file,
            read_options=csv.ReadOptions(column_names=schema.names),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=schema, strings_can_be_null=False, true_values=["t"], false_values=["f"]
            ),
        )
