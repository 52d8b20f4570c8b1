"""Messages as they stand, whatever steps led there."""

from __future__ import annotations

from typing import Any

from tests.application.office import Office

_IN = ("quarantined", "dead_lettered", "parked", "applied", "stored")
_BORN = """
INSERT INTO gateway.message (direction, partner, kind, state, message_id, transaction_id, body_month, body_sha256,
       body_size, business_on, created_at, state_at, reason, next_attempt_at, waits_for, claimed_by, claimed_until)
VALUES (%(direction)s, 'bank-a', %(kind)s, %(state)s, gen_random_uuid(), %(transaction_id)s, '2026-11-01', sha256('x'),
       1, '2026-11-23', now(), now(), %(reason)s, now(), CASE %(state)s WHEN 'parked' THEN 'D1' END, 'w', now())
RETURNING message_pk"""


def message(office: Office, state: str, **more: Any) -> int:
    """A message in that state; ``more``: its kind, reason, transaction_id."""
    told = {"kind": "dossier_event", "reason": "x", "transaction_id": None, **more, "state": state}
    with office.conn.transaction():
        office.conn.execute("SET LOCAL session_replication_role = replica")
        told["direction"] = "in" if state in _IN else "out"
        ((message_pk,),) = office.conn.execute(_BORN, told).fetchall()
    return int(message_pk)
