"""The ways of finding: what a typed text may mean, and one statement for each, over one index, the newest first.

A way whose text may fit very many rows (a name, the beginning of a code) looks through the newest first: where many
fit, a page is full at once. Only where few of them fit does its index name all the others, and those are few then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gateway.application.personal import folded, words_of
from gateway.errors import Malformed

LEAST, LONGEST = 3, 500
OWNERS, PAYERS, LINES, CODES = 20_000, 2_000, 5_000, 2_000
"""How many of the newest are looked through: most of the owners, where names are found; few of the payers, who are
fewer themselves; and of codes, whose bare form is not stored."""
Kind = Literal["dossier", "payer", "fee", "payment", "request", "refund", "order", "entry"]
_REFERENCE = re.compile(r"(QN|HT)\d{6}[0-9A-Z]{7}", re.ASCII)
_AMOUNT = re.compile(r"(\d{1,3}([.,\s]\d{3})+|\d{4,15})\s*(đ|d|đồng|vnd)?", re.IGNORECASE)
_CODE_START = re.compile(r"[A-Z]\d{2}[A-Z0-9]*", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.\-]{3,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of finding: ``where`` (with ``values``) over the kind's table, keyset-paged, the newest first.

    ``newest``: that many rows are looked through before the index is asked. ``few``: what fits is always little, so it
    is sorted; said to PostgreSQL, which would else rather walk the newest until it has met a page of them. Neither: the
    index is in the order of the page. ``among``: which rows of the table are meant, whatever was typed.
    """

    kind: Kind
    why: str
    where: str
    values: tuple[object, ...]
    newest: int = 0
    few: bool = False
    among: str = "true"

    def statement(self, after: tuple[str, str] | None, limit: int) -> tuple[str, tuple[object, ...]]:
        """The SQL of a page and its values."""
        shape = _SHAPES[self.kind]
        if self.newest:
            return self._newest_first(shape, after, limit)
        values = list(self.values)
        table, where = shape.table, f" WHERE {self.where}"
        if self.few:
            table, where = f"(SELECT * FROM {table} t{where} OFFSET 0)", " WHERE true"  # noqa: S608
        if after is not None:
            where += f" AND ({shape.order}, {shape.key}) < (%s::{shape.order_type}, %s::{shape.key_type})"
            values += list(after)
        values.append(limit)
        return (
            f"SELECT {shape.key}::text, {shape.columns}, {shape.order}::text FROM {table} t{where}"  # noqa: S608 - constants of this module
            f" ORDER BY {shape.order} DESC, {shape.key} DESC LIMIT %s",
            tuple(values),
        )

    def _newest_first(self, shape: _Shape, after: tuple[str, str] | None, limit: int) -> tuple[str, tuple[object, ...]]:
        """``near``: of the newest. ``far``: what else the index names, asked only where ``near`` is no whole page."""
        order, key, table = shape.order, shape.key, f"{shape.table} t"
        beyond = f"AND ({order}, {key}) < (%s::{shape.order_type}, %s::{shape.key_type})" if after is not None else ""
        sql = f"""
WITH newest AS MATERIALIZED (
    SELECT {order} AS o, {key} AS k, {self.where} AS fits FROM {table} WHERE {self.among} {beyond}
     ORDER BY {order} DESC, {key} DESC LIMIT {self.newest}),
near AS MATERIALIZED (SELECT o, k FROM newest WHERE fits ORDER BY o DESC, k DESC LIMIT %s),
far AS MATERIALIZED (
    SELECT o, k FROM (SELECT {order} AS o, {key} AS k FROM {table} WHERE {self.where} AND {self.among} OFFSET 0) every
     WHERE (SELECT count(*) FROM near) < %s AND (SELECT count(*) FROM newest) = {self.newest}
       AND (o, k) < (SELECT o, k FROM newest ORDER BY o, k LIMIT 1)),
found AS MATERIALIZED ((SELECT o, k FROM near UNION ALL SELECT o, k FROM far) ORDER BY o DESC, k DESC LIMIT %s)
SELECT {key}::text, {shape.columns}, {order}::text FROM found JOIN {table} ON {key} = found.k
 ORDER BY found.o DESC, found.k DESC"""  # noqa: S608 - constants of this module
        return sql, (*self.values, *(after or ()), limit, *self.values, limit, limit)


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
        past = stripped[:-1] + chr(ord(stripped[-1]) + 1)
        yield Way("dossier", "dossier_code", f"({code} ~>=~ %s AND {code} ~<~ %s)", (stripped, past), newest=CODES)
    if re.fullmatch(r"[0-9-]{4,16}", told) and LEAST < len(stripped) <= 15:
        yield Way("dossier", "dossier_code_end", f"reverse({code}) LIKE %s", (f"{stripped[::-1]}%",), few=True)


def _by_reference(told: str) -> Iterator[Way]:
    if not _WORD.fullmatch(told) or not any(letter.isdigit() for letter in told):
        return
    word = told.upper()
    if _REFERENCE.fullmatch(word):
        yield Way("request", "reference", "t.reference = %s", (word,), few=True)
        yield Way("refund", "refund_id", "t.refund_id = %s", (word,), few=True)
        yield Way("payment", "reference", "t.reference = %s AND t.reference <> ''", (word,), few=True)
    both = sorted({told, word})
    yield Way(
        "payment",
        "bank_reference",
        "t.partner_transaction_id = ANY(%s) AND t.partner_transaction_id <> ''",
        (both,),
        few=True,
    )
    yield Way("entry", "bank_reference", f"{ENTRY_WORDS} && %s", (both,), few=True)
    yield Way("order", "order_number", "t.order_number = ANY(%s)", (both,), few=True)


def _by_amount(told: str) -> Iterator[Way]:
    if not _AMOUNT.fullmatch(told):
        return
    amount = int(re.sub(r"\D", "", told))
    yield Way("payment", "amount", "t.amount = %s", (amount,))
    yield Way("fee", "amount", "t.amount = %s", (amount,))
    yield Way("entry", "amount", "abs(t.amount) = %s", (amount,))


def _by_words(told: str) -> Iterator[Way]:
    plain = folded(told)[:LONGEST]
    if sum(letter.isalpha() for letter in plain) < LEAST or _REFERENCE.fullmatch(told.upper()):
        return
    if named := _begun(words_of(plain)):
        yield Way("dossier", "owner_name", "t.owner_words @@ %s::tsquery", (named,), newest=OWNERS)
        # A payer who is the owner was found as the owner.
        yield Way("payer", "payer_name", "t.name_words @@ %s::tsquery", (named,), newest=PAYERS, among="NOT t.is_owner")
    yield Way("entry", "text", "t.words @@ plainto_tsquery('simple', %s)", (plain,), newest=LINES)


def _begun(words: list[str]) -> str:
    """The tsquery of all these words, in any order; the last may only be begun. "" where there are none."""
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words]
    return " & ".join(quoted) + ":*" if quoted else ""
