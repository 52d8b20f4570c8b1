"""What should be here and isn't: one alert per cause, raised once, cleared when the cause is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from psycopg.rows import dict_row

from gateway.clock import vietnam_date
from gateway.flows.wiring import Work
from gateway.ledger.alerts import Alert, clear_alerts, raise_alerts
from gateway.messages.store import Connection
from gateway.model import VIETNAM, Summary
from gateway.partners import Partner
from gateway.reconciliation import calendar
from gateway.reconciliation.due import has_inputs

_LOOK_BACK = timedelta(days=31)
"""Longer than the longest holiday and what follows it: a file that is still missing keeps its alert."""
_APPROVE_BY_HOUR = 12
_OLD = timedelta(hours=4)
_WATCHED = ("statement-late", "day-not-closed", "messages-waiting-long", "messages-quarantined", "circuit-open-long")


def is_owed(config: Path, partner: Partner, business_on: date) -> bool:
    """Whether the partner owes a file for that business date: it works that day."""
    if partner.calendar is None:
        return False
    return calendar.load(config / "calendars", partner.calendar.name).works(business_on)


def check(work: Work, config: Path) -> Summary:
    """Compare what should be here by calendar and cut-off with what is; tell each cause once."""
    now = work.clock.now()
    alerts = [*_late_inputs(work, config, now), *_open_days(work, now), *_messages(work, now)]
    with work.connection.transaction():
        standing = {alert.cause for alert in alerts}
        rows = work.connection.execute(
            "SELECT cause FROM gateway.alert WHERE cleared_at IS NULL AND code = ANY(%s)", (list(_WATCHED),)
        ).fetchall()
        gone = [str(row[0]) for row in rows if str(row[0]) not in standing]
        raise_alerts(work.connection, alerts, now)
        clear_alerts(work.connection, gone, now)
    return Summary({"standing": len(alerts), "cleared": len(gone)})


def open_alerts(connection: Connection) -> list[dict[str, object]]:
    """Alerts whose cause still stands, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT raised_at, changed_at, code, partner, cause, text_vi, action FROM gateway.alert"
            " WHERE cleared_at IS NULL ORDER BY raised_at, alert_pk"
        )
        return list(cursor.fetchall())


def _late_inputs(work: Work, config: Path, now: datetime) -> Iterator[Alert]:
    today = vietnam_date(now)
    for partner in work.partners.values():
        if partner.calendar is None or (partner.statements is None and partner.remittances is None):
            continue
        days = calendar.load(config / "calendars", partner.calendar.name)
        for back in range(1, _LOOK_BACK.days + 1):
            day = today - timedelta(days=back)
            due = calendar.inputs_due_at(days, partner.calendar, day)
            if now < due or not days.works(day) or not _began_by(work.connection, partner.id, day):
                continue
            if not has_inputs(work.connection, partner.id, day):
                yield Alert(
                    f"statement-late:{partner.id}:{day}",
                    "statement-late",
                    partner.id,
                    f"Chưa nhận được tệp ngày {day:%d/%m/%Y} của {partner.name};"
                    f" hạn {due.astimezone(VIETNAM):%H:%M %d/%m/%Y}.",
                    "Liên hệ đối tác; khi tệp đến, hệ thống tự nạp và đối soát.",
                )


def _began_by(connection: Connection, partner: str, day: date) -> bool:
    """A partner owes nothing for days before anything was ever exchanged with it."""
    row = connection.execute("SELECT min(business_on) FROM gateway.message WHERE partner = %s", (partner,)).fetchone()
    return row is not None and isinstance(row[0], date) and row[0] <= day


def _open_days(work: Work, now: datetime) -> Iterator[Alert]:
    local = now.astimezone(VIETNAM)
    if local.hour < _APPROVE_BY_HOUR:
        return
    rows = work.connection.execute(
        "SELECT partner, business_on, state FROM gateway.recon_day WHERE state <> 'approved' AND business_on < %s",
        (local.date(),),
    ).fetchall()
    words = {"open": "chưa đối soát được", "reconciled": "chưa trình duyệt", "proposed": "chờ duyệt"}
    for partner, day, state in rows:
        assert isinstance(day, date)
        yield Alert(
            f"day-not-closed:{partner}:{day}",
            "day-not-closed",
            str(partner),
            f"Ngày {day:%d/%m/%Y} của {partner} {words[str(state)]}.",
            f"gateway day show {partner} {day}",
        )


def _messages(work: Work, now: datetime) -> Iterator[Alert]:
    old = now - _OLD
    rows = work.connection.execute(
        "SELECT partner, state, count(*) FROM gateway.message"
        " WHERE (state IN ('waiting', 'in_doubt') AND created_at < %s)"
        " OR state IN ('quarantined', 'given_up') GROUP BY partner, state ORDER BY partner, state",
        (old,),
    ).fetchall()
    for partner, state, count in rows:
        code = "messages-quarantined" if state in ("quarantined", "given_up") else "messages-waiting-long"
        yield Alert(
            f"{code}:{partner}:{state}",
            code,
            str(partner),
            f"{partner}: {count} thông điệp ở trạng thái {state}.",
            f"gateway messages list --partner {partner} --state {state}",
        )
    for partner, since in work.connection.execute(
        "SELECT partner, open_until FROM gateway.circuit WHERE open_until IS NOT NULL AND failures > 8 ORDER BY partner"
    ).fetchall():
        assert isinstance(since, datetime)
        yield Alert(
            f"circuit-open-long:{partner}",
            "circuit-open-long",
            str(partner),
            f"Đối tác {partner} không trả lời nhiều lần; tạm ngừng gọi.",
            "Kiểm tra đường truyền với đối tác; hệ thống tự nối lại.",
        )
