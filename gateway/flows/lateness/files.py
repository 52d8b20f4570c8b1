"""Statements and remittances that are not here past their hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from gateway.flows.lateness.watch import AROUND, Watch, told
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.messages.store import Connection
from gateway.model import Kind
from gateway.partners import Partner
from gateway.reasons import REASONS
from gateway.reconciliation import calendar
from gateway.reconciliation.due import has_inputs

LOOK_BACK = AROUND
"""A file that is still missing keeps its alert so long."""


def is_owed(config: Path, partner: Partner, business_on: date) -> bool:
    """Whether the partner owes a file for that business date: it works that day."""
    if partner.calendar is None:
        return False
    return calendar.load(config / "calendars", partner.calendar.name).works(business_on)


def late_files(watch: Watch) -> Iterator[Alert]:
    """One alert per partner and business date; it says which file lies there, where one was not taken."""
    refused = _refused_files(watch)
    for partner in watch.partners.values():
        if partner.calendar is None or (partner.statements is None and partner.remittances is None):
            continue
        if partner.id in watch.without_calendar:
            continue  # `check` tells it after the others were looked at
        days = watch.days_of(partner.id)
        kind = "statement" if partner.remittances is None else "remittance"
        for back in range(1, LOOK_BACK.days + 1):
            day = watch.today - timedelta(days=back)
            due = calendar.inputs_due_at(days, partner.calendar, day)
            if watch.now < due or not days.works(day) or not _began_by(watch.connection, partner.id, day):
                continue
            if not has_inputs(watch.connection, partner.id, day):
                text, action, reason = _what_is_there(partner, day, refused.get((partner.id, day)))
                yield Alert(
                    f"statement-late:{partner.id}:{day}",
                    "statement-late",
                    partner.id,
                    f"{text}; hạn {told(due)}.",
                    action,
                    f"/statements?kind={kind}&partner={partner.id}",
                    gist=reason,
                )


def _what_is_there(partner: Partner, day: date, refused: tuple[str, str] | None) -> tuple[str, str, str]:
    """What people are told: nothing came, or which file is there and why it was not taken; what to do; the reason."""
    if refused is None:
        text = f"Chưa nhận được tệp ngày {day:%d/%m/%Y} của {partner.name}"
        return text, ACTION_VI["statement-late"], ""
    name, reason = refused
    why = REASONS[reason].vi if reason in REASONS else reason
    return (
        f"Tệp {name} ngày {day:%d/%m/%Y} của {partner.name} có rồi nhưng chưa nạp được: {why}",
        ACTION_REFUSED_VI,
        reason,
    )


def _refused_files(watch: Watch) -> dict[tuple[str, date], tuple[str, str]]:
    """Partner and business date of a file's name -> the last file of that date that was not taken, and why."""
    found: dict[tuple[str, date], tuple[str, str]] = {}
    kinds = [Kind.STATEMENT_FILE, Kind.REMITTANCE_FILE]
    for owner, name, reason in watch.connection.execute(_REFUSED, {"kinds": kinds}).fetchall():
        partner = watch.partners.get(str(owner))
        files = None if partner is None else partner.statements or partner.remittances
        day = None if files is None else _day_in(files.name_pattern, str(name))
        if day is not None:
            found[str(owner), day] = (str(name), str(reason))
    return found


def _day_in(pattern: str, name: str) -> date | None:
    match = re.fullmatch(pattern, name)
    try:
        return date.fromisoformat(str(match.groupdict().get("date"))) if match else None
    except ValueError:
        return None


_REFUSED = """
SELECT partner, transport_id, reason FROM gateway.message
 WHERE state = 'quarantined' AND kind = ANY(%(kinds)s) ORDER BY message_pk"""
ACTION_REFUSED_VI = (
    "Đề nghị đối tác gửi lại tệp đúng, kèm tệp chữ ký (.p7s); tệp quá lớn thì chia nhỏ hoặc báo bộ phận vận hành;"
    " tệp bị khóa thì đề nghị mở quyền đọc. Khi tệp đến, hệ thống tự nạp và đối soát."
)


def _began_by(connection: Connection, partner: str, day: date) -> bool:
    """A partner owes nothing for days before anything was ever exchanged with it."""
    row = connection.execute("SELECT min(business_on) FROM gateway.message WHERE partner = %s", (partner,)).fetchone()
    return row is not None and isinstance(row[0], date) and row[0] <= day
