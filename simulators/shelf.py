"""What a simulator remembers: JSON records by kind and key, in one SQLite file that survives restarts and kills."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path

Record = dict[str, object]


class Shelf:
    """Records of a simulator, in the order in which they were first put. Safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        # The process may be killed at any moment, the machine is not: the page cache is safe enough.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS record (kind TEXT, key TEXT, at INTEGER PRIMARY KEY AUTOINCREMENT,"
            " body TEXT NOT NULL, UNIQUE (kind, key))"
        )

    def put(self, kind: str, key: str, record: Record) -> None:
        """Remember ``record``; one that is there already is replaced in its place."""
        with self._lock:
            self._database.execute(
                "INSERT INTO record (kind, key, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(record, ensure_ascii=False)),
            )

    def get(self, kind: str, key: str) -> Record | None:
        with self._lock:
            row = self._database.execute("SELECT body FROM record WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def all(self, kind: str) -> list[Record]:
        with self._lock:
            rows = self._database.execute("SELECT body FROM record WHERE kind = ? ORDER BY at", (kind,)).fetchall()
        return [dict(json.loads(body)) for (body,) in rows]

    def after(self, kind: str, key: str, limit: int) -> list[Record]:
        """Up to ``limit`` records whose key sorts after ``key``, by key."""
        with self._lock:
            rows = self._database.execute(
                "SELECT body FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT ?", (kind, key, limit)
            ).fetchall()
        return [dict(json.loads(body)) for (body,) in rows]

    def starting(self, kind: str, prefix: str) -> list[Record]:
        """The records whose key begins with ``prefix``, by key."""
        with self._lock:
            rows = self._database.execute(
                "SELECT body FROM record WHERE kind = ? AND key >= ? AND key < ? ORDER BY key",
                (kind, prefix, prefix + "\U0010ffff"),
            ).fetchall()
        return [dict(json.loads(body)) for (body,) in rows]

    def count(self, kind: str) -> int:
        with self._lock:
            (number,) = self._database.execute("SELECT count(*) FROM record WHERE kind = ?", (kind,)).fetchone()
        return int(number)

    def remove(self, kind: str) -> None:
        """Forget every record of a kind."""
        with self._lock:
            self._database.execute("DELETE FROM record WHERE kind = ?", (kind,))

    def close(self) -> None:
        with self._lock:
            self._database.close()
