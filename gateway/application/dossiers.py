"""Finding dossiers and money: by dossier code, payment reference, owner, payer, amount or bank reference.

Each way of finding is a ``Way``: one statement over one index, newest first. They are tried in a fixed order, exact
ones first, and a page goes on where the last one ended, so that no page costs more than its rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.personal import folded
from gateway.application.timelines import Thread, Timeline, thread, timeline
from gateway.errors import Malformed
from gateway.masking import masked_text
from gateway.model import VIETNAM

__all__ = ["Found", "Hit", "Thread", "Timeline", "find", "thread", "timeline", "ways_of"]

LEAST, MOST = 3, 100
Kind = Literal["dossier", "payer", "fee", "payment", "request", "refund", "order", "entry"]
_REFERENCE = re.compile(r"(QN|HT)\d{6}[0-9A-Z]{7}", re.ASCII)
_AMOUNT = re.compile(r"(\d{1,3}([.,\s]\d{3})+|\d{4,15})\s*(đ|d|đồng|vnd)?", re.IGNORECASE)
_CODE_START = re.compile(r"[A-Z]\d{2}[A-Z0-9]*", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.\-]{3,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. ``why``: the field that fits. ``text`` is masked where it may name people's numbers."""

    kind: Kind
    key: str
    why: str
    dossier_code: str | None
    at: datetime
    amount: int | None
    partner: str
    reference: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; ``after`` asks for the next one, "" where there is none."""

    hits: tuple[Hit, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way of finding: ``where`` (with ``values``) over the kind's table, keyset-paged, the newest first."""

    kind: Kind
    why: str
    where: str
    values: tuple[object, ...]

    def statement(self, after: tuple[str, str] | None, limit: int) -> tuple[str, tuple[object, ...]]:
        """The SQL of a page and its values."""
        shape = _SHAPES[self.kind]
        values = list(self.values)
        where = self.where
        if after is not None:
            where += f" AND ({shape.order}, {shape.key}) < (%s::{shape.order_type}, %s::{shape.key_type})"
            values += list(after)
        values.append(limit)
        return (
            f"SELECT {shape.key}::text, {shape.columns}, {shape.order}::text FROM {shape.table} t WHERE {where}"  # noqa: S608 - constants of this module
            f" ORDER BY {shape.order} DESC, {shape.key} DESC LIMIT %s",
            tuple(values),
        )


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a kind is read: ``columns`` are dossier_code, at, amount, partner, reference, text."""

    table: str
    key: str
    key_type: str
    order: str
    order_type: str
    columns: str


_SHAPES: dict[str, _Shape] = {
    "dossier": _Shape(
        "gateway.dossier", "t.dossier_code", "text", "t.submitted_at", "timestamptz",
        "t.dossier_code, t.submitted_at, NULL::bigint, '', t.procedure_name, t.owner_name",
    ),
    "payer": _Shape(
        "gateway.payer", "t.payer_pk", "bigint", "t.told_at", "timestamptz",
        "t.dossier_code, t.told_at, NULL::bigint, '', '', t.name",
    ),
    "fee": _Shape(
        "gateway.fee", "t.fee_pk", "bigint", "t.requested_at", "timestamptz",
        "t.dossier_code, t.requested_at, t.amount, '', t.fee_id, t.name",
    ),
    "request": _Shape(
        "gateway.payment_request", "t.request_pk", "bigint", "t.created_at", "timestamptz",
        "t.dossier_code, t.created_at, t.amount, t.partner, t.reference, ''",
    ),
    "payment": _Shape(
        "gateway.payment", "t.payment_pk", "bigint", "t.paid_at", "timestamptz",
        "t.dossier_code, t.paid_at, t.amount, t.partner, t.reference, t.partner_transaction_id",
    ),
    "refund": _Shape(
        "gateway.refund", "t.refund_pk", "bigint", "t.requested_at", "timestamptz",
        "t.dossier_code, t.requested_at, t.amount, t.partner, t.refund_id, t.reason",
    ),
    "order": _Shape(
        "gateway.postal_order", "t.order_number", "text", "t.state_at", "timestamptz",
        "t.dossier_code, t.state_at, t.cod_state_fee + t.cod_postage, t.partner, t.order_number, t.item_code",
    ),
    "entry": _Shape(
        "gateway.statement_entry", "t.entry_pk", "bigint", "t.booked_on", "date",
        "(SELECT q.dossier_code FROM gateway.payment_request q WHERE q.reference = split_part(t.tokens, ' ', 1)),"
        " t.booked_on, t.amount, t.partner, coalesce(nullif(t.tokens, ''), t.keys), t.text",
    ),
}  # fmt: skip
ENTRY_WORDS = "string_to_array(t.tokens || ' ' || t.keys, ' ')"
ENTRY_TEXT = "to_tsvector('simple', gateway.folded(t.text))"


def ways_of(text: str) -> list[Way]:
    """The ways in which ``text`` may be meant, in the order in which they are tried.

    Raises Malformed ``search-too-short``.
    """
    told = " ".join(text.split())
    if len(told) < LEAST:
        raise Malformed(
            f"a search needs at least {LEAST} characters",
            code="search-too-short",
            facts={"least": LEAST},
            where="q",
            action="type a dossier code, payment reference, name, amount or bank reference",
        )
    return [*_by_code(told), *_by_reference(told), *_by_amount(told), *_by_words(told)]


def _by_code(told: str) -> Iterator[Way]:
    stripped = re.sub(r"[^A-Z0-9]", "", re.sub(r"^[0-9.]+(?=[A-Z])", "", told.upper()))
    code = "gateway.stripped_code(t.dossier_code)"
    if _CODE_START.fullmatch(stripped) and not _REFERENCE.fullmatch(stripped):
        yield Way("dossier", "dossier_code", f"{code} LIKE %s", (f"{stripped}%",))
    if re.fullmatch(r"[0-9-]{4,16}", told) and LEAST < len(stripped) <= 15:
        yield Way("dossier", "dossier_code_end", f"reverse({code}) LIKE %s", (f"{stripped[::-1]}%",))


def _by_reference(told: str) -> Iterator[Way]:
    if not _WORD.fullmatch(told) or not any(letter.isdigit() for letter in told):
        return
    word = told.upper()
    if _REFERENCE.fullmatch(word):
        yield Way("request", "reference", "t.reference = %s", (word,))
        yield Way("refund", "refund_id", "t.refund_id = %s", (word,))
        yield Way("payment", "reference", "t.reference = %s AND t.reference <> ''", (word,))
    both = sorted({told, word})
    yield Way(
        "payment", "bank_reference", "t.partner_transaction_id = ANY(%s) AND t.partner_transaction_id <> ''", (both,)
    )
    yield Way("entry", "bank_reference", f"{ENTRY_WORDS} && %s", (both,))
    yield Way("order", "order_number", "t.order_number = ANY(%s)", (both,))


def _by_amount(told: str) -> Iterator[Way]:
    if not _AMOUNT.fullmatch(told):
        return
    amount = int(re.sub(r"\D", "", told))
    yield Way("payment", "amount", "t.amount = %s", (amount,))
    yield Way("fee", "amount", "t.amount = %s", (amount,))
    yield Way("entry", "amount", "abs(t.amount) = %s", (amount,))


def _by_words(told: str) -> Iterator[Way]:
    plain = folded(told)
    if sum(letter.isalpha() for letter in plain) < LEAST or _REFERENCE.fullmatch(told.upper()):
        return
    escaped = re.sub(r"([\\%_])", r"\\\1", plain)
    yield Way("dossier", "owner_name", "gateway.folded(t.owner_name) LIKE %s", (f"%{escaped}%",))
    # A payer who is the owner was found as the owner.
    yield Way("payer", "payer_name", "gateway.folded(t.name) LIKE %s AND NOT t.is_owner", (f"%{escaped}%",))
    yield Way("entry", "text", f"{ENTRY_TEXT} @@ phraseto_tsquery('simple', %s)", (plain,))


def find(desk: Desk, person: Person, text: str, *, after: str = "", limit: int = 50) -> Found:
    """What ``text`` finds, exact ways first, the newest first within a way; ``after`` is a page's own.

    Raises Forbidden ``act-not-allowed``; Malformed ``search-too-short``, ``page-cursor-invalid``.
    """
    person.require(Act.SEE)
    ways = ways_of(text)
    number, position = _cursor(after, len(ways))
    limit = max(1, min(limit, MOST))
    hits: list[Hit] = []
    ends: list[tuple[int, str, str]] = []
    with desk.connection.transaction():
        for index in range(number, len(ways)):
            sql, values = ways[index].statement(position if index == number else None, limit + 1 - len(hits))
            for row in desk.connection.execute(sql.encode(), values):
                hits.append(_hit(ways[index], row))
                ends.append((index, str(row[-1]), str(row[0])))
            if len(hits) > limit:
                break
    more = len(hits) > limit
    return Found(tuple(hits[:limit]), "|".join(map(str, ends[limit - 1])) if more else "")


def _hit(way: Way, row: tuple[object, ...]) -> Hit:
    key, code, at, amount, partner, reference, text, _ = row
    if isinstance(at, date) and not isinstance(at, datetime):
        at = datetime.combine(at, time(), VIETNAM)
    assert isinstance(at, datetime)
    assert amount is None or isinstance(amount, int)
    shown = masked_text(str(text)) if way.kind in ("entry", "refund") else str(text)
    return Hit(
        way.kind,
        str(key),
        way.why,
        None if code is None else str(code),
        at,
        amount,
        str(partner),
        str(reference),
        shown,
    )


def _cursor(after: str, ways: int) -> tuple[int, tuple[str, str] | None]:
    if not after:
        return 0, None
    number, _, rest = after.partition("|")
    order, _, key = rest.partition("|")
    plain = re.fullmatch(r"[0-9 :.+\-]{10,40}", order) and re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", key)
    if not number.isdigit() or int(number) >= ways or not plain:
        raise Malformed(
            "the place to go on from is none of ours",
            code="page-cursor-invalid",
            where="after",
            action="begin the search again",
        )
    return int(number), (order, key)
