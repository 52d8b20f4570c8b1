"""May the day be judged? A missing, empty or suddenly tiny statement stops it for a person, never "all missing".

So does a statement that does not add up, or that does not continue the one before it.
"""

from __future__ import annotations

from datetime import date, datetime

from psycopg import Connection

from gateway.errors import Conflict, NotFound
from gateway.ledger.foreign_money import DONG, FOREIGN
from gateway.ledger.role_refusals import by_role
from gateway.partners import Partner
from gateway.reconciliation import continuity
from gateway.reconciliation.rules import Rules, rules_for

Rows = Connection[tuple[object, ...]]


def stop_reason(conn: Rows, partner: Partner, business_on: date, *, released: str | None) -> str:
    """A reason code, or "" where the day may be judged. ``released``: the files a person has already vouched for.

    That there is no file at all ("") passes only where nobody paid: never "all missing".
    """
    vouched = released is not None and released == files_of(conn, partner, business_on)
    if _is_missing(conn, partner, business_on) and not (vouched and not _was_paid(conn, partner, business_on)):
        if partner.role == "postal":
            return "remittance-missing"
        told = not vouched and continuity.tells_foreign_money(conn, partner, business_on)
        return FOREIGN if told else "statement-missing"
    if vouched or partner.role == "postal":
        return ""
    return continuity.gap_of(conn, partner, business_on) or _suspicious(
        conn, partner, business_on, rules_for(partner, business_on)
    )


def require_balances(conn: Rows, partner: Partner, business_on: date) -> None:
    """Raises Conflict ``day-stopped`` where the files of the day, as they are now, do not prove their money.

    A file may have come since the day was judged. What a person has vouched for passes.
    """
    row = conn.execute(
        "SELECT coalesce(released_digest, '') FROM gateway.recon_day WHERE partner = %s AND business_on = %s",
        (partner.id, business_on),
    ).fetchone()
    files = files_of(conn, partner, business_on)
    if not files or (row is not None and row[0] == files):
        return
    gap = continuity.gap_of(conn, partner, business_on)
    if gap:
        raise Conflict(
            f"the statements of the day do not prove its money: {gap}",
            code="day-stopped",
            where=f"{partner.id} {business_on}",
            action="reconcile the day again; then have the statement corrected, or release it with a reason",
            facts={"partner": partner.id, "business_on": business_on},
        )


def files_of(conn: Rows, partner: Partner, business_on: date) -> str:
    """The digests of the day's statement files in one text: what a person's release is about."""
    rows = conn.execute(
        "SELECT DISTINCT file_sha256 FROM gateway.statement WHERE partner = %s AND business_on = %s ORDER BY 1",
        (partner.id, business_on),
    )
    return " ".join(str(digest) for (digest,) in rows)


def release(conn: Rows, partner: Partner, business_on: date, user: str, reason: str, now: datetime) -> None:
    """A person vouches for the files that stopped the day, with a reason; other files stop it again.

    Raises NotFound ``day-unknown`` where the day was never looked at, Forbidden ``act-not-allowed``, Conflict
    ``day-not-stopped``, and ``day-stopped`` where money was paid that only a missing file can confirm.
    """
    where = f"{partner.id} {business_on}"
    stays = stop_reason(conn, partner, business_on, released=files_of(conn, partner, business_on))
    if stays:
        raise Conflict(
            f"money was paid that only the missing file can confirm ({stays})",
            code="day-stopped",
            where=where,
            action="fetch the file or ask the partner for it, then reconcile the day again",
            facts={"partner": partner.id, "business_on": business_on},
        )
    _require_stopped(conn, partner, business_on)
    with by_role(where, "day_released_by_maker", "ask somebody who is finance_maker"):
        conn.execute(
            "UPDATE gateway.recon_day SET released_by = %s, released_reason = %s, released_digest = %s, changed_at = %s"
            " WHERE partner = %s AND business_on = %s",
            (user, reason, files_of(conn, partner, business_on), now, partner.id, business_on),
        )


