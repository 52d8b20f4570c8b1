"""What may explain entries that name no payment of the day: requests, remittances, batches, cash counts, free text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection

from gateway.model import Channel
from gateway.partners import Partner
from gateway.reconciliation import suggestions as text_search
from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.moves import redated
from gateway.reconciliation.outcomes import Suggestion
from gateway.reconciliation.rules import Rules, folded
from gateway.reconciliation.sides import Batch, CashCount, Known, Remitted, Theirs
from gateway.reconciliation.suggestions import Owed

Rows = Connection[tuple[object, ...]]
Values = Mapping[str, object]


def loose_entries(theirs: pa.Table) -> list[Theirs]:
    """Credits that name no reference of ours."""
    loose = theirs.filter(pc.and_(pc.equal(theirs["tokens"], ""), pc.greater(theirs["amount"], 0)))
    return [Theirs(*row.values()) for row in loose.to_pylist()]


_KNOWN = (
    "WITH named AS (SELECT unnest(string_to_array(e.tokens, ' ')) AS reference, bool_or(e.amount < 0) AS debited"
    " FROM gateway.statement_entry e WHERE e.partner = %(partner)s AND e.booked_on = %(day)s AND e.tokens <> ''"
    " AND e.loaded_at <= %(now)s AND NOT EXISTS (SELECT FROM gateway.payment p WHERE p.partner = %(partner)s"
    "   AND p.business_on = %(day)s AND p.reference = e.tokens AND p.recorded_at <= %(now)s)"
    " GROUP BY 1)"
    " SELECT r.reference, r.dossier_code, r.amount, r.account,"
    " CASE WHEN coalesce(r.state_at, r.created_at) <= %(now)s THEN r.state ELSE 'open' END,"
    " coalesce((SELECT s.status FROM gateway.payment_request_status s WHERE s.request_pk = r.request_pk"
    "   AND s.noted_at <= %(now)s ORDER BY s.step_no DESC LIMIT 1), ''),"
    " coalesce((SELECT sum(p.amount) FROM gateway.payment p WHERE p.request_pk = r.request_pk"
    "   AND p.recorded_at <= %(now)s), 0)::bigint,"
    " coalesce(l.payment_pk, 0), coalesce(l.paid_on, 0), coalesce(l.amount, 0)"
    " FROM gateway.payment_request r JOIN named USING (reference) LEFT JOIN LATERAL"
    "  (SELECT p.payment_pk, p.business_on - DATE '1970-01-01' AS paid_on, p.amount FROM gateway.payment p"
    "    WHERE p.request_pk = r.request_pk AND p.recorded_at <= %(now)s AND p.source <> 'statement'"
    "    ORDER BY p.business_on DESC, p.payment_pk DESC LIMIT 1) l ON named.debited"
    " WHERE r.created_at <= %(now)s ORDER BY 1"
)


def known(conn: Rows, values: Values) -> dict[str, Known]:
    """The requests that entries of the day name and no payment of the day does, as they were known then."""
    rows = conn.execute(redated(_KNOWN, values).encode(), values)
    return {str(row[0]): Known(*row) for row in rows}  # type: ignore[arg-type]  # the columns above


_REMITTANCES = (
    "WITH words AS (SELECT DISTINCT unnest(string_to_array(keys, ' ')) AS word FROM gateway.statement_entry"
    " WHERE partner = %(partner)s AND booked_on = %(day)s AND tokens = '' AND keys <> '' AND loaded_at <= %(now)s)"
    " SELECT b.batch_id, coalesce(sum(l.state_fee), 0)::bigint, coalesce(sum(l.postage), 0)::bigint"
    " FROM gateway.remittance b JOIN words ON words.word = b.batch_id"
    " LEFT JOIN gateway.remittance_line l USING (remittance_pk) WHERE b.loaded_at <= %(now)s GROUP BY 1 ORDER BY 1"
)


def remittances(conn: Rows, values: Values) -> dict[str, Remitted]:
    """The remittances that entries of the day name by their batch."""
    rows = conn.execute(redated(_REMITTANCES, values).encode(), values)
    return {str(batch): Remitted(_int(fee), _int(postage)) for batch, fee, postage in rows}


# Card payments of other dates by terminal, date and account; no other channel is settled by terminal (``queries``).
_CARDS = (
    "SELECT 'pos:' || p.terminal_id, p.business_on - DATE '1970-01-01',"
    " coalesce(r.account, p.account), sum(p.amount)::bigint, count(*)"
    " FROM gateway.payment p LEFT JOIN gateway.payment_request r USING (request_pk)"
    " WHERE p.partner = %(partner)s AND p.channel = 'pos' AND p.recorded_at <= %(now)s AND p.source <> 'statement'"
    " AND p.business_on BETWEEN %(first)s AND %(last)s AND p.business_on <> %(day)s GROUP BY 1, 2, 3"
)
_DATES = (
    "SELECT e.partner, e.booked_on - DATE '1970-01-01', '', sum(e.amount)::bigint, count(*)"
    " FROM gateway.statement_entry e WHERE e.partner <> %(partner)s AND e.response_code IN ('00', '68')"
    " AND e.booked_on BETWEEN %(first)s AND %(last)s AND e.loaded_at <= %(now)s GROUP BY 1, 2"
)


def batches(conn: Rows, loose: Sequence[Theirs], rules: Rules, partner: Partner, values: Values) -> tuple[Batch, ...]:
    """What a credit of the day may settle in bulk beside payments of the day itself; read only where one is worded so.

    An intermediary's batch is one date of its own file (only its lines carry response codes, domain.md 4.4).
    """
    if not _some(loose, rules.bulk.pattern):
        return ()
    day = values["day"]
    assert isinstance(day, date)
    query = f"{_DATES} UNION ALL {_CARDS}" if _has_lagging_cards(partner) else _DATES
    return _batches(conn, query, values, day - timedelta(days=rules.bulk.days), day)


def beside(conn: Rows, partner: Partner, days: WorkingDays, day: date, values: Values) -> tuple[Batch, ...]:
    """Card payments of the other dates that fall due together with those of the day: a weekend's, a Friday's."""
    first, last = days.together(day)
    return _batches(conn, _CARDS, values, first, last) if first < last and _has_lagging_cards(partner) else ()


def _batches(conn: Rows, query: str, values: Values, first: date, last: date) -> tuple[Batch, ...]:
    span = {**values, "first": first, "last": last}
    rows = conn.execute(f"{redated(query, values)} ORDER BY 1, 2, 3".encode(), span)
    return tuple(Batch(*row) for row in rows)  # type: ignore[arg-type]  # the columns above


def _has_lagging_cards(partner: Partner) -> bool:
    return partner.matching.settles_after.get(Channel.POS, 0) > 0


# What was counted and confirmed, as known then; where nobody has counted yet, what the receipts of the counter say.
_CASH = """
WITH counted AS (
    SELECT DISTINCT ON (c.business_on, c.cashier, c.unit_code, c.receipt_series)
           c.cashier, c.receipt_series, c.business_on, c.first_number, c.last_number, c.receipt_count, c.amount
      FROM gateway.cash_count c
     WHERE c.business_on BETWEEN %(day)s::date - %(back)s::int AND %(day)s AND c.confirmed_at <= %(now)s
     ORDER BY c.business_on, c.cashier, c.unit_code, c.receipt_series, c.count_pk DESC),
