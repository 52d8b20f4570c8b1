"""The judged days of a partner, and since when something may have come that they do not know of: see ``due``."""

from __future__ import annotations

from datetime import timedelta

OVERLAP = timedelta(minutes=10)
"""What was being committed while the day was judged may be missing in it: such a day is judged once more."""
LATELY = timedelta(days=7)
"""A day that is due is judged within minutes; one that could not be for so long is no longer due because of a half."""
JUDGED = (
    "SELECT d.business_on, d.version, v.version_pk, v.summary, coalesce(d.judged_at, v.as_of) AS at,"
    " coalesce(d.judged_at, v.as_of) - %(overlap)s AS since"
    " FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"
    " WHERE d.partner = %(partner)s AND d.stopped = ''"
)