def _require_stopped(conn: Rows, partner: Partner, business_on: date) -> None:
    """Whether its files as they are now stop it: they may have come since it was judged."""
    where, facts = f"{partner.id} {business_on}", {"partner": partner.id, "business_on": business_on}
    row = conn.execute(
        "SELECT released_digest FROM gateway.recon_day WHERE partner = %s AND business_on = %s FOR UPDATE",
        (partner.id, business_on),
    ).fetchone()
    if row is None:
        raise NotFound("this day was never reconciled", code="day-unknown", where=where, facts=facts)
    vouched = None if row[0] is None else str(row[0])
    if not stop_reason(conn, partner, business_on, released=vouched):
        raise Conflict(
            "nothing stops this day: there is nothing to vouch for",
            code="day-not-stopped",
            where=where,
            action="look at the day; one that was released, or has better files, is reconciled again",
            facts=facts,
        )


def _is_missing(conn: Rows, partner: Partner, business_on: date) -> bool:
    if partner.role != "postal":
        return bool(_without_statement(conn, partner, business_on))
    return not _any(
        conn, "SELECT FROM gateway.remittance WHERE partner = %s AND business_on = %s", partner, business_on
    )


def _was_paid(conn: Rows, partner: Partner, business_on: date) -> bool:
    paid = "SELECT FROM gateway.payment WHERE partner = %s AND business_on = %s AND source <> 'statement'"
    return _any(conn, paid, partner, business_on)


def _any(conn: Rows, query: str, partner: Partner, business_on: date) -> bool:
    row = conn.execute(f"SELECT EXISTS ({query})".encode(), (partner.id, business_on)).fetchone()
    return row is not None and bool(row[0])


def _without_statement(conn: Rows, partner: Partner, business_on: date) -> list[str]:
    """The accounts that need a statement and have none: the default always, another where money is expected on it.

    One in another currency than đồng tells nothing of what was paid.
    """
    if partner.accounts is None:
        return []
    have = conn.execute(
        "SELECT DISTINCT account FROM gateway.statement WHERE partner = %s AND ours AND currency = %s"
        " AND (business_on = %s OR %s BETWEEN opening_on AND closing_on)"
        # a bank may book on an earlier date than its statement begins: that date is judged by what is known of it
        " UNION SELECT account FROM gateway.statement_entry WHERE partner = %s AND booked_on = %s",
        (partner.id, DONG, business_on, business_on, partner.id, business_on),
    ).fetchall()
    expected = conn.execute(
        "SELECT DISTINCT coalesce(r.account, p.account) FROM gateway.payment p"
        " LEFT JOIN gateway.payment_request r USING (request_pk) WHERE p.partner = %s AND p.business_on = %s"
        " AND p.source <> 'statement'",
        (partner.id, business_on),
    ).fetchall()
    needed = {partner.accounts.default} | ({str(a) for (a,) in expected} & partner.accounts.all())
    if partner.role == "intermediary":  # its file names only accounts with transactions
        needed = {partner.accounts.default} if not have else set()
    return sorted(needed - {str(a) for (a,) in have})


def _suspicious(conn: Rows, partner: Partner, business_on: date, rules: Rules) -> str:
    row = conn.execute(
        "SELECT (SELECT count(*) FROM gateway.statement_entry WHERE partner = %(p)s AND booked_on = %(d)s),"
        " (SELECT count(*) FROM gateway.payment WHERE partner = %(p)s AND business_on = %(d)s"
        "   AND source <> 'statement'),"
        " (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n) FROM"
        "   (SELECT count(*) AS n FROM gateway.statement_entry"
        "   WHERE partner = %(p)s AND booked_on BETWEEN %(d)s::date - 14 AND %(d)s::date - 1 GROUP BY booked_on) days)",
        {"p": partner.id, "d": business_on},
    ).fetchone()
    entries, owed, usual = (int(str(value or 0)) for value in row) if row is not None else (0, 0, 0)
    if owed and not entries:
        return "statement-empty"
    expected = max(owed, usual)
    tiny = rules.completeness
    if owed and expected >= tiny.tiny_from and entries * 100 < expected * tiny.tiny_percent:
        return "statement-tiny"
    return ""
