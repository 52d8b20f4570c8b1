"""What the day left in the database and with the partners, as ``expectations`` wants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import Connection

from gateway.local.day.cases import Found, FoundAtPartner, FoundFees, FoundMessage, FoundRow

Rows = Connection[tuple[object, ...]]


def read(conn: Rows, states: Mapping[str, Mapping[str, Any]]) -> Found:
    """Everything, in one consistent picture where the caller has a transaction; needs the rights of the auditor.

    ``states``: what each simulator's control API answers to ``GET /control/state``, by partner id.
    """
    partners = tuple(at_partner(name, state) for name, state in sorted(states.items()))
    return Found(tuple(_rows(conn)), tuple(_messages(conn)), _fees(conn), partners)


def at_partner(partner: str, state: Mapping[str, Any]) -> FoundAtPartner:
    """What one simulator tells of its misbehaviour."""

    def downloads(what: str) -> tuple[tuple[str, int], ...]:
        return tuple((str(one["name"]), int(one["offset"])) for one in state["happened"] if one["what"] == what)

    planned = tuple(f"{one['behaviour']} {one['match']}" for one in state["planned"])
    return FoundAtPartner(partner, planned, downloads("download_cut"), downloads("download_resumed"))


def reference_of(conn: Rows, dossier: str) -> str:
    """The newest payment reference of a dossier that the partner was told of, "" where there is none."""
    row = conn.execute(
        "SELECT reference FROM gateway.payment_request WHERE dossier_code = %s ORDER BY request_pk DESC LIMIT 1",
        (dossier,),
    ).fetchone()
    return "" if row is None else str(row[0])


def refunds_of(conn: Rows, dossier: str) -> list[str]:
    """The refunds of a dossier that wait for two people."""
    rows = conn.execute(
        "SELECT refund_id FROM gateway.refund WHERE dossier_code = %s AND state IN ('requested', 'proposed')"
        " ORDER BY refund_pk",
        (dossier,),
    ).fetchall()
    return [str(row[0]) for row in rows]


def _rows(conn: Rows) -> Iterable[FoundRow]:
    dossier_of = {
        str(reference): str(code)
        for reference, code in conn.execute("SELECT reference, dossier_code FROM gateway.payment_request").fetchall()
    }
    found = conn.execute(
        "SELECT v.partner, v.business_on, r.outcome, r.side, r.dossier_codes, r.reference, r.our_amount,"
        " r.their_amount, r.reason FROM gateway.recon_day d JOIN gateway.recon_version v"
        " USING (partner, business_on, version) JOIN gateway.recon_row r USING (version_pk)"
        " ORDER BY v.partner, v.business_on, r.row_no"
    ).fetchall()
    for partner, on, outcome, side, codes, reference, ours, theirs, reason in found:
        words = str(reference).split()
        dossiers = {*(str(code) for code in codes), *(dossier_of.get(word, word) for word in words)}  # type: ignore[attr-defined]  # text[]
        yield FoundRow(
            str(partner), on, str(outcome), str(side), frozenset(dossiers), int(str(ours)), int(str(theirs)),  # type: ignore[arg-type]  # a date
            str(reason),
        )  # fmt: skip


def _messages(conn: Rows) -> Iterable[FoundMessage]:
    was: dict[int, set[str]] = defaultdict(set)
    for pk, before, after in conn.execute("SELECT message_pk, from_state, to_state FROM gateway.message_history"):
        was[int(str(pk))] |= {str(before), str(after)}
    rows = conn.execute(
        "SELECT message_pk, partner, kind, state, reason, transport_id, enquiries, attempts FROM gateway.message"
        " ORDER BY message_pk"
    ).fetchall()
    for pk, partner, kind, state, reason, transport_id, enquiries, attempts in rows:
        number = int(str(pk))
        yield FoundMessage(
            number, str(partner), str(kind), str(state), str(reason), str(transport_id), int(str(enquiries)),
            int(str(attempts)), frozenset(was[number]),
        )  # fmt: skip


def _fees(conn: Rows) -> dict[str, FoundFees]:
    rows = conn.execute(
        "SELECT dossier_code, CASE WHEN min(state) = max(state) THEN min(state) ELSE 'mixed' END, sum(paid)::bigint"
        " FROM gateway.fee GROUP BY dossier_code"
    ).fetchall()
    return {str(code): FoundFees(str(code), str(state), int(str(paid))) for code, state, paid in rows}
