"""What the bank remembers, in one sqlite file: payment requests, booked entries, refunds. A restart keeps it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    reference TEXT PRIMARY KEY, digest TEXT NOT NULL, number TEXT NOT NULL, channel TEXT NOT NULL,
    amount INTEGER NOT NULL, account TEXT NOT NULL, description TEXT NOT NULL, expires_at TEXT NOT NULL,
    state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, account TEXT NOT NULL, amount INTEGER NOT NULL,
    booked_on TEXT NOT NULL, value_on TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL,
    reference TEXT NOT NULL, text TEXT NOT NULL, told INTEGER NOT NULL, booked INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (
    refund_id TEXT PRIMARY KEY, digest TEXT NOT NULL, number TEXT NOT NULL, reference TEXT NOT NULL,
    account TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL, refund_number TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL, reference TEXT NOT NULL, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """``state`` is OPEN, PENDING, FAILED or CANCELLED; paid is what the entries say."""

    reference: str
    digest: str
    number: str
    channel: str
    amount: int
    account: str
    description: str
    expires_at: str
    state: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that moved. ``told``: the collection service knows it; ``booked``: it is on the statement."""

    number: str
    account: str
    amount: int
    booked_on: date
    value_on: date
    at: datetime
    kind: str
    channel: str
    reference: str
    text: str
    told: bool
    booked: bool


@dataclass(frozen=True, slots=True)
class Refund:
    """``state`` is PENDING, DONE or REFUSED; ``number`` the payment given back, ``refund_number`` the debit."""

    refund_id: str
    digest: str
    number: str
    reference: str
    account: str
    amount: int
    state: str
    refund_number: str


class Books:
    """The bank's books. One thread uses them; every method commits."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA)

    def next_number(self, prefix: str) -> str:
        """The next transaction or request number: prefix and ten digits."""
        row = self._db.execute(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (prefix,),
        ).fetchone()
        return f"{prefix}{int(row[0]):010d}"

    def request(self, reference: str) -> PaymentRequest | None:
        row = self._db.execute("SELECT * FROM requests WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else PaymentRequest(*row)

    def add_request(self, request: PaymentRequest) -> None:
        self._db.execute(
            "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                request.reference, request.digest, request.number, request.channel, request.amount, request.account,
                request.description, request.expires_at, request.state,
            ),
        )  # fmt: skip

    def set_request_state(self, reference: str, state: str) -> None:
        self._db.execute("UPDATE requests SET state = ? WHERE reference = ?", (state, reference))

    def add_entry(self, entry: Entry) -> None:
        self._db.execute(
            "INSERT INTO entries (number, account, amount, booked_on, value_on, at, kind, channel, reference, text,"
            " told, booked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.number, entry.account, entry.amount, entry.booked_on.isoformat(), entry.value_on.isoformat(),
                entry.at.astimezone(UTC).isoformat(), entry.kind, entry.channel, entry.reference, entry.text,
                entry.told, entry.booked,
            ),
        )  # fmt: skip

    def payments(self, reference: str) -> Sequence[Entry]:
        """The payments of a reference that the collection service knows, oldest first."""
        return self._entries("reference = ? AND told = 1 AND kind = 'payment' ORDER BY id", reference)

    def payment(self, number: str) -> Entry | None:
        found = self._entries("number = ? AND amount > 0", number)
        return found[0] if found else None

    def booked(self, account: str, first: date, last: date) -> Sequence[Entry]:
        """The entries of an account's statement from ``first`` to ``last``, in booking order."""
        return self._entries(
            "account = ? AND booked = 1 AND booked_on BETWEEN ? AND ? ORDER BY booked_on, id",
            account, first.isoformat(), last.isoformat(),
        )  # fmt: skip

    def moved_before(self, account: str, on: date) -> int:
        """The sum of what was booked before ``on``."""
        row = self._db.execute(
            "SELECT coalesce(sum(amount), 0) FROM entries WHERE account = ? AND booked = 1 AND booked_on < ?",
            (account, on.isoformat()),
        ).fetchone()
        return int(row[0])

    def refund(self, refund_id: str) -> Refund | None:
        row = self._db.execute("SELECT * FROM refunds WHERE refund_id = ?", (refund_id,)).fetchone()
        return None if row is None else Refund(*row)

    def refunded(self, number: str) -> int:
        """What was given back, or is being given back, of one payment."""
        row = self._db.execute(
            "SELECT coalesce(sum(amount), 0) FROM refunds WHERE number = ? AND state <> 'REFUSED'", (number,)
        ).fetchone()
        return int(row[0])

    def add_refund(self, refund: Refund) -> None:
        self._db.execute(
            "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                refund.refund_id, refund.digest, refund.number, refund.reference, refund.account, refund.amount,
                refund.state, refund.refund_number,
            ),
        )  # fmt: skip

    def set_refund(self, refund_id: str, state: str, refund_number: str) -> None:
        self._db.execute(
            "UPDATE refunds SET state = ?, refund_number = ? WHERE refund_id = ?", (state, refund_number, refund_id)
        )

    def note(self, operation: str, reference: str, code: str) -> None:
        """Remember one call that was processed and what was answered."""
        self._db.execute(
            "INSERT INTO calls (operation, reference, code) VALUES (?, ?, ?)", (operation, reference, code)
        )

    def calls(self) -> list[dict[str, str]]:
        """Every call that was processed, oldest first."""
        rows = self._db.execute("SELECT operation, reference, code FROM calls ORDER BY id")
        return [{"operation": operation, "reference": reference, "code": code} for operation, reference, code in rows]

    def references(self) -> list[str]:
        """The reference of every payment request there is."""
        return [str(reference) for (reference,) in self._db.execute("SELECT reference FROM requests ORDER BY rowid")]

    def counts(self) -> dict[str, int]:
        """How many requests, entries and refunds there are."""
        return {
            table: int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - fixed names
            for table in ("requests", "entries", "refunds")
        }

    def _entries(self, condition: str, *values: str) -> Sequence[Entry]:
        columns = "number, account, amount, booked_on, value_on, at, kind, channel, reference, text, told, booked"
        statement = f"SELECT {columns} FROM entries WHERE {condition}"  # noqa: S608 - constants of this class
        return [_entry(row) for row in self._db.execute(statement, values)]


def _entry(row: tuple[Any, ...]) -> Entry:
    number, account, amount, booked_on, value_on, at, kind, channel, reference, text, told, booked = row
    days = date.fromisoformat(booked_on), date.fromisoformat(value_on)
    moment = datetime.fromisoformat(at)
    return Entry(number, account, amount, *days, moment, kind, channel, reference, text, bool(told), bool(booked))
