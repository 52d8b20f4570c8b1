"""A dossier refused after it was paid, and dossiers of several units, committed beside the Monday of ``world``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from gateway.model import EventType
from gateway.partners import Partner
from tests.reconciliation.day_story import DayStory

CODE = "H49.12-20261123-0000001"


@dataclass(frozen=True, slots=True)
class People:
    """The first row of a table by its key: the refund that waits, the file with the most money."""

    refund: str
    statement: int


def people_of_a_monday(url: str, partners: Mapping[str, Partner]) -> People:
    """The Monday stands in the database already."""
    with psycopg.connect(url) as conn:
        day = DayStory(conn, partners)
        day.count, day.number = 2000, 500
        day.pay(day.owe(150_000, owner_name="Đặng Thị Hường"), 150_000)
        day.tell(
            EventType.DOSSIER_REFUSED, {"reason": "Không đủ điều kiện", "refused_at": "2026-11-23T10:00:00+07:00"},
            day.code(),
        )  # fmt: skip
        short = day.one(
            "SELECT dossier_codes[1] FROM gateway.recon_row WHERE outcome = 'underpaid' AND dossier_codes <> '{}'"
            " ORDER BY row_no LIMIT 1"
        )
        conn.execute(
            "UPDATE gateway.message SET dossier_code = CASE WHEN message_pk <= 3 THEN %s ELSE %s END,"
            " partner = 'dossier', signer = encode(body_sha256, 'hex'), kind = 'dossier_event', state = 'applied',"
            " created_at = timestamptz '2026-11-23T01:00:00Z' + message_pk * interval '1 minute' WHERE message_pk <= 5",
            (CODE, short),
        )
        conn.execute(
            "INSERT INTO gateway.receipt (message_pk, receipt, issued_at)"
            " SELECT message_pk, body_sha256, created_at FROM gateway.message WHERE message_pk <= 5"
            " ON CONFLICT DO NOTHING"
        )
        conn.execute(
            "UPDATE gateway.dossier d SET channel = 1 + n % 2, returned_at = CASE WHEN n > 4 THEN submitted_at END,"
            " submitted_at = submitted_at - n % 4 * interval '1 month', returns_by_post = n > 7,"
            " unit_code = unit_code || n % 3, unit_name = (ARRAY['Sở Xây dựng', 'Sở Y tế', 'Sở Nội vụ'])[1 + n % 3]"
            " FROM (SELECT dossier_code, right(dossier_code, 1)::int AS n FROM gateway.dossier) x"
            " WHERE x.dossier_code = d.dossier_code"
        )
        conn.commit()
        return People(
            str(day.one("SELECT refund_id FROM gateway.refund")),
            int(day.one("SELECT statement_pk FROM gateway.statement ORDER BY entry_sum DESC LIMIT 1")),
        )
