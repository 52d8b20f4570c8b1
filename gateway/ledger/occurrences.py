"""Which equal entries of one file are one entry: its statements may repeat and overlap each other, as files may."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gateway.model import Balance, Statement

_Identity = tuple[str, str, Balance | None, Balance | None, bytes]


def occurrences(statements: Sequence[Statement], digests: Sequence[Sequence[bytes]]) -> list[list[int]]:
    """Per statement the numbers of its entries among equal ones, from 1; ``digests`` are their contents.

    Each statement counts for itself: what two of them tell is one entry. Pages go on counting, because what stands on
    one page stands on no other: they are known by their balances. A statement that stands in the file before (same
    account, number, balances and entries) has the numbers that it had there.
    """
    firsts: dict[_Identity, int] = {}
    repeats = [firsts.setdefault(_identity(one, digests[at]), at) for at, one in enumerate(statements)]
    chains = _chains(statements, [at for at, first in enumerate(repeats) if at == first])
    counts: dict[int, dict[bytes, int]] = {}
    numbers: list[list[int]] = []
    for at, first in enumerate(repeats):
        if at != first:
            numbers.append(numbers[first])
            continue
        seen = counts.setdefault(chains[at], {})
        found = []
        for digest in digests[at]:
            seen[digest] = number = seen.get(digest, 0) + 1
            found.append(number)
        numbers.append(found)
    return numbers


def _identity(one: Statement, digests: Sequence[bytes]) -> _Identity:
    content = hashlib.blake2b(b"".join(digests), digest_size=16).digest()
    return one.account, one.statement_id, one.opening, one.closing, content


def _chains(statements: Sequence[Statement], indexes: Sequence[int]) -> dict[int, int]:
    """Statement -> its chain of pages. One page follows another if it opens with what that one closed with.

    Only where money moved on both: of an account that is emptied every night all statements open and close with 0. A
    page has one page before it and one behind it, or statements that overlap would be taken for pages.
    """
    chain = {at: at for at in indexes}

    def head(at: int) -> int:
        while chain[at] != at:
            chain[at] = at = chain[chain[at]]
        return at

    ending: dict[tuple[str, int], list[int]] = {}
    for at in indexes:
        ends = _ends(statements[at])
        if ends is not None:
            ending.setdefault((statements[at].account, ends[1]), []).append(at)
    for at in indexes:
        ends = _ends(statements[at])
        before = ending.get((statements[at].account, ends[0]), []) if ends is not None else []
        if before and head(before[0]) != head(at):
            chain[head(at)] = head(before.pop(0))
    return {at: head(at) for at in indexes}


def _ends(one: Statement) -> tuple[int, int] | None:
    """Opening and closing of a statement on which money moved, else None."""
    if one.opening is None or one.closing is None or one.opening.amount == one.closing.amount:
        return None
    return one.opening.amount, one.closing.amount
