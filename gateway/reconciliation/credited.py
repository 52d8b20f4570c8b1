"""What the banks' days say was credited of money that others hold for us: remittances, an intermediary's dates, cash.

Read from the current versions. A credit that fits several things is each of them until people conclude its row, and
then what their reason names. Where no judge could tell at all, people say so: an accepted row whose reason names it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from gateway.reconciliation import settled
from gateway.reconciliation.sides import CashCount

Rows = Connection[tuple[object, ...]]

_BOOK = re.compile(rf"{settled.CASH} (.+)/(\w+)-(\w+)")
_CREDITS = """
SELECT r.settles, coalesce(n.reason, '')
  FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r USING (version_pk)
  LEFT JOIN LATERAL (SELECT n.reason FROM gateway.break_decision_now n
     WHERE (n.partner, n.business_on, n.row_key) = (d.partner, d.business_on, r.row_key)
       AND n.kind <> 'enquire' AND n.effective ORDER BY n.decision_pk DESC LIMIT 1) n ON r.outcome = 'ambiguous'
 WHERE d.partner = ANY (%(partners)s) AND d.business_on >= %(since)s AND r.outcome <> 'matched'
   AND r.settles <> '[]' AND r.entry_pks <> '{}'
 ORDER BY d.business_on, d.partner, r.row_no"""
_ACCEPTED = """
SELECT b.reason, r.their_amount > 0 FROM gateway.break_decision_now b
  JOIN gateway.recon_day d USING (partner, business_on)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.row_key = b.row_key AND r.outcome <> 'matched'
 WHERE b.kind = 'accept' AND b.partner = ANY (%(partners)s) AND b.business_on >= %(since)s AND r.their_amount <> 0
 ORDER BY b.decision_pk"""


@dataclass(frozen=True, slots=True)
class Book:
    """Receipts of one series, from ``first`` to ``last``."""

    series: str
    first: str
    last: str

    def overlaps(self, other: Book) -> bool:
        """Whether a receipt is in both: a number of a series is used once, so it is the same money."""
        numbers = (self.first, self.last, other.first, other.last)
        if self.series != other.series or not all(one.isdecimal() for one in numbers):
            return self == other
        return int(self.first) <= int(other.last) and int(other.first) <= int(self.last)

    def __str__(self) -> str:
        return f"{self.series}/{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Credited:
    """What was credited. ``keys``: of the module ``settled``; ``books``: those of them that are receipts.

    ``said``: why people accepted credits, ``said_of_debits``: debits; remarks, to be searched and never shown.
    """

    keys: frozenset[str]
    books: tuple[Book, ...]
    said: tuple[str, ...]
    said_of_debits: tuple[str, ...]

    def has_remittance(self, batch: str) -> bool:
        """Whether a credit was for the remittance ``batch``."""
        return settled.of_remittance(batch) in self.keys or names(self.said, batch)

    def has_date(self, partner: str, on: date) -> bool:
        """Whether a credit was for what the intermediary ``partner`` collected on that date."""
        return settled.of_date(partner, f"{on:%d/%m/%Y}") in self.keys or names(self.said, partner, f"{on:%d/%m/%Y}")

    def has_cash(self, count: CashCount) -> bool:
        """Whether a deposit was of these receipts."""
        book = Book(count.series, count.first, count.last)
        return any(book.overlaps(one) for one in self.books) or names(self.said, str(book))


def credited(conn: Rows, banks: Collection[str], since: date) -> Credited:
    """What the days of these banks, from ``since`` on, have credited."""
    values = {"partners": sorted(banks), "since": since}
    found: set[str] = set()
    for settles, said in conn.execute(_CREDITS, values):
        several = [str(one) for one in settles]  # type: ignore[attr-defined]  # a list of texts
        concluded = [one for one in several if names([str(said)], *settled.words_of(one))]
        found.update(concluded or several)
    accepted = [(str(why), bool(credit)) for why, credit in conn.execute(_ACCEPTED, values)]
    return Credited(
        frozenset(found),
        tuple(Book(*match.groups()) for one in found if (match := _BOOK.fullmatch(one))),
        tuple(why for why, credit in accepted if credit),
        tuple(why for why, credit in accepted if not credit),
    )


def names(remarks: Sequence[str], *words: str) -> bool:
    """Whether one of the remarks names all of these words, each as a whole."""
    patterns = [re.compile(rf"(?<![\w/-]){re.escape(word)}(?![\w/-])", re.IGNORECASE) for word in words]
    return any(all(pattern.search(remark) for pattern in patterns) for remark in remarks)
