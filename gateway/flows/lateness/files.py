"""Statements and remittances that are not here past their hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from gateway.flows.lateness.watch import AROUND, Watch, told
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.messages.store import Connection
from gateway.partners import Partner
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
    """One alert per partner and business date."""
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
                yield Alert(
                    f"statement-late:{partner.id}:{day}",
                    "statement-late",
                    partner.id,
                    f"Chưa nhận được tệp ngày {day:%d/%m/%Y} của {partner.name}; hạn {told(due)}.",
                    ACTION_VI["statement-late"],
                    f"/statements?kind={kind}&partner={partner.id}",
                )


def _began_by(connection: Connection, partner: str, day: date) -> bool:
    """A partner owes nothing for days before anything was ever exchanged with it."""
    row = connection.execute("SELECT min(business_on) FROM gateway.message WHERE partner = %s", (partner,)).fetchone()
    return row is not None and isinstance(row[0], date) and row[0] <= day
