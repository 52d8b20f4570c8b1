"""Reconciling a million fees with a million entries: the matching against a bare DuckDB join, and the whole run."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa

from bench.row import Row
from gateway.local import postgres
from gateway.migrations import migrate
from gateway.partners import load_partners
from gateway.reconciliation import engine, exact
from gateway.reconciliation.day import reconcile
from gateway.reconciliation.inputs import OURS, THEIRS, Inputs
from gateway.reconciliation.rules import load
from gateway.reconciliation.sums import Budget, Pool

DAY = date(2026, 11, 23)
ACCOUNT = "1120000000101"
MEGABYTE = 1 << 20
_TIMES = 5
"""The best of so many runs counts, on both sides of a ratio alike."""


def row(name: str, value: float, unit: str, reference: str, reference_value: float, target: str, met: bool) -> Row:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "reference": reference,
        "reference_value": round(reference_value, 3),
        "ratio": round(value / reference_value, 3) if reference_value else None,
        "target": target,
        "met": met,
    }


def sides(count: int) -> Inputs:
    """Two sides of ``count`` rows, 0.2 % of them odd."""
    references = [f"QN261123{number:07d}" for number in range(count)]
    amounts = [20_000 + 1_000 * (number % 500) for number in range(count)]
    theirs = [amount - 1_000 if number % 500 == 0 else amount for number, amount in enumerate(amounts)]
    on = (DAY - date(1970, 1, 1)).days
    ours_table = pa.table(
        {
            "pk": list(range(count)), "kind": ["payment"] * count, "reference": references,
            "transaction": [f"FT{number}" for number in range(count)], "amount": amounts, "account": [ACCOUNT] * count,
            "requested": amounts, "prior": [0] * count, "standing": ["known"] * count,
            "dossier": [f"H49.12-20261123-{number:07d}" for number in range(count)], "on": [on] * count,
            "late": [False] * count, "early": [False] * count, "lag": [0] * count,
            "batch": [""] * count, "status": [""] * count, "postage": [0] * count,
        },
        schema=OURS,
    )  # fmt: skip
    theirs_table = pa.table(
        {
            "pk": list(range(count)), "account": [ACCOUNT] * count, "amount": theirs, "tokens": references[::-1],
            "keys": references[::-1], "type_code": [""] * count, "response": [""] * count, "text": ["NOP PHI"] * count,
            "on": [on] * count, "postage": [0] * count,
        },
        schema=THEIRS,
    )  # fmt: skip
    theirs_table = theirs_table.set_column(2, "amount", pa.array(theirs[::-1]))
    return Inputs(ours_table, theirs_table, OURS.empty_table(), THEIRS.empty_table())


def odd_sides(count: int) -> Inputs:
    """Two sides of about ``count`` rows, 2 % of them odd, each in one of ten ways."""
    plain = sides(count)
    ours, theirs = plain.ours.slice(0, count).to_pydict(), plain.theirs.to_pydict()
    theirs = {name: values[::-1] for name, values in theirs.items()}  # both in the order of the references
    theirs["amount"] = list(ours["amount"])
    theirs["text"] = ["NOP PHI"] * count
    for number in range(0, count, 50):
        _spoil(ours, theirs, number, number // 50 % 10)
    return Inputs(
        pa.table(ours, schema=OURS), pa.table(theirs, schema=THEIRS), OURS.empty_table(), THEIRS.empty_table()
    )


def _spoil(ours: dict[str, list[Any]], theirs: dict[str, list[Any]], at: int, how: int) -> None:
    """Make the pair ``at`` odd: another amount, account or reference, none, twice, cancelled, a charge."""
    nobody = f"QN261122{at:07d}"
    if how == 0:
        theirs["amount"][at] -= 1_000
    elif how == 1:
        theirs["account"][at] = "1120000000202"
    elif how == 2:
        theirs["tokens"][at] = theirs["keys"][at] = nobody
    elif how == 3:
        theirs["tokens"][at], theirs["keys"][at], theirs["text"][at] = "", "", "NGUYEN VAN A NOP PHI HO SO"
    elif how == 4:
        theirs["tokens"][at] = theirs["keys"][at] = theirs["tokens"][at + 1]
    elif how == 5:
        ours["requested"][at] += 5_000
    elif how == 6:
        theirs["tokens"][at] = theirs["keys"][at] = ""
        theirs["amount"][at], theirs["text"][at] = -11_000, "PHI DICH VU"
    elif how == 7:
        ours["standing"][at] = "cancelled"
    elif how == 8:
        theirs["keys"][at], theirs["tokens"][at] = f"FT26327{at}", ""
        theirs["keys"][at + 1], theirs["tokens"][at + 1] = f"FT26327{at}", ""
        theirs["amount"][at + 1] = -theirs["amount"][at]
    else:
        theirs["amount"][at] += 3_000_000


def rule_set(count: int = 1_000_000) -> list[Row]:
    """Every step of the rules on a day with 2 % of odd rows, against a bare join of the same tables; and its memory."""
    inputs, rules = odd_sides(count), load(Path("config/rules"))["2026-1"]
    bare, ours = [], []
    with _PeakMemory() as peak:
        for _ in range(_TIMES):
            with engine.connect() as duck:
                duck.register("ours", inputs.ours)
                duck.register("theirs", inputs.theirs)
                bare.append(_seconds(lambda: duck.execute(_BARE)))
            with engine.connect() as duck, engine.workspace(duck) as own:
                ours.append(_seconds(lambda: engine.match(own, inputs, "bank", rules)))
    value, reference = min(ours), min(bare)
    return [
        row("all rules 1M x 1M, 2 % odd", value, "s", "bare DuckDB join", reference, "<= 4x", value <= 4 * reference),
        row("all rules 1M x 1M, memory", peak.megabytes, "MB", "limit", 1536, "<= 1.5 GB", peak.megabytes <= 1536),
    ]


def one_to_many(count: int = 10_000) -> Row:
    """The slowest of three searches for a sum among ``count`` adversarial candidates; each must end undecided."""
    rules = load(Path("config/rules"))["2026-1"].group
    pools = ([100_000] * count, [20_000 + 1_000 * (n % 500) for n in range(count)], [2 * n + 2 for n in range(count)])
    slowest = max(
        _seconds(partial(Pool(amounts).search, target, rules, Budget(rules.day_steps)))
        for amounts, target in zip(pools, (500_000, 500_000, 39_999), strict=True)
    )
    return row("sum among 10k candidates", slowest, "s", "limit", 2, "<= 2 s", slowest <= 2)


_BARE = (
    "CREATE TEMP TABLE joined AS SELECT o.pk AS a, t.pk AS b, o.reference, o.dossier, o.amount"
    " FROM ours o JOIN theirs t ON o.reference = t.tokens AND o.amount = t.amount AND o.account = t.account"
)


def matching(count: int = 1_000_000) -> Row:
    """Exact matching and judging of the odd ones, against a bare join of the same tables in the same engine."""
    inputs = sides(count)
    bare, ours = [], []
    for _ in range(_TIMES):
        with engine.connect() as duck:
            duck.register("ours", inputs.ours)
            duck.register("theirs", inputs.theirs)
            bare.append(_seconds(lambda: duck.execute(_BARE)))
        with engine.connect() as duck, engine.workspace(duck) as own:
            ours.append(_seconds(lambda: exact.match_exactly(own, inputs)))
    value, reference = min(ours), min(bare)
    return row("match 1M x 1M", value, "s", "bare DuckDB join", reference, "<= 2x", value <= 2 * reference)


def whole_run(count: int = 1_000_000) -> list[Row]:
    """From PostgreSQL and back: read both sides, match, snapshot, write every row. Time, and memory of this process."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir="/tmp") as folder:
        server = postgres.start(Path(folder))
        try:
            url = server.create_database("bench")
            with psycopg.connect(url) as conn:
                migrate(conn)
                _fill(conn, count)
                conn.commit()
                bank = load_partners(Path("config/partners"), {})["bank-a"]
                with _PeakMemory() as peak:
                    seconds = _seconds(lambda: reconcile(conn, bank, DAY, now=datetime(2026, 11, 24, 3, tzinfo=UTC)))
                    conn.commit()
        finally:
            server.stop()
    return [
        row("reconcile 1M fees, whole run", seconds, "s", "limit", 25, "<= 25 s", seconds <= 25),
        row("reconcile 1M fees, memory", peak.megabytes, "MB", "limit", 1536, "<= 1.5 GB", peak.megabytes <= 1536),
    ]


