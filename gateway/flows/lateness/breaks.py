"""What was not concluded within its limit: breaks, questions to partners, refunds in doubt. One alert per partner.

A higher ``step`` is news: it is the latest day on which something of the alert became overdue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from gateway.application.ageing import OPEN_ROWS
from gateway.application.break_reading import ENQUIRIES
from gateway.clock import vietnam_date
from gateway.flows.lateness.watch import Watch, day_path, local
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.reconciliation.break_decisions import AT_STAKE
from gateway.reconciliation.outcomes import dong

# A break that the partner was asked about waits for the answer: it is overdue by the enquiry's own date.
_BREAKS = f"""
SELECT d.partner, r.class, d.business_on, count(*), sum({AT_STAKE})
{OPEN_ROWS} AND (n.kind IS DISTINCT FROM 'enquire' OR n.answered)
 GROUP BY 1, 2, 3 ORDER BY 1, 3, 2"""  # noqa: S608 - constants of ours
# Only of rows that the day still has, and that nobody concluded without the answer.
_ENQUIRIES = """
SELECT b.partner, b.business_on, b.row_key, q.enquiry_id, q.answer_due_on
  FROM gateway.enquiry q JOIN gateway.break_decision b USING (decision_pk)
  JOIN gateway.recon_day d USING (partner, business_on)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.row_key = b.row_key AND r.outcome <> 'matched'
 WHERE q.answer_due_on < %(today)s
   AND NOT EXISTS (SELECT FROM gateway.enquiry_answer a WHERE a.decision_pk = q.decision_pk)
   AND NOT EXISTS (SELECT FROM gateway.break_decision_now n WHERE n.partner = b.partner
        AND n.business_on = b.business_on AND n.row_key = b.row_key AND n.kind <> 'enquire' AND n.effective)
 ORDER BY b.partner, q.answer_due_on, q.decision_pk"""
_UNCONCLUDED = f"""
SELECT e.partner, e.business_on, e.row_key, e.enquiry_id, e.answered_at, e.day_state FROM ({ENQUIRIES}) e
 WHERE e.answer <> '' AND NOT e.concluded ORDER BY e.partner, e.answered_at, e.decision_pk"""  # noqa: S608 - constants
_DOUBTS = """
SELECT partner, refund_id, amount, approved_at FROM gateway.refund WHERE state = 'in_doubt'
 ORDER BY partner, approved_at, refund_pk"""


@dataclass(frozen=True, slots=True)
class _Old:
    """Breaks of one class and business date. ``overdue_on``: the first working day after their limit."""

    on: date
    count: int
    amount: int
    limit: int
    overdue_on: date


def old_breaks(watch: Watch) -> Iterator[Alert]:
    """Open breaks whose limit in working days has passed, from the morning of the next working day on."""
    found: dict[str, list[_Old]] = {}
    for partner, entry_class, on, count, amount in watch.connection.execute(_BREAKS.encode()).fetchall():
        assert isinstance(on, date)
        if partner in watch.without_calendar:
            continue
        limit = watch.limits.breaks.limit(str(entry_class))
        overdue_on = watch.days_of(str(partner)).add(on, limit + 1)
        if watch.today >= overdue_on:
            one = _Old(on, int(str(count)), int(str(amount)), limit, overdue_on)
            found.setdefault(str(partner), []).append(one)
    for partner, those in found.items():
        oldest = those[0]
        yield Alert(
            f"break-too-old:{partner}",
            "break-too-old",
            partner,
            f"{watch.name_of(partner)}: {sum(one.count for one in those)} khoản lệch quá hạn xử lý, tổng"
            f" {dong(sum(one.amount for one in those))}; cũ nhất của ngày {oldest.on:%d/%m/%Y}"
            f" (hạn {oldest.limit} ngày làm việc).",
            ACTION_VI["break-too-old"],
            day_path(partner, oldest.on),
            step=max(one.overdue_on for one in those).toordinal(),
        )


def overdue_enquiries(watch: Watch) -> Iterator[Alert]:
    """Questions to partners without an answer, from the working day after its date on."""
    found: dict[str, list[tuple[date, str, str, date]]] = {}
    for partner, on, row_key, number, due in watch.connection.execute(_ENQUIRIES, {"today": watch.today}).fetchall():
        assert isinstance(on, date)
        assert isinstance(due, date)
        if watch.today >= watch.office.add(due, 1):
            found.setdefault(str(partner), []).append((on, str(row_key), str(number), due))
    for partner, those in found.items():
        on, row_key, number, due = those[0]
        yield Alert(
            f"enquiry-overdue:{partner}",
            "enquiry-overdue",
            partner,
            f"{watch.name_of(partner)} chưa trả lời {len(those)} tra soát quá hạn; lâu nhất là {number},"
            f" hạn {due:%d/%m/%Y}.",
            ACTION_VI["enquiry-overdue"],
            f"{day_path(partner, on)}/breaks/{row_key}",
            step=max(one[3] for one in those).toordinal(),
        )


def unconcluded_enquiries(watch: Watch) -> Iterator[Alert]:
    """Answers of partners that nobody concluded by, from the morning after their limit in working days on."""
    limit = watch.limits.enquiries.conclude_working_days
    found: dict[str, list[tuple[date, str, str, date, date, bool]]] = {}
    for row in watch.connection.execute(_UNCONCLUDED.encode(), {"today": watch.today}).fetchall():
        partner, on, row_key, number, answered_at, day_state = row
        assert isinstance(on, date)
        assert isinstance(answered_at, datetime)
        answered_on = vietnam_date(answered_at)
        overdue_on = watch.office.add(answered_on, limit + 1)
        if watch.today >= overdue_on:
            one = (on, str(row_key), str(number), answered_on, overdue_on, day_state == "approved")
            found.setdefault(str(partner), []).append(one)
    for partner, those in found.items():
        on, row_key, number, answered_on, _, _ = those[0]
        sealed = sum(one[5] for one in those)
        yield Alert(
            f"enquiry-unconcluded:{partner}",
            "enquiry-unconcluded",
            partner,
            f"{watch.name_of(partner)} đã trả lời {len(those)} tra soát quá {limit} ngày làm việc mà chưa kết luận;"
            f" lâu nhất là {number}, trả lời ngày {answered_on:%d/%m/%Y}."
            + (f" Trong đó {sealed} khoản thuộc ngày đã duyệt: phải mở lại ngày." if sealed else ""),
            ACTION_VI["enquiry-unconcluded"],
            f"{day_path(partner, on)}/breaks/{row_key}"
            if len(those) == 1
            else f"/enquiries?state=unconcluded&partner={partner}",
            step=max(one[4] for one in those).toordinal(),
        )


def doubtful_refunds(watch: Watch) -> Iterator[Alert]:
    """Refunds that are in doubt past the noon of the last working day of their limit."""
    rules, office = watch.limits.refunds, watch.limits.office
    found: dict[str, list[tuple[str, int, datetime, datetime]]] = {}
    for partner, refund_id, amount, approved_at in watch.connection.execute(_DOUBTS).fetchall():
        assert isinstance(approved_at, datetime)
        due = local(watch.office.add(vietnam_date(approved_at), rules.in_doubt_working_days), office.approve_by)
        if watch.now >= due:
            found.setdefault(str(partner), []).append((str(refund_id), int(str(amount)), approved_at, due))
    for partner, those in found.items():
        path = f"/refunds/{those[0][0]}" if len(those) == 1 else f"/refunds?state=in_doubt&partner={partner}"
        yield Alert(
            f"refund-in-doubt-long:{partner}",
            "refund-in-doubt-long",
            partner,
            f"{watch.name_of(partner)}: {len(those)} lệnh hoàn phí chưa rõ đã chi chưa, tổng"
            f" {dong(sum(one[1] for one in those))}; lâu nhất là {those[0][0]}, duyệt ngày"
            f" {vietnam_date(those[0][2]):%d/%m/%Y}.",
            ACTION_VI["refund-in-doubt-long"],
            path,
            step=max(one[3] for one in those).toordinal(),
        )
