"""CloudEvents of the dossier system, and what it remembers of those it sent and of those it was told (sqlite)."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

SOURCE = "/quang-ninh/dossier"
PREFIX = "vn.quangninh."

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
    seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    event TEXT NOT NULL, body BLOB NOT NULL, act TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS told (
    source TEXT NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    event TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (source, event_id));
CREATE TABLE IF NOT EXISTS not_believed (
    seq INTEGER PRIMARY KEY, transport_id TEXT NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL);
"""


def cloud_event(wanted: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A whole event: ``type`` (with or without our prefix), ``subject`` and ``data`` as wanted, the rest filled in."""
    kind = str(wanted["type"])
    return {
        "specversion": "1.0",
        "id": str(wanted.get("id") or uuid.uuid4()),
        "source": str(wanted.get("source", SOURCE)),
        "type": kind if kind.startswith(PREFIX) else PREFIX + kind,
        "subject": str(wanted["subject"]),
        "time": str(wanted.get("time") or now.isoformat()),
        "datacontenttype": "application/json",
        "data": wanted["data"],
    }


def as_json(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


class Memory:
    """What was sent and told. Safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, check_same_thread=False)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def keep_sent(self, rows: list[tuple[dict[str, Any], bytes]], act: str) -> None:
        """Remember events with the bytes that went out for them."""
        with self._lock, self._db:
            self._db.executemany(
                "INSERT INTO sent (event_id, type, subject, event, body, act) VALUES (?, ?, ?, ?, ?, ?)",
                [(e["id"], e["type"], e["subject"], json.dumps(e, ensure_ascii=False), body, act) for e, body in rows],
            )

    def first_sent(self, event_id: str) -> tuple[dict[str, Any], bytes] | None:
        """An event as it first went out, with its bytes."""
        with self._lock:
            row = self._db.execute(
                "SELECT event, body FROM sent WHERE event_id = ? ORDER BY seq LIMIT 1", (event_id,)
            ).fetchone()
        return None if row is None else (json.loads(row[0]), bytes(row[1]))

    def keep_told(self, event: Mapping[str, Any]) -> None:
        """Remember what the gateway said; source and id together are one event, however often they come."""
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO told (source, event_id, type, subject, event) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (source, event_id) DO UPDATE SET times = times + 1",
                (event["source"], event["id"], event["type"], event.get("subject", ""), json.dumps(dict(event))),
            )

    def keep_not_believed(self, transport_id: str, why: str, body: bytes) -> None:
        """Remember what could not be verified or read."""
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO not_believed (transport_id, why, body) VALUES (?, ?, ?)", (transport_id, why, body)
            )

    def told(self, subject: str = "", kind: str = "") -> list[dict[str, Any]]:
        """What the gateway said, oldest first, of one subject or type where asked."""
        with self._lock:
            rows = self._db.execute(
                "SELECT event, times FROM told WHERE (? = '' OR subject = ?) AND (? = '' OR type LIKE '%' || ?)"
                " ORDER BY rowid",
                (subject, subject, kind, kind),
            ).fetchall()
        return [{**json.loads(event), "times": times} for event, times in rows]

    def counts(self) -> dict[str, object]:
        """How much of everything, for the control API."""
        with self._lock:
            one = self._db.execute
            return {
                "sent": one("SELECT count(*) FROM sent").fetchone()[0],
                "told": dict(one("SELECT type, count(*) FROM told GROUP BY type").fetchall()),
                "told_again": one("SELECT coalesce(sum(times - 1), 0) FROM told").fetchone()[0],
                "not_believed": [row[0] for row in one("SELECT why FROM not_believed ORDER BY seq")],
            }
