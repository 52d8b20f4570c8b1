"""Which payment requests a partner should be asked about now: slower with age, never stopping while unsettled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from psycopg import Connection

from gateway.partners import Partner

_FIRST, _LONGEST = 300, 21600


def due_enquiries(
    conn: Connection[tuple[object, ...]],
    now: datetime,
    partners: Mapping[str, Partner],
    *,
    limit: int = 500,
) -> list[tuple[str, str, dict[str, object]]]:
    """(partner, reference, request in our words) of every request of ``partners`` to ask
    about now; its next time is set already.

    The interval doubles from ``poll_first_seconds`` to ``poll_longest_seconds`` and stays there. Inside the caller's
    transaction; two workers never get the same request.
    """
    rows = conn.execute(
        "SELECT request_pk, partner, reference, channel, dossier_code, amount, account, created_at, enquiries,"
        " partner_request_id, (SELECT p.partner_transaction_id FROM gateway.payment p"
        "  WHERE p.request_pk = r.request_pk AND p.source = 'notice' ORDER BY p.payment_pk DESC LIMIT 1)"
        " FROM gateway.payment_request r WHERE next_enquiry_at <= %s AND partner = ANY(%s)"
        " ORDER BY next_enquiry_at, request_pk LIMIT %s FOR UPDATE SKIP LOCKED",
        (now, list(partners), limit),
    ).fetchall()
    due: list[tuple[str, str, dict[str, object]]] = []
    times: list[tuple[datetime, int]] = []
    for pk, partner, reference, channel, code, amount, account, created_at, enquiries, partner_id, last in rows:
        times.append((now + interval(partners.get(str(partner)), int(str(enquiries)) + 1), int(str(pk))))
        request: dict[str, object] = {
            "reference": reference,
            "channel": channel,
            "dossier_code": code,
            "amount": amount,
            "account": account,
            "created_at": created_at.isoformat() if isinstance(created_at, datetime) else "",
            "partner_request_id": partner_id,
            "after_transaction": last or "",
        }
        due.append((str(partner), str(reference), request))
    if times:
        conn.execute(
            "UPDATE gateway.payment_request r SET enquiries = r.enquiries + 1, next_enquiry_at = n.at"
            " FROM unnest(%s::timestamptz[], %s::bigint[]) AS n(at, pk) WHERE r.request_pk = n.pk",
            ([at for at, _ in times], [pk for _, pk in times]),
        )
    return due


def interval(partner: Partner | None, enquiries: int) -> timedelta:
    """How long to wait after the ``enquiries``-th question."""
    platform = partner.platform if partner is not None else None
    first = platform.poll_first_seconds if platform is not None else _FIRST
    longest = platform.poll_longest_seconds if platform is not None else _LONGEST
    return timedelta(seconds=min(first * 2 ** min(enquiries, 30), longest))
