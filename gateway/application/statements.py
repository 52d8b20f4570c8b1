"""Statements and remittances as they came, by file: who signed, the digest, totals, continuity, lines, the original."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.personal import log_export
from gateway.errors import DoesNotClose, Malformed, NotFound
from gateway.ledger.balances import continues
from gateway.masking import masked_account, masked_text

Kind = Literal["statement", "remittance"]
MOST = 200


@dataclass(frozen=True, slots=True)
class File:
    """One statement (or remittance) of a file. ``opening``, ``closing``: None where the file states no balance.

    ``adds_up``: opening + entries = closing (a remittance: declared = listed); None where nothing is stated.
    ``continues``: the closing before it is this opening; None where it is the first or states none.
    ``problems``: (code, text) as found when it was loaded; account numbers in them are masked.
    """

    kind: Kind
    pk: int
    partner: str
    account: str
    business_on: date
    name: str
    sha256: str
    signer: str
    state: str
    received_at: datetime
    loaded_at: datetime
    opening: int | None
    closing: int | None
    line_count: int
    line_total: int
    new_count: int
    adds_up: bool | None
    continues: bool | None
    is_ours: bool
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FilePage:
    """Files, the newest first; ``after`` asks for the next page, "" where there is none."""

    files: tuple[File, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a statement or line of a remittance.

    ``amount``: of a remittance phí and lệ phí alone; ``postage`` is the post's own money, None in a statement.
    ``outcome``: how the current version of its day judged it, "" if none did; ``row_no`` its row there.
    """

    line_no: int
    on: date
    amount: int
    postage: int | None
    reference: str
    text: str
    is_new: bool
    outcome: str
    row_no: int | None


