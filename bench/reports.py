"""The workbook of a province's month: 200,000 payments as rows of 16 columns, streamed from PostgreSQL."""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from bench import people_store
from bench.row import Row, row
from gateway import organisation
from gateway.local import postgres
from gateway.messages.store import Connection
from gateway.migrations import migrate
from gateway.reports.layouts import Month
from gateway.reports.month_xlsx import write_month

MONTH = Month.of(date(2026, 11, 1))
PAYMENTS = 200_000

_WITHIN_THE_MONTH = "UPDATE gateway.payment SET business_on = date '2026-11-01' + (payment_pk % 30)::int"
_ALLOCATIONS = """
INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at)
SELECT payment_pk, fee_pk, p.amount, 'notice', p.recorded_at
  FROM gateway.payment p JOIN gateway.fee f USING (dossier_code)"""


def fill(connection: Connection, payments: int) -> None:
    """A month of ``payments``, each for one fee of a dossier of its own."""
    people_store.fill(connection, payments)
    connection.execute("SET session_replication_role = replica")
    connection.execute(_WITHIN_THE_MONTH)
    connection.execute(_ALLOCATIONS)
    connection.execute("SET session_replication_role = origin")
    connection.execute("VACUUM ANALYZE")


def rows() -> list[Row]:
    """Time, and the peak memory of this process, which does nothing else."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir="/tmp") as name:
        folder = Path(name)
        server = postgres.start(folder)
        try:
            with psycopg.connect(server.create_database("bench"), autocommit=True) as connection:
                migrate(connection)
                fill(connection, PAYMENTS)
                started = time.monotonic()
                with connection.transaction():
                    centre = organisation.load(Path(__file__).resolve().parents[1] / "config").on(MONTH.first)
                    made_at = datetime(2026, 12, 1, tzinfo=UTC)
                    write_month(connection, {}, MONTH, folder / "month.xlsx", centre=centre, made_at=made_at)
                seconds = time.monotonic() - started
        finally:
            server.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = f"monthly XLSX of {PAYMENTS // 1000}k rows"
    return [
        row(name, seconds, "s", "limit", 25, target="< 25 s", met=seconds < 25, digits=1),
        row(f"{name}, peak memory", peak, "MB", "limit", 300, target="< 300 MB", met=peak < 300),
    ]
