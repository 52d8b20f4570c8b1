"""The archive of what left: which reports were sent, when, by what way, to whom, and the very bytes of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.personal import log_export
from gateway.application.reports import MEDIA_TYPES, ReportFile
from gateway.errors import NotFound
from gateway.masking import masked_email


@dataclass(frozen=True, slots=True)
class Sent:
    """One file or mail that left. ``way``: ``mail`` or ``sftp``; ``recipient``: addresses masked, or a folder."""

    delivery_pk: int
    partner: str
    period: str
    way: str
    recipient: str
    file_name: str
    size: int
    sha256: str
    sent_by: str
    sent_at: datetime


def sent(desk: Desk, person: Person, partner_id: str, period: str) -> list[Sent]:
    """What was sent about a day (``2026-11-23``) or a month with its days (``2026-11``), the newest first.

    Raises Forbidden ``act-not-allowed``, NotFound ``partner-unknown``.
    """
    person.require(Act.SEE)
    rows = desk.connection.execute(
        "SELECT delivery_pk, partner, period, way, recipient, file_name, size, sha256, sent_by, sent_at"
        " FROM gateway.report_delivery WHERE partner = %s AND %s IN (period, left(period, 7))"
        " ORDER BY sent_at DESC, delivery_pk DESC",
        (desk.partner(partner_id).id, period),
    )
    return [_sent(row) for row in rows]


def _sent(row: tuple[object, ...]) -> Sent:
    pk, partner, period, way, recipient, *rest = row
    to = ", ".join(masked_email(one) for one in str(recipient).split(", ")) if way == "mail" else str(recipient)
    return Sent(int(str(pk)), str(partner), str(period), str(way), to, *rest)  # type: ignore[arg-type]  # the columns above


def download_sent(desk: Desk, person: Person, delivery_pk: int) -> ReportFile:
    """The bytes that left; that they were taken is logged. Raises Forbidden, NotFound ``delivery-unknown``."""
    person.require(Act.EXPORT)
    with desk.connection.transaction():
        row = desk.connection.execute(
            "SELECT file_name, content, sha256, partner, period FROM gateway.report_delivery WHERE delivery_pk = %s",
            (delivery_pk,),
        ).fetchone()
        if row is None:
            raise NotFound(
                "nothing of this number was sent",
                code="delivery-unknown",
                where=f"delivery {delivery_pk}",
                action="take a number from the list of what was sent: the day's page, or `gateway sent list`",
            )
        name, content, sha256, partner, period = row
        assert isinstance(content, bytes)
        log_export(desk, person, f"sent:{partner}:{period}:{name}", rows=1, sha256=str(sha256))
    return ReportFile(str(name), _media_type(str(name)), content)


def _media_type(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lstrip(".")
    known = {str(form): kind for form, kind in MEDIA_TYPES.items()}
    return "message/rfc822" if suffix == "eml" else known.get(suffix, "application/octet-stream")
