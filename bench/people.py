"""What people wait for: search, timeline, day page and break page, with a million fees and a million entries stored.

Server time of whole requests through the console's application: sign-in, rights, a connection of its own, the queries,
the page. One person at a time, as pages are read, in a process whose pages were opened before (templates are compiled
when they are first used) and that is spared from full collections as the plugin does it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from fastapi import FastAPI
from starlette.testclient import TestClient

from bench.people_store import fill
from bench.row import Row, row
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.console.app import build_application, spare_from_collection
from gateway.local import postgres
from gateway.migrations import migrate
from gateway.partners import Partner, load_partners
from gateway.reconciliation.day import reconcile
from gateway.settings import Settings

CONFIG = Path(__file__).resolve().parents[1] / "config"
STORED = int(os.environ.get("BENCH_PEOPLE", "1000000"))
DAY = date(2026, 10, 14)
MORNING = datetime(2026, 10, 15, 3, 0, tzinfo=UTC)
LIMIT_MS = 150.0
ROUNDS = 20

_STATEMENT = """
INSERT INTO gateway.statement (partner, account, currency, business_on, statement_id, opening_on, opening, closing_on,
    closing, entry_count, entry_sum, new_count, ours, file_name, file_sha256, message_pk, loaded_at)
SELECT 'bank-a', '1120000000101', 'VND', %(day)s, 'S1', %(day)s, 0, %(day)s, sum(amount), count(*), sum(amount),
    count(*), true, 'F1', repeat('0', 64), 1, %(now)s
  FROM gateway.statement_entry WHERE partner = 'bank-a' AND booked_on = %(day)s"""
_SEEN = """
INSERT INTO gateway.statement_entry_seen (statement_pk, seen_no, entry_pk, line)
SELECT 1, row_number() OVER (ORDER BY entry_pk), entry_pk, 0 FROM gateway.statement_entry
 WHERE partner = 'bank-a' AND booked_on = %(day)s"""


def rows() -> Sequence[Row]:
    """The p95 of each page, over different addresses of it."""
    with tempfile.TemporaryDirectory() as folder:
        server = postgres.start(Path(folder), forgetful=True)
        try:
            url = server.create_database("bench_people")
            partners = load_partners(CONFIG / "partners", {})
            addresses = _prepared(url, partners)
            visitor = TestClient(_application(url, partners, Path(folder)), base_url="http://bench.test")
            visitor.cookies["user"] = "an"
            for path in (path for paths in addresses.values() for path in paths[:1]):
                visitor.get(path)
            spare_from_collection()
            return [_measured(visitor, name, paths) for name, paths in addresses.items()]
        finally:
            server.stop()


def _prepared(url: str, partners: Mapping[str, Partner]) -> Mapping[str, Sequence[str]]:
    """Fill, reconcile one day of some 14,000 payments with 2 % of odd ones, and name the pages that are asked for."""
    with psycopg.connect(url, autocommit=True) as connection:
        migrate(connection)
        fill(connection, STORED)
        values = {"day": DAY, "now": MORNING}
        connection.execute(_STATEMENT, values)
        connection.execute(_SEEN, values)
        with connection.transaction():
            judged = reconcile(connection, partners["bank-a"], DAY, now=MORNING)
        if judged.stopped:
            raise RuntimeError(f"the day stopped: {judged.stopped}")
        connection.execute("VACUUM ANALYZE")
        connection.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('an', 'finance_maker', 'grant', 'x', now())"
        )
        keys = [str(key) for (key,) in connection.execute(
            "SELECT row_key FROM gateway.recon_row WHERE outcome <> 'matched' ORDER BY row_no LIMIT 50")]  # fmt: skip
        dossiers = [(str(code), str(reference), str(number)) for code, reference, number in connection.execute(
            "SELECT dossier_code, reference, partner_transaction_id FROM gateway.payment"
            " WHERE payment_pk %% %s = 7 LIMIT 20",
            (max(STORED // 20, 8),))]  # fmt: skip
    day = f"/days/bank-a/{DAY}"
    # Also in no order, and the commonest of all words, which few names have together.
    words = [
        "hanh thi nguyen",
        "Văn An",
        "an nguyen van",
        "thi van",
        "thi van tran nguyen",
        "phi nguyen",
        "H49.12-202609",
    ]
    words += ["nguyen thi hanh", "dang", "Đỗ Văn Đông", "khong co ten nay", "50.000", "970000", "0000123", "H49.12"]
    searched = [word for codes in dossiers for word in codes] + words
    return {
        "search": [f"/dossiers?q={word}" for word in searched],
        "dossier's timeline": [f"/dossiers/{code}" for code, _, _ in dossiers],
        "day page": [day, f"{day}?outcome=overpaid", f"{day}?text=QN2611", f"{day}?state=open&after=100"],
        "break page": [f"{day}/breaks/{key}" for key in keys],
        "thread": [f"/threads/bank-a/{DAY}/{key}" for key in keys],
        "ageing, unidentified": ["/ageing", "/unidentified"],
        "indicators of a year": ["/indicators?year=2026", "/indicators?year=2026&month=10"],
    }


def _application(url: str, partners: Mapping[str, Partner], var: Path) -> FastAPI:
    settings = Settings("test", url, "", CONFIG, var, var)

    @contextmanager
    def open_desk() -> Iterator[Desk]:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET ROLE gateway_console")
            yield Desk(connection, FixedClock(MORNING), partners, settings)

    return build_application(lambda request: request.cookies.get("user"), open_desk=open_desk, secret="bench")


def _measured(visitor: TestClient, name: str, paths: Sequence[str]) -> Row:
    times = []
    for _ in range(max(2, ROUNDS // len(paths) + 1)):
        for path in paths:
            started = time.perf_counter()
            answer = visitor.get(path)
            times.append((time.perf_counter() - started) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
    p95 = statistics.quantiles(times, n=20)[-1]
    return row(
        f"{name}, {STORED:,} fees and entries stored, p95 server time", p95, "ms", "limit", LIMIT_MS,
        target="< 150 ms", met=p95 < LIMIT_MS, digits=1,
    )  # fmt: skip
