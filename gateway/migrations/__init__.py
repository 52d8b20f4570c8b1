"""The schema as numbered SQL files, each applied once, in order, in its own transaction."""

from __future__ import annotations

import hashlib
from importlib import resources

import psycopg

from gateway.errors import ConfigurationError

_LOCK = 0x47415445  # one migration at a time per database


def migrate(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Bring the database up to date; the names of the files applied now.

    Raises ConfigurationError ``migration-changed`` where a file that was applied has other bytes now.
    """
    applied_now = []
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute("CREATE SCHEMA IF NOT EXISTS gateway")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS gateway.migration"
            " (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = connection.execute("SELECT name, sha256 FROM gateway.migration").fetchall()
        known = {str(name): str(digest) for name, digest in rows}
        for name, sql in _files():
            digest = hashlib.sha256(sql.encode()).hexdigest()
            if name not in known:
                connection.execute(sql.encode())
                connection.execute("INSERT INTO gateway.migration (name, sha256) VALUES (%s, %s)", (name, digest))
                applied_now.append(name)
            elif known[name] != digest:
                raise ConfigurationError(
                    "the file was applied with other content",
                    code="migration-changed",
                    where=name,
                    action="restore the file and put the change into a new one",
                )
    return applied_now


def _files() -> list[tuple[str, str]]:
    folder = resources.files("gateway.migrations")
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return [(item.name, item.read_text(encoding="utf-8")) for item in files]