@dataclass(frozen=True, slots=True)
class LinePage:
    """Lines in the order of the file; ``after`` is the last line's number, None where there are no more."""

    lines: tuple[Line, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes as the partner sent them, with its detached signature where there is one."""

    name: str
    content: bytes
    signature: bytes | None
    sha256: str


_STATEMENT = f"""
SELECT 'statement', s.statement_pk, s.partner, s.account, s.business_on, s.file_name, encode(m.body_sha256,
       'hex'), m.signer,
       m.state, m.created_at, s.loaded_at, s.opening, s.closing, s.entry_count, s.entry_sum, s.new_count,
       s.opening + s.entry_sum = s.closing, {continues("s")}, s.ours, s.problems
  FROM gateway.statement s JOIN gateway.message m USING (message_pk)"""  # noqa: S608 - our own SQL
_REMITTANCE = """
SELECT 'remittance', s.remittance_pk, s.partner, s.account, s.business_on, s.file_name, encode(m.body_sha256,
       'hex'), m.signer,
       m.state, m.created_at, s.loaded_at, NULL, NULL, s.line_count, s.line_total, s.line_count,
       (s.declared_count, s.declared_total) = (s.line_count, s.line_total), NULL, true, s.problems
  FROM gateway.remittance s JOIN gateway.message m USING (message_pk)"""
_CURRENT = """LEFT JOIN gateway.recon_day d ON (d.partner, d.business_on) = (e.partner, e.booked_on)
  LEFT JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  LEFT JOIN gateway.recon_entry n ON (n.version_pk, n.entry_pk) = (v.version_pk, e.entry_pk)
  LEFT JOIN gateway.recon_row r ON (r.version_pk, r.row_no) = (n.version_pk, n.row_no)"""
_LINES = f"""
SELECT x.seen_no, e.booked_on, e.amount, NULL, coalesce(nullif(e.tokens, ''), e.keys), e.text,
       NOT EXISTS (SELECT FROM gateway.statement_entry_seen o WHERE o.entry_pk = x.entry_pk
       AND o.statement_pk < x.statement_pk),
       coalesce(r.outcome, ''), r.row_no
  FROM gateway.statement_entry_seen x JOIN gateway.statement_entry e USING (entry_pk) {_CURRENT}
 WHERE x.statement_pk = %s AND x.seen_no > %s ORDER BY x.seen_no LIMIT %s"""  # noqa: S608 - constants
_REMITTED = """
SELECT l.line_no, l.collected_on, l.state_fee, l.postage, l.order_number, l.item_code, true, coalesce(r.outcome, ''),
       r.row_no
  FROM gateway.remittance_line l JOIN gateway.remittance s USING (remittance_pk)
  LEFT JOIN gateway.recon_day d ON (d.partner, d.business_on) = (s.partner, s.business_on)
  LEFT JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  LEFT JOIN gateway.recon_entry n ON (n.version_pk, n.entry_pk) = (v.version_pk, l.line_pk)
  LEFT JOIN gateway.recon_row r ON (r.version_pk, r.row_no) = (n.version_pk, n.row_no)
 WHERE l.remittance_pk = %s AND l.line_no > %s ORDER BY l.line_no LIMIT %s"""
_KEYS = {"statement": "s.statement_pk", "remittance": "s.remittance_pk"}
_SELECTS = {"statement": _STATEMENT, "remittance": _REMITTANCE}


def files(
    desk: Desk,
    person: Person,
    kind: Kind,
    *,
    partner: str = "",
    on: date | None = None,
    after: str = "",
    limit: int = 50,
) -> FilePage:
    """Statements or remittances received, the newest first; of one partner or business date if told.

    Raises Forbidden ``act-not-allowed``; Malformed ``page-cursor-invalid``.
    """
    person.require(Act.SEE)
    key, limit = _KEYS[kind], max(1, min(limit, MOST))
    where, values = ["true"], list[object]()
    if partner:
        where.append("s.partner = %s")
        values.append(partner)
    if on is not None:
        where.append("s.business_on = %s")
        values.append(on)
    if after:
        where.append(f"(s.loaded_at, {key}) < (%s::timestamptz, %s)")
        values += _position(after)
    sql = f"{_SELECTS[kind]} WHERE {' AND '.join(where)} ORDER BY s.loaded_at DESC, {key} DESC LIMIT %s"
    rows = desk.connection.execute(sql.encode(), (*values, limit + 1)).fetchall()
    found = tuple(_file(row) for row in rows[:limit])
    return FilePage(found, f"{found[-1].loaded_at.isoformat()}|{found[-1].pk}" if len(rows) > limit else "")


def _position(after: str) -> list[object]:
    at, _, pk = after.partition("|")
    if not re.fullmatch(r"[0-9T:.+\-]{10,40}", at) or not pk.isdigit() or len(pk) > 18:
        raise Malformed(
            "the place to go on from is none of ours",
            code="page-cursor-invalid",
            where="after",
            action="begin again from the first page",
        )
    return [at, int(pk)]


def file_of(desk: Desk, person: Person, kind: Kind, pk: int) -> File:
    """One of ``files``. Raises Forbidden ``act-not-allowed``; NotFound ``statement-unknown``."""
    person.require(Act.SEE)
    row = desk.connection.execute(f"{_SELECTS[kind]} WHERE {_KEYS[kind]} = %s".encode(), (pk,)).fetchone()
    if row is None:
        raise NotFound(
            f"no {kind} {pk}",
            code="statement-unknown",
            where=str(pk),
            action="choose one from the list",
            facts={"number": pk},
        )
    return _file(row)


def _file(row: Sequence[object]) -> File:
    *facts, problems = row
    told = [(str(code), str(text)) for code, text in problems] if isinstance(problems, list) else []
    facts[3] = masked_account(str(facts[3]))
    masked = tuple((code, masked_text(text)) for code, text in told)
    return File(*[*facts, masked])  # type: ignore[arg-type]  # the columns above, typed by the schema


def lines(desk: Desk, person: Person, kind: Kind, pk: int, *, after: int = 0, limit: int = 100) -> LinePage:
    """The lines of a statement or remittance behind line ``after``, with how each was judged.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    limit = max(1, min(limit, MOST))
    sql = _LINES if kind == "statement" else _REMITTED
    rows = desk.connection.execute(sql.encode(), (pk, after, limit + 1)).fetchall()
    found = tuple(
        Line(no, on, amount, postage, str(reference), masked_text(str(text)), bool(new), str(outcome), row_no)  # type: ignore[arg-type]  # typed by the schema
        for no, on, amount, postage, reference, text, new, outcome, row_no in rows[:limit]
    )
    return LinePage(found, found[-1].line_no if len(rows) > limit else None)


def original(desk: Desk, person: Person, kind: Kind, pk: int) -> Original:
    """The file as it came; the download is logged with its digest.

    Raises Forbidden ``act-not-allowed``; NotFound ``statement-unknown``, ``original-expired``; DoesNotClose
    ``original-altered`` where the stored bytes are not those that were received.
    """
    person.require(Act.EXPORT)
    found = file_of(desk, person, kind, pk)
    with desk.connection.transaction():
        row = desk.connection.execute(
            f"SELECT o.body, o.signature FROM gateway.{kind} s, gateway.statement_original(s.message_pk) o"  # noqa: S608 - one of two words
            f" WHERE {_KEYS[kind]} = %s",
            (pk,),
        ).fetchone()
        if row is None:
            raise NotFound(
                "its bytes are no longer kept",
                code="original-expired",
                where=found.name,
                action="ask the partner for it",
                facts={"file": found.name},
            )
        content = bytes(row[0]) if isinstance(row[0], bytes | memoryview) else b""
        digest = hashlib.sha256(content).hexdigest()
        if digest != found.sha256:
            raise DoesNotClose(
                f"the stored bytes have the digest {digest[:12]}…, {found.sha256[:12]}… was received",
                code="original-altered",
                where=found.name,
                action="do not use the file; tell operations",
                facts={"file": found.name, "stored": digest[:12], "received": found.sha256[:12]},
            )
        log_export(desk, person, f"original:{kind}:{pk}", rows=found.line_count, sha256=digest)
    signature = bytes(row[1]) if isinstance(row[1], bytes | memoryview) else None
    return Original(found.name, content, signature, digest)