taken AS (
    SELECT p.cashier, p.receipt_series, p.business_on, min(p.receipt_number), max(p.receipt_number), count(*)::int,
           sum(p.amount)::bigint
      FROM gateway.payment p
     WHERE p.partner = '' AND p.source = 'counter' AND p.channel = 'cash' AND p.recorded_at <= %(now)s
       AND p.business_on BETWEEN %(day)s::date - %(back)s::int AND %(day)s AND NOT EXISTS (SELECT FROM counted c
         WHERE (c.cashier, c.receipt_series, c.business_on) = (p.cashier, p.receipt_series, p.business_on))
     GROUP BY 1, 2, 3)
SELECT cashier, receipt_series, business_on - DATE '1970-01-01', first_number, last_number, receipt_count, amount
  FROM (SELECT * FROM counted UNION ALL SELECT * FROM taken) all_of_it ORDER BY 1, 2, 3, 4"""


def cash_counts(conn: Rows, loose: Sequence[Theirs], rules: Rules, values: Values) -> tuple[CashCount, ...]:
    """What cashiers took, by date and series of receipts; read only where a deposit of cash is worded so."""
    if not _some(loose, rules.cash.pattern):
        return ()
    return _taken(conn, {**values, "back": rules.cash.days})


def cash_taken(conn: Rows, day: date, back: int, now: datetime) -> tuple[CashCount, ...]:
    """What cashiers took from ``back`` days before ``day`` until it, as known at ``now``: see ``cash_counts``."""
    return _taken(conn, {"day": day, "back": back, "now": now})


def _taken(conn: Rows, values: Values) -> tuple[CashCount, ...]:
    return tuple(CashCount(*row) for row in conn.execute(_CASH, values))  # type: ignore[arg-type]  # the columns above


_STRIPPED = """(regexp_replace(regexp_replace(d.dossier_code, '^[0-9.]+', ''), '[^A-Z0-9]', '', 'g')) COLLATE "C\""""
_ASKED = (
    " ARRAY(SELECT r.amount FROM gateway.payment_request r WHERE r.dossier_code = d.dossier_code"
    " AND r.created_at <= %(now)s AND (r.state = 'open' OR coalesce(r.state_at, r.created_at) > %(now)s)"
    " ORDER BY r.request_pk)"
)
_BY_CODE = (
    f"SELECT {_STRIPPED}, d.dossier_code, d.owner_name, {_ASKED} FROM gateway.dossier d"  # noqa: S608 - constants
    f" WHERE {_STRIPPED} = ANY(%(codes)s) AND d.submitted_at <= %(now)s"
    " UNION SELECT c.beginning, d.* FROM unnest(%(beginnings)s::text[]) AS c(beginning)"
    f" CROSS JOIN LATERAL (SELECT d.dossier_code, d.owner_name, {_ASKED} FROM gateway.dossier d"
    f" WHERE {_STRIPPED} >= c.beginning AND {_STRIPPED} < c.beginning || 'Z' AND d.submitted_at <= %(now)s"
    f" ORDER BY {_STRIPPED} LIMIT 50) d"
    " ORDER BY 1, 2"
)
_BY_AMOUNT = (
    "SELECT amount, dossier_code, owner_name, payer FROM (SELECT r.amount, d.dossier_code, d.owner_name,"
    " coalesce(p.name, '') AS payer,"
    " row_number() OVER (PARTITION BY r.amount ORDER BY r.request_pk DESC) AS number"
    " FROM gateway.payment_request r JOIN gateway.dossier d USING (dossier_code)"
    " LEFT JOIN gateway.payer p ON p.payer_pk = r.payer_pk"
    " WHERE r.partner = %(partner)s AND r.amount = ANY(%(amounts)s) AND r.created_at <= %(now)s"
    "  AND (r.state = 'open' OR coalesce(r.state_at, r.created_at) > %(now)s)) o"
    " WHERE number <= %(most)s ORDER BY 1, 2, 4"
)


