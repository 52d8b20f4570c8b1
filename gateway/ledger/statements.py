"""Stores account statements. Entries are known by account, content and occurrence: files may overlap."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from psycopg import Connection

from gateway.ledger.foreign_money import in_dong
from gateway.ledger.occurrences import occurrences
from gateway.ledger.references import own_references, structured_keys
from gateway.masking import masked_account
from gateway.model import Statement, StatementEntry
from gateway.partners import Partner

Rows = Connection[tuple[object, ...]]

# What adapters call these two structured facts in ``StatementEntry.references``.
TYPE_CODE, RESPONSE_CODE = "type_code", "response_code"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one file brought. ``days``: business dates whose entries are new, to be reconciled (again)."""

    statements: int
    entries: int
    new_entries: int
    days: tuple[date, ...]
    problems: tuple[tuple[str, str], ...]


def load(
    conn: Rows,
    message_pk: int,
    statements: Sequence[Statement],
    *,
    partner: Partner,
    business_on: date,
    file_name: str,
    sha256: str,
    now: datetime,
) -> LoadResult:
    """Store the statements of one verified file, inside the caller's transaction. The same file again adds nothing.

    Problems (an account that is not ours, money in another currency, balances that do not continue, what the reader
    found) are kept with the statement and block nothing here.
    """
    total, fresh = 0, 0
    days: set[date] = set()
    problems: list[tuple[str, str]] = []
    for index, told in enumerate(_told(statements, partner)):
        pk = _insert_statement(conn, message_pk, told, partner.id, business_on, file_name, sha256, index, now)
        if pk is None:
            continue
        added = _insert_entries(conn, pk, told, partner.id, now) if told.ours else []
        found = list(told.problems)
        if told.ours:
            found += _continuity(conn, pk, told.statement, sum(amount for _, amount in added))
        conn.execute(
            "UPDATE gateway.statement SET problems = %s::jsonb, new_count = %s WHERE statement_pk = %s",
            (json.dumps(found, ensure_ascii=False), len(added), pk),
        )
        total += told.listed
        fresh += len(added)
        days.update(day for day, _ in added)
        problems += found
    return LoadResult(len(statements), total, fresh, tuple(sorted(days)), tuple(problems))


@dataclass(frozen=True, slots=True)
class _Told:
    """A statement as it is stored: in đồng only, its entries known by content and number; ``listed`` counts all."""

    statement: Statement
    ours: bool
    listed: int
    problems: Sequence[tuple[str, str]]
    digests: Sequence[bytes]
    numbers: Sequence[int]


def _told(statements: Sequence[Statement], partner: Partner) -> Iterator[_Told]:
    accounts = partner.accounts.all() if partner.accounts is not None else frozenset()
    given = [_named(statement, partner) for statement in statements]
    ours = [one.account in accounts for one in given]
    kept = [in_dong(one) if own else (one, ()) for one, own in zip(given, ours, strict=True)]
    digests = [
        [digest_of(one.account, entry) for entry in one.entries] if own else []
        for (one, _), own in zip(kept, ours, strict=True)
    ]
    numbers = occurrences([one for one, _ in kept], digests)
    for at, (statement, left_out) in enumerate(kept):
        found = [*statement.problems, *left_out]
        if not ours[at]:
            foreign = f"{masked_account(statement.account)} is no account of {partner.id}"
            found.append(("statement-account-foreign", foreign))
        yield _Told(statement, ours[at], len(given[at].entries), found, digests[at], numbers[at])


def _named(statement: Statement, partner: Partner) -> Statement:
    """A file without entries may name no account (fixed width, domain.md 4.3): it speaks of the partner's default."""
    if statement.account or statement.entries or partner.accounts is None:
        return statement
    return replace(statement, account=partner.accounts.default)


def _insert_statement(
    conn: Rows,
    message_pk: int,
    told: _Told,
    partner: str,
    business_on: date,
    file_name: str,
    sha256: str,
    index: int,
    now: datetime,
) -> int | None:
    statement = told.statement
    opening, closing = statement.opening, statement.closing
    row = conn.execute(
        "INSERT INTO gateway.statement (partner, account, currency, business_on, statement_id, opening_on, opening,"
        " closing_on, closing, entry_count, entry_sum, ours, file_name, file_sha256, message_pk, loaded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING statement_pk",
        (
            partner,
            statement.account,
            statement.currency,
            business_on,
            f"{statement.statement_id}#{index}",
            opening.on if opening else None,
            opening.amount if opening else None,
            closing.on if closing else None,
            closing.amount if closing else None,
            told.listed,
            sum(entry.amount for entry in statement.entries if _moves(entry)),
            told.ours,
            file_name,
            sha256,
            message_pk,
            now,
        ),
    ).fetchone()
    return None if row is None else int(str(row[0]))


