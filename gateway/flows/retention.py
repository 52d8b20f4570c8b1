"""Lets go what was kept long enough, in bounded portions: contact data first, then the original bytes of messages.

Then what the day left behind is put in order: the counts behind Chỉ tiêu are summed up, and proven.
"""

from __future__ import annotations

from datetime import date

from gateway.clock import vietnam_date
from gateway.flows.kept_messages import unreconciled_messages
from gateway.flows.wiring import Work
from gateway.ledger import indicator_counts
from gateway.messages import expiry
from gateway.model import Summary
from gateway.retention import Periods

_PORTION = 500


def apply(work: Work, periods: Periods) -> Summary:
    """``counts``: dossiers whose contact data went (logged as done by ``system``), and bodies of messages that went.

    Raises DoesNotClose ``indicators-differ``, after all that is done.
    """
    gone = 0
    while erased := _contact_data(work, periods):
        gone += erased
    before = months_before(vietnam_date(work.clock.now()), periods.message_months)
    with work.connection.transaction():
        unreconciled = unreconciled_messages(work.connection)
        bodies = expiry.expire_bodies(work.connection, before=before, now=work.clock.now(), unreconciled=unreconciled)
    indicator_counts.sum_up(work.connection)
    indicator_counts.prove(work.connection)
    return Summary({"contacts": gone, "bodies": bodies})


def months_before(day: date, months: int) -> date:
    """The first of the month that lies so many months before that of ``day``."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _contact_data(work: Work, periods: Periods) -> int:
    with work.connection.transaction():
        return work.connection.execute(
            "SELECT gateway.erase_due(%s, %s, %s)",
            (periods.contact_years, work.clock.now(), _PORTION),
        ).rowcount
