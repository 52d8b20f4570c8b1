"""Which debit of the bank carried out which treasury voucher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import dict_row

from gateway.ledger.treasury import Recorded

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Debit:
    """A bank's debit of class *treasury*, as its reconciled day has it. ``amount`` is what left, in đồng (positive)."""

    entry_pk: int
    partner: str
    account: str
    on: date
    amount: int
    keys: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A voucher and the debit that paid it. ``certain`` is False where others of the same amount would fit as well."""

    voucher: Recorded
    debit: Debit
    certain: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """Both sides, each exactly once: paired, or alone. ``waiting``: confirmed by nobody yet; they pair nothing."""

    pairs: tuple[Pair, ...]
    vouchers: tuple[Recorded, ...]
    debits: tuple[Debit, ...]
    waiting: tuple[Recorded, ...] = ()


def debits(conn: Rows, first: date, last: date) -> list[Debit]:
    """The debits of class *treasury* in the current versions of these business dates, by day."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            'SELECT e.entry_pk, e.partner, e.account, e.booked_on AS "on", -e.amount AS amount, e.keys, e.text'
            " FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"
            " JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.class = 'treasury'"
            " JOIN gateway.statement_entry e ON e.entry_pk = ANY (r.entry_pks)"
            " WHERE d.business_on BETWEEN %s AND %s AND e.amount < 0 ORDER BY e.booked_on, e.entry_pk",
            (first, last),
        ).fetchall()
    return [Debit(**row) for row in rows]


def pair(recorded: Iterable[Recorded], paid: Iterable[Debit], window_days: int) -> Matching:
    """Match vouchers to debits: same account, same amount, booked from ``paid_on`` to ``window_days`` after it.

    A debit that names the voucher's number or reference goes first; then equals are paired in the order of their days.
    The order of the inputs does not matter, and each side stands in the answer exactly once.
    """
    left = sorted(recorded, key=lambda one: (one.paid_on, one.voucher_number, one.voucher_pk))
    right = sorted(paid, key=lambda one: (one.on, one.entry_pk))
    found: list[Pair] = []
    groups: dict[tuple[str, int], tuple[list[Recorded], list[Debit]]] = defaultdict(lambda: ([], []))
    for voucher in left:
        groups[voucher.account, voucher.total][0].append(voucher)
    for debit in right:
        groups[debit.account, debit.amount][1].append(debit)
    alone_left, alone_right = [], []
    for mine, theirs in groups.values():
        pairs, mine, theirs = _within(mine, theirs, timedelta(days=window_days))
        found += pairs
        alone_left += mine
        alone_right += theirs
    found.sort(key=lambda one: (one.voucher.paid_on, one.voucher.voucher_number, one.voucher.voucher_pk))
    alone_left.sort(key=left.index)
    alone_right.sort(key=right.index)
    return Matching(tuple(found), tuple(alone_left), tuple(alone_right))


def _within(
    mine: Sequence[Recorded], theirs: Sequence[Debit], window: timedelta
) -> tuple[list[Pair], list[Recorded], list[Debit]]:
    """Pairs among vouchers and debits of one account and amount, both in the order of their days."""

    def fits(voucher: Recorded, debit: Debit) -> bool:
        return voucher.paid_on <= debit.on <= voucher.paid_on + window

    pairs: list[Pair] = []
    debits_left = list(theirs)
    waiting: list[Recorded] = []
    for voucher in mine:
        named = next((one for one in debits_left if fits(voucher, one) and _names(one, voucher)), None)
        if named is None:
            waiting.append(voucher)
        else:
            debits_left.remove(named)
            pairs.append(Pair(voucher, named, True))
    alone = []
    for voucher in waiting:
        # All windows are equally long, so the earliest debit for the earliest voucher never costs a later one its own.
        choices = [one for one in debits_left if fits(voucher, one)]
        if not choices:
            alone.append(voucher)
            continue
        rivals = [other for other in waiting if other is not voucher and any(fits(other, one) for one in choices)]
        debits_left.remove(choices[0])
        pairs.append(Pair(voucher, choices[0], len(choices) == 1 and not rivals))
    return pairs, alone, debits_left


def _names(debit: Debit, voucher: Recorded) -> bool:
    words = set(debit.keys.split()) | set(debit.text.replace(",", " ").replace(".", " ").split())
    return any(name and name in words for name in (voucher.voucher_number, voucher.reference, voucher.document_number))
