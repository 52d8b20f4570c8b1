"""Days that nobody proposed in time, and proposals that wait past noon for the second pair of eyes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from gateway.flows.lateness.files import LOOK_BACK
from gateway.flows.lateness.watch import Watch, day_path, month_path, told
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.reasons import REASONS
from gateway.reconciliation import calendar
from gateway.reconciliation.due import has_inputs
from gateway.reconciliation.outcomes import dong

NEVER_JUDGED = "none"

# Days that people have to close, and days with a file that were never judged: those have no row of their own.
_DAYS = """
SELECT d.partner, d.business_on, d.state, d.stopped, d.changed_at,
       CASE WHEN d.state = 'reconciled' THEN gateway.open_breaks(d.partner, d.business_on) ELSE 0 END
  FROM gateway.recon_day d WHERE (d.state <> 'approved' OR d.stopped <> '') AND d.business_on < %(today)s
UNION ALL
SELECT l.partner, l.business_on, 'none', '', NULL, 0 FROM (
       SELECT partner, business_on FROM gateway.statement WHERE ours AND business_on >= %(since)s
       UNION SELECT partner, business_on FROM gateway.remittance WHERE business_on >= %(since)s) l
 WHERE l.business_on < %(today)s AND NOT EXISTS (SELECT FROM gateway.recon_day d
       WHERE (d.partner, d.business_on) = (l.partner, l.business_on))
 ORDER BY 1, 2"""
_REFUNDS = """
SELECT partner, refund_id, amount, proposed_at FROM gateway.refund WHERE state = 'proposed'
 ORDER BY partner, proposed_at, refund_pk"""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A day that people have to close. ``since``: when it came to be as it is."""

    partner: str
    on: date
    state: str
    stopped: str
    breaks: int
    since: datetime


def waiting_days(watch: Watch) -> Iterator[Alert]:
    """One alert per partner and business date, of one code or the other by whose turn it is."""
    values = {"today": watch.today, "since": watch.today - LOOK_BACK}
    for partner, day, state, stopped, changed_at, breaks in watch.connection.execute(_DAYS, values).fetchall():
        assert isinstance(day, date)
        since = changed_at if isinstance(changed_at, datetime) else datetime.min.replace(tzinfo=UTC)
        if state == "proposed" and not stopped:
            yield from _proposal(watch, str(partner), day, since)
        else:
            yield from _day(watch, _Standing(str(partner), day, str(state), str(stopped), int(str(breaks)), since))


def _day(watch: Watch, standing: _Standing) -> Iterator[Alert]:
    """From the first noon after its inputs are due, and after it last came to people: judged anew, or sent back."""
    partner, day, state = standing.partner, standing.on, standing.state
    found = watch.partners.get(partner)
    if found is None or found.calendar is None or partner in watch.without_calendar:
        return
    due = calendar.inputs_due_at(watch.days_of(partner), found.calendar, day)
    if watch.now < watch.hour_after(max(due, standing.since) if state == "reconciled" else due):
        return
    if state == "open" and not has_inputs(watch.connection, partner, day):
        return  # it waits for its file, and `statement-late` says so
    yield Alert(
        f"day-not-closed:{partner}:{day}",
        "day-not-closed",
        partner,
        f"Ngày {day:%d/%m/%Y} của {found.name} {_words(standing)}.",
        ACTION_VI["day-not-closed"],
        month_path(day) if state == NEVER_JUDGED else day_path(partner, day),
        gist=f"{state} {standing.stopped}".strip(),
    )


def _words(standing: _Standing) -> str:
    if standing.stopped:
        return f"dừng chờ người xem: {REASONS[standing.stopped].vi}"
    if standing.state == "reconciled":
        breaks = standing.breaks
        return f"còn {breaks} khoản lệch chưa kết luận" if breaks else "không còn lệch mở, chưa trình duyệt"
    return "đã có tệp, chưa đối soát được"


def _proposal(watch: Watch, partner: str, day: date, proposed_at: datetime) -> Iterator[Alert]:
    due = watch.hour_after(proposed_at)
    if watch.now >= due:
        yield Alert(
            f"approval-waiting:{partner}:{day}",
            "approval-waiting",
            partner,
            f"Ngày {day:%d/%m/%Y} của {watch.name_of(partner)} trình lúc {told(proposed_at)},"
            f" quá {told(due)} chưa được duyệt.",
            ACTION_VI["approval-waiting"],
            day_path(partner, day),
        )


def waiting_refunds(watch: Watch) -> Iterator[Alert]:
    """One alert per partner for the refunds that were proposed and wait past noon."""
    late: dict[str, list[tuple[str, int, datetime, datetime]]] = {}
    for partner, refund_id, amount, proposed_at in watch.connection.execute(_REFUNDS).fetchall():
        assert isinstance(proposed_at, datetime)
        due = watch.hour_after(proposed_at)
        if watch.now >= due:
            late.setdefault(str(partner), []).append((str(refund_id), int(str(amount)), proposed_at, due))
    for partner, those in late.items():
        yield Alert(
            f"approval-waiting:{partner}:refunds",
            "approval-waiting",
            partner,
            f"{watch.name_of(partner)}: {_many(those)} trình từ {told(those[0][2])}, quá {told(those[0][3])}"
            " chưa được duyệt.",
            ACTION_VI["approval-waiting"],
            f"/refunds?state=proposed&partner={partner}",
            step=max(due for *_, due in those).toordinal(),
        )


def _many(refunds: Sequence[tuple[str, int, datetime, datetime]]) -> str:
    return f"{len(refunds)} đề nghị hoàn phí, tổng {dong(sum(amount for _, amount, *_ in refunds))},"
