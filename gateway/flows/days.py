"""The days of partners: reconciled and reported by a machine, proposed and approved by two people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from psycopg.rows import dict_row

from gateway.errors import DoesNotClose, NotFound
from gateway.flows.wiring import Work
from gateway.messages.store import Connection
from gateway.model import Summary
from gateway.partners import Partner
from gateway.reconciliation import day
from gateway.reports.day import FORMS, write_day_reports
from gateway.reports.verification import verify_minutes


def reconcile(work: Work, partner: Partner, business_on: date, folder: Path) -> Summary:
    """Match the day and write its reports; ``keys`` is ``partner:date`` where it is reconciled.

    A day that is stopped for a person (an empty or suddenly tiny statement) has no key and counts as ``stopped``.
    """
    with work.connection.transaction():
        done = day.reconcile(work.connection, partner, business_on, now=work.clock.now())
    if done.stopped:
        return Summary({"stopped": 1})
    write_reports(work, partner, business_on, folder)
    counts = {outcome: count for outcome, (count, _, _) in (done.summary or {}).items()}
    return Summary(
        {**counts, "version": done.version, "changed": int(done.changed)}, keys=[f"{partner.id}:{business_on}"]
    )


def verify(work: Work, partner: Partner, business_on: date) -> Summary:
    """Judge the day again from its stored inputs, and draw its prepared minutes again.

    Raises DoesNotClose ``snapshot-differs`` or ``report-bytes-differ``.
    """
    if not day.verify(work.connection, partner, business_on):
        raise DoesNotClose(
            "the stored inputs no longer give the stored snapshot",
            code="snapshot-differs",
            where=f"{partner.id} {business_on}",
            action="nothing may be approved on it; compare the rule, engine and input digests of the version",
        )
    with work.connection.transaction():
        minutes = verify_minutes(work.connection, partner, business_on)
    return Summary({"verified": 1, "minutes": int(minutes)})


def write_reports(
    work: Work, partner: Partner, business_on: date, folder: Path, forms: Sequence[str] = FORMS
) -> Sequence[Path]:
    """Write the reports of the day's current version. Raises NotFound ``day-unknown``."""
    place = folder / f"{business_on:%Y-%m-%d}" / partner.id
    place.mkdir(parents=True, exist_ok=True)
    with work.connection.transaction():
        return write_day_reports(work.connection, partner, business_on, place, forms)


def list_days(connection: Connection) -> list[dict[str, object]]:
    """Every business date, newest first, with its counts."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT d.partner, d.business_on, d.state, d.version, d.stopped,"
            " coalesce((v.summary -> 'matched' ->> 0)::int, 0) AS matched,"
            " (SELECT count(*) FROM gateway.recon_row r WHERE r.version_pk = v.version_pk AND r.outcome <> 'matched')"
            " AS breaks FROM gateway.recon_day d"
            " LEFT JOIN gateway.recon_version v USING (partner, business_on, version)"
            " ORDER BY d.business_on DESC, d.partner"
        )
        return list(cursor.fetchall())


def show(connection: Connection, partner: str, business_on: date) -> dict[str, object]:
    """The day's record, its decisions, and every row that is not matched. Raises NotFound ``day-unknown``."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "SELECT d.partner, d.business_on, d.state, d.version, d.stopped, v.rules, v.engine, v.snapshot_sha256,"
            " v.as_of, v.inputs, v.summary, v.version_pk FROM gateway.recon_day d"
            " LEFT JOIN gateway.recon_version v USING (partner, business_on, version)"
            " WHERE d.partner = %s AND d.business_on = %s",
            (partner, business_on),
        ).fetchone()
        if found is None:
            raise NotFound(
                "this day was never reconciled",
                code="day-unknown",
                where=f"{partner} {business_on}",
                action=f"gateway reconcile {partner} {business_on}",
            )
        found["decisions"] = cursor.execute(
            "SELECT act, by_user, at, version, reason FROM gateway.recon_decision"
            " WHERE partner = %s AND business_on = %s ORDER BY decision_pk",
            (partner, business_on),
        ).fetchall()
        found["rows"] = cursor.execute(
            "SELECT row_no, outcome, class, side, reference, dossier_codes, our_amount AS ours, their_amount AS theirs,"
            " field, our_value, their_value, reason, suggestion FROM gateway.recon_row"
            " WHERE version_pk = %s AND outcome <> 'matched' ORDER BY row_no",
            (found.pop("version_pk"),),
        ).fetchall()
        return found


def unreconciled_messages(connection: Connection) -> frozenset[int]:
    """Messages whose money belongs to a day that is not approved yet; their bytes are kept."""
    rows = connection.execute(
        "SELECT s.message_pk FROM gateway.statement s LEFT JOIN gateway.recon_day d USING (partner, business_on)"
        " WHERE d.state IS DISTINCT FROM 'approved'"
        " UNION SELECT m.message_pk FROM gateway.remittance m"
        " LEFT JOIN gateway.recon_day d USING (partner, business_on)"
        " WHERE d.state IS DISTINCT FROM 'approved'"
        " UNION SELECT p.message_pk FROM gateway.payment p LEFT JOIN gateway.recon_day d"
        "   ON d.partner = p.partner AND d.business_on = p.business_on WHERE d.state IS DISTINCT FROM 'approved'"
    ).fetchall()
    return frozenset(int(str(row[0])) for row in rows if row[0] is not None)