def suggestions(conn: Rows, loose: Sequence[Theirs], rules: Rules, values: Values) -> dict[int, tuple[Suggestion, ...]]:
    """Dossiers that the free text of credits without a reference may mean."""
    entries = [entry for entry in loose if entry.text]
    if not entries:
        return {}
    limits = rules.suggestion
    pieces = {entry.pk: text_search.fragments(text_search.squeeze(entry.text), limits) for entry in entries}
    coded = _by_code(conn, [piece for found in pieces.values() for piece in found], values)
    named = _by_amount(conn, sorted({entry.amount for entry in entries}), limits.name_candidates, values)
    found = {}
    for entry in entries:
        words = {word for piece in pieces[entry.pk] for word in (*text_search.whole_codes(piece), piece.letters)}
        meant = [owed for word in sorted(words) for owed in coded.get(word, ())]
        if some := text_search.suggest(entry.text, entry.amount, meant, named.get(entry.amount, ()), limits):
            found[entry.pk] = some
    return found


def _by_code(conn: Rows, pieces: Sequence[text_search.Fragment], values: Values) -> dict[str, list[Owed]]:
    """Dossiers by a whole code, or by the beginning of one."""
    codes = sorted({code for piece in pieces for code in text_search.whole_codes(piece)})
    beginnings = sorted({piece.letters for piece in pieces if piece.cut})
    found: dict[str, list[Owed]] = defaultdict(list)
    if codes or beginnings:
        for word, code, owner, amounts in conn.execute(
            _BY_CODE.encode(), {**values, "codes": codes, "beginnings": beginnings}
        ):
            found[str(word)].append(Owed(str(code), str(owner), tuple(amounts)))  # type: ignore[arg-type]  # bigint[]
    return found


def _by_amount(conn: Rows, amounts: Sequence[int], most: int, values: Values) -> dict[int, list[Owed]]:
    """Dossiers whose open request asks for the very amount, and its payer; bounded, the newest requests first."""
    found: dict[int, list[Owed]] = defaultdict(list)
    for amount, code, *names in conn.execute(_BY_AMOUNT.encode(), {**values, "amounts": list(amounts), "most": most}):
        owner, payer = map(str, names)
        found[_int(amount)].append(Owed(str(code), owner, (_int(amount),), payer))
    return found


def _some(loose: Sequence[Theirs], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(folded(f"{entry.type_code} {entry.text}")) for entry in loose)


def _int(value: object) -> int:
    return int(str(value))
