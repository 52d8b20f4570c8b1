"""Proof that what people sign can be made again from what is stored, byte for byte."""

from __future__ import annotations

from datetime import date

from psycopg import Connection

from gateway.errors import DoesNotClose
from gateway.partners import Partner
from gateway.reports import signed
from gateway.reports.day_minutes import day_minutes, prepared
from gateway.reports.rows import head


def verify_minutes(conn: Connection[tuple[object, ...]], partner: Partner, business_on: date) -> bool:
    """Whether minutes were prepared for the day's current version, and are the same bytes when made again.

    Inside the caller's transaction. Raises NotFound ``day-unknown``, DoesNotClose ``report-bytes-differ``.
    """
    report = head(conn, partner, business_on)
    found = signed.documents(conn, partner.id, business_on.isoformat())
    kept = next((document for document in found if document.version == report.version), None)
    if kept is None:
        return False
    again = prepared(day_minutes(conn, partner, report), report.judged_at)
    if not signed.same_bytes(conn, kept.document_pk, again):
        raise DoesNotClose(
            "the stored version no longer gives the bytes that were prepared for signing",
            code="report-bytes-differ",
            where=f"{partner.id} {business_on} v{report.version}",
            action="what was signed stands; report this with the versions of typst and of the template",
            facts={"partner": partner.id, "business_on": business_on, "version": report.version},
        )
    return True
