"""The days of partners: reconciled and reported by a machine, proposed and approved by two people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from gateway.flows.wiring import Work
from gateway.model import Summary
from gateway.partners import Partner
from gateway.reconciliation import day
from gateway.reconciliation.due import days_due_again, days_left_behind
from gateway.reports import verification
from gateway.reports.day import FORMS, write_day_reports
from gateway.reports.verification import Verification


def reconcile(work: Work, partner: Partner, business_on: date, folder: Path) -> Summary:
    """Match the day and write its reports; ``keys`` is ``partner:date`` where it is reconciled.

    A day that is stopped for a person (a statement that is empty, suddenly tiny, or does not add up or continue) has no
    key and counts as ``stopped``.
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


def due_again(work: Work) -> Summary:
    """``keys`` are the judged days that are to be judged again though no file came (``due.days_due_again``).

    And those whose file was loaded by a run that failed before it could announce them (``due.days_left_behind``).
    """
    now = work.clock.now()
    keys = []
    for name, partner in sorted(work.partners.items()):
        due = {*days_due_again(work.connection, partner, now), *days_left_behind(work.connection, name, now)}
        keys += [f"{name}:{on.isoformat()}" for on in sorted(due)]
    return Summary({"due_again": len(keys)}, keys=keys)


def verify(work: Work, partner: Partner, business_on: date, version: int | None = None) -> Verification:
    """Judge a version (the current one) again from its stored inputs, and make everything again that was made of it.

    What differs is told by the result, and raised by its ``require``. Raises NotFound ``day-unknown``.
    """
    with work.connection.transaction():
        return verification.verify(work.connection, partner, business_on, version)


def write_reports(
    work: Work, partner: Partner, business_on: date, folder: Path, forms: Sequence[str] = FORMS
) -> Sequence[Path]:
    """Write the reports of the day's current version. Raises NotFound ``day-unknown``."""
    place = folder / f"{business_on:%Y-%m-%d}" / partner.id
    place.mkdir(parents=True, exist_ok=True)
    with work.connection.transaction():
        return write_day_reports(work.connection, partner, business_on, place, forms)