def _moves(entry: StatementEntry) -> bool:
    """Whether money moved: an intermediary lists failed attempts, too; 68 counts (domain.md 4.4)."""
    return entry.references.get(RESPONSE_CODE, "") in ("", "00", "68")


def digest_of(account: str, entry: StatementEntry) -> bytes:
    """The content of an entry in 16 bytes: what two files must agree on to mean the same entry."""
    parts = [account, entry.booked_on.isoformat(), entry.value_on.isoformat(), str(entry.amount), entry.currency]
    parts += [f"{name}={value}" for name, value in sorted(entry.references.items())]
    parts.append(unicodedata.normalize("NFC", entry.text))
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def _insert_entries(
    conn: Rows,
    statement_pk: int,
    told: _Told,
    partner: str,
    now: datetime,
) -> list[tuple[date, int]]:
    """Bulk insert; the (booked_on, amount) of entries that were not known before."""
    account = told.statement.account
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS incoming_entry (seen_no int, digest bytea, occurrence int,"
        " booked_on date, value_on date, amount bigint, currency text, tokens text, keys text, type_code text,"
        " response_code text, text text, line int) ON COMMIT DELETE ROWS")  # fmt: skip
    conn.execute("TRUNCATE incoming_entry")
    with conn.cursor().copy("COPY incoming_entry FROM STDIN") as copy:
        lines = zip(told.statement.entries, told.digests, told.numbers, strict=True)
        for number, (entry, digest, occurrence) in enumerate(lines, start=1):
            references = {k: v for k, v in entry.references.items() if k not in (TYPE_CODE, RESPONSE_CODE)}
            copy.write_row(
                (
                    number, digest, occurrence, entry.booked_on, entry.value_on, entry.amount, entry.currency,
                    " ".join(own_references(references.values())), " ".join(structured_keys(references)),
                    entry.references.get(TYPE_CODE, ""), entry.references.get(RESPONSE_CODE, ""),
                    unicodedata.normalize("NFC", entry.text), entry.line,
                )
            )  # fmt: skip
    added = conn.execute(
        "INSERT INTO gateway.statement_entry (partner, account, digest, occurrence, booked_on, value_on, amount,"
        " currency, tokens, keys, type_code, response_code, text, loaded_at) SELECT %s, %s, digest, occurrence,"
        " booked_on, value_on, amount, currency, tokens, keys, type_code, response_code, text, %s FROM incoming_entry"
        " ORDER BY seen_no ON CONFLICT DO NOTHING RETURNING booked_on, amount",
        (partner, account, now),
    ).fetchall()
    conn.execute(
        "INSERT INTO gateway.statement_entry_seen (statement_pk, seen_no, entry_pk, line)"
        " SELECT %s, i.seen_no, e.entry_pk, i.line FROM incoming_entry i JOIN gateway.statement_entry e"
        " ON (e.account, e.digest, e.occurrence) = (%s, i.digest, i.occurrence)",
        (statement_pk, account),
    )
    return [(day, int(str(amount))) for day, amount in added if isinstance(day, date)]


def _continuity(conn: Rows, statement_pk: int, statement: Statement, added: int) -> list[tuple[str, str]]:
    """A closing balance known before and the entries new since then must give this closing balance.

    It is one of the same day (files of a day arrive in any order) or the last one before it.
    """
    if statement.closing is None:
        return []
    rows = conn.execute(
        "SELECT closing FROM gateway.statement WHERE account = %(account)s AND closing IS NOT NULL"
        " AND statement_pk <> %(pk)s AND closing_on <= %(on)s AND closing_on >= ("
        "  SELECT coalesce(max(closing_on), %(on)s) FROM gateway.statement"
        "   WHERE account = %(account)s AND closing IS NOT NULL AND closing_on < %(on)s)"
        " ORDER BY closing_on DESC, statement_pk DESC",
        {"account": statement.account, "pk": statement_pk, "on": statement.closing.on},
    ).fetchall()
    gaps = [statement.closing.amount - added - int(str(closing)) for (closing,) in rows]
    if not gaps or 0 in gaps:
        return []
    gap = gaps[0]
    return [("balances-do-not-continue", f"the balance before these entries differs from the last one by {gap} đồng")]
