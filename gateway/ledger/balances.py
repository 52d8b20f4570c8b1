"""Which balance an account opened a day with and which it closed it with, where several files tell the day.

Files arrive in any order. What tells theirs is that balances continue: the first file of a day opens with what no other
one closed with, the last one closes with what no other one opens with. Of files that open alike (an intraday file told
again with more lines) the fullest one counts; one of them without lines is the same told again and continues nothing.
Where balances tell no order, the order of arrival does.
"""

from __future__ import annotations


def told(days: str) -> str:
    """A query: partner, account, closing_on, opening and closing of each day of the files ``f`` that fit ``days``.

    ``days`` is SQL of our own.
    """
    follows = "o.opening = f.closing AND NOT (o.opening = f.opening AND o.entry_count = 0)"
    continued = _another("f", f"({follows} OR o.opening = f.opening AND o.entry_count > f.entry_count)")
    return f"""
SELECT t.partner, t.account, t.closing_on,
       (array_agg(t.opening ORDER BY t.continues, t.statement_pk))[1] AS opening,
       (array_agg(t.closing ORDER BY t.continued, t.statement_pk DESC))[1] AS closing
  FROM (SELECT f.*, {_another("f", "o.closing = f.opening")} AS continues, {continued} AS continued
          FROM gateway.statement f
         WHERE f.ours AND f.opening IS NOT NULL AND f.closing IS NOT NULL AND {days}) t
 GROUP BY t.partner, t.account, t.closing_on"""  # noqa: S608 - our own SQL


def last_closing(account: str, before: str) -> str:
    """An expression: the closing balance of the last day of ``account`` before ``before`` (both SQL), or NULL."""
    latest = (
        f"(SELECT max(b.closing_on) FROM gateway.statement b WHERE b.account = {account} AND b.ours"  # noqa: S608 - our own SQL
        f" AND b.opening IS NOT NULL AND b.closing IS NOT NULL AND b.closing_on < {before})"
    )
    return f"(SELECT l.closing FROM ({told(f'f.account = {account} AND f.closing_on = {latest}')}) l LIMIT 1)"  # noqa: S608 - our own SQL


def continues(statement: str) -> str:
    """An expression: whether the row ``statement`` opens with a closing of its day, or with the last one before it."""
    here = _another(statement, f"o.closing = {statement}.opening")
    return f"({here} OR {statement}.opening = {last_closing(f'{statement}.account', f'{statement}.closing_on')})"


def _another(file: str, fits: str) -> str:
    return (
        f"EXISTS (SELECT FROM gateway.statement o WHERE o.account = {file}.account AND o.closing_on = {file}.closing_on"
        f" AND o.ours AND o.statement_pk <> {file}.statement_pk AND {fits})"
    )