def rows() -> list[Row]:
    """The rows of ``make bench``."""
    return [matching(), *rule_set(), one_to_many(), *whole_run()]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class _PeakMemory:
    """The highest resident size of this process while inside, sampled (the kernel's own peak knows no beginning)."""

    def __enter__(self) -> _PeakMemory:
        self.megabytes = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        page = resource.getpagesize()
        while not self._stop.wait(0.02):
            resident = int(Path(f"/proc/{os.getpid()}/statm").read_text().split()[1]) * page
            self.megabytes = max(self.megabytes, resident / MEGABYTE)


_CODE = "'H49.12-20261123-' || lpad(i::text, 7, '0')"
_REFERENCE = "'QN261123' || lpad(i::text, 7, '0')"
_AMOUNT = "20000 + 1000 * (i %% 500)"
_EACH = "FROM generate_series(1, %(n)s) i"
_FILL = f"""
INSERT INTO gateway.dossier SELECT {_CODE}, 'p', 'p', 'f', 'f', 2, 'A', '', 1, '', '', '', '', 'u', 'u', 1, now(),
    now(), NULL, NULL, NULL, NULL, NULL, false, NULL, 1 {_EACH};
INSERT INTO gateway.fee (fee_pk, dossier_code, fee_id, kind, name, amount, channel, state, requested_at, message_pk)
    SELECT i, {_CODE}, 'f', 'phi', 'p', {_AMOUNT}, 'internet_banking', 'due', now(), 1 {_EACH};
INSERT INTO gateway.payment_request (request_pk, reference, dossier_code, partner, channel, account, amount, state,
    state_at, created_at, message_pk) SELECT i, {_REFERENCE}, {_CODE}, 'bank-a', 'internet_banking', %(account)s,
    {_AMOUNT}, 'settled', now(), now(), 1 {_EACH};
INSERT INTO gateway.payment (payment_pk, partner, channel, source, reference, request_pk, dossier_code,
    partner_transaction_id, amount, account, paid_at, business_on, recorded_at, message_pk) SELECT i, 'bank-a',
    'internet_banking', 'notice', {_REFERENCE}, i, {_CODE}, 'FT' || i, {_AMOUNT}, %(account)s, '2026-11-23 03:00+00',
    '2026-11-23', '2026-11-23 03:00+00', 1 {_EACH};
INSERT INTO gateway.statement_entry (entry_pk, partner, account, digest, occurrence, booked_on, value_on, amount,
    currency, tokens, keys, type_code, response_code, text, loaded_at) SELECT i, 'bank-a', %(account)s,
    decode(md5(i::text), 'hex'), 1, '2026-11-23', '2026-11-23', {_AMOUNT} - CASE WHEN i %% 500 = 0 THEN 1000 ELSE 0 END,
    'VND', {_REFERENCE},
    {_REFERENCE}, '', '', 'NOP PHI',
    '2026-11-24 01:00+00' {_EACH};
INSERT INTO gateway.statement (partner, account, currency, business_on, statement_id, entry_count, entry_sum, ours,
    file_name, file_sha256, message_pk, loaded_at) VALUES ('bank-a', %(account)s, 'VND', '2026-11-23', 's', %(n)s, 0,
    true, 'f', 'x', 1, now())"""


def _fill(conn: psycopg.Connection[tuple[object, ...]], count: int) -> None:
    conn.execute(
        "INSERT INTO gateway.message (direction, partner, kind, state, body_month, body_sha256, body_size, business_on,"
        " created_at, state_at) VALUES ('in', 'bench', 'bench', 'stored', '2026-11-01', sha256('x'), 1, '2026-11-23',"
        " now(), now())"
    )
    values = {"n": count, "account": ACCOUNT}
    for statement in _FILL.split(";"):
        conn.execute(statement.encode(), values)
    conn.commit()
    conn.autocommit = True
    conn.execute("VACUUM ANALYZE")
    conn.autocommit = False


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for result in [matching(size), *rule_set(size), one_to_many(), *whole_run(size)]:
        print(result)
