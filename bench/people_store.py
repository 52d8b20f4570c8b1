"""A database after a busy autumn: dossiers with a fee, a payment and a statement entry each, made by set-based SQL."""

from __future__ import annotations

from datetime import timedelta

from gateway.messages.store import Connection

SPREAD_DAYS = 70

# Vietnamese names are few and far from even: two persons of five are Nguyễn, one of three is Thị. (word, of a hundred)
_FAMILIES = (
    ("Nguyễn", 38), ("Trần", 11), ("Lê", 10), ("Phạm", 7), ("Hoàng", 5), ("Vũ", 5), ("Phan", 4), ("Đặng", 3),
    ("Bùi", 3), ("Đỗ", 3), ("Hồ", 2), ("Ngô", 2), ("Dương", 2), ("Lý", 1), ("Đinh", 1), ("Trịnh", 1), ("Tống", 1),
    ("Chíu", 1),
)  # fmt: skip
_MIDDLES = (
    ("Thị", 32), ("Văn", 26), ("Đức", 5), ("Ngọc", 4), ("Minh", 4), ("Thu", 3), ("Quang", 3), ("Hữu", 3), ("Xuân", 3),
    ("Thị Thanh", 3), ("Thị Thu", 3), ("Thị Ngọc", 3), ("Công", 2), ("Thành", 2), ("Đình", 2), ("An", 1), ("Hải", 1),
)  # fmt: skip
_GIVEN = (
    ("Hương", 5), ("Hùng", 5), ("Lan", 4), ("Bình", 4), ("An", 3), ("Dũng", 4), ("Hạnh", 3), ("Tuấn", 4), ("Mai", 3),
    ("Sơn", 3), ("Hà", 4), ("Linh", 4), ("Đông", 1), ("Hải", 3), ("Hiền", 3), ("Hoa", 3), ("Thảo", 3), ("Trang", 3),
    ("Huyền", 3), ("Nga", 3), ("Ngọc", 3), ("Nam", 2), ("Minh", 3), ("Long", 2), ("Cường", 3), ("Thành", 2),
    ("Thắng", 2), ("Yến", 2), ("Phương", 3), ("Quỳnh", 2), ("Vân", 1), ("Tú", 2), ("Khánh", 1), ("Chi", 1),
    ("Giang", 1), ("Nhung", 1), ("Oanh", 1),
)  # fmt: skip


def _one_of(words: tuple[tuple[str, int], ...], number: str, seed: int) -> str:
    """SQL: one of ``words`` by their weights, the same for the same ``number``."""
    spread = ", ".join(f"'{word}'" for word, weight in words for _ in range(weight))
    return (
        f"(ARRAY[{spread}])[1 + (hashint8extended({number}, {seed}) & 1048575) * {sum(w for _, w in words)} / 1048576]"
    )


def _name(number: str, seed: int) -> str:
    """SQL: a person's name, words drawn apart; one of fifty is an enterprise."""
    person = " || ' ' || ".join(
        _one_of(words, number, seed + place) for place, words in enumerate((_FAMILIES, _MIDDLES, _GIVEN))
    )
    firm = f"'Công ty TNHH ' || {_one_of(_GIVEN, number, seed + 3)} || ' ' || {_one_of(_MIDDLES, number, seed + 4)}"
    return f"CASE WHEN (hashint8extended({number}, {seed + 5}) & 1023) < 20 THEN {firm} ELSE {person} END"


_MESSAGE = """
INSERT INTO gateway.message (direction, partner, kind, state, message_id, body_month, body_sha256, body_size,
    business_on, created_at, state_at)
VALUES ('in', 'bank-a', 'statement_file', 'applied', 'm-1', '2026-11-01', sha256('x'), 1, '2026-11-23', now(), now())"""
_DOSSIERS = f"""
INSERT INTO gateway.dossier (dossier_code, procedure_code, procedure_name, field_code, field_name, channel, owner_name,
    owner_id_number, owner_type, phone, email, address, summary, unit_code, unit_name, status, status_at, submitted_at,
    returns_by_post, message_pk)
SELECT 'H49.' || 10 + i %% 20 || '-' || to_char(timestamptz '2026-09-01' + i * %(step)s, 'YYYYMMDD') || '-'
    || lpad(i::text, 7, '0'), '1.005129', 'Cấp giấy phép xây dựng', 'XD', 'Xây dựng', 1 + i %% 3,
    {_name("i", 0)},
    lpad((22000000000 + i)::text, 12, '0'), 1, '0912345678', '', 'Phường Hồng Gai', '', 'H49.' || 10 + i %% 20,
    'Đơn vị ' || i %% 20, 4, timestamptz '2026-09-01' + i * %(step)s,
    timestamptz '2026-09-01' + i * %(step)s, i %% 5 = 0, 1 FROM generate_series(1, %(n)s) i"""
# One dossier of seven is paid by somebody else.
_PAYERS = f"""
INSERT INTO gateway.payer (dossier_code, name, address, is_owner, told_at, message_pk)
SELECT dossier_code, CASE WHEN other THEN {_name("n", 10)} ELSE owner_name END, 'Phường Hồng Gai', NOT other,
       submitted_at, 1
  FROM (SELECT *, right(dossier_code, 7)::int AS n, right(dossier_code, 7)::int %% 7 = 0 AS other
          FROM gateway.dossier) d"""
_FEES = """
INSERT INTO gateway.fee (dossier_code, fee_id, kind, name, amount, channel, state, paid, requested_at,
    settled_at, message_pk, payer_pk)
SELECT dossier_code, 'p1', 'phi', 'Phí thẩm định', a, 'internet_banking', 'settled', a, submitted_at, submitted_at, 1,
    payer_pk
  FROM (SELECT *, 10000 * (1 + right(dossier_code, 7)::int %% 97) AS a FROM gateway.dossier) d
  JOIN gateway.payer USING (dossier_code)"""
_REQUESTS = """
INSERT INTO gateway.payment_request (reference, dossier_code, partner, channel, account, amount, state,
    state_at, created_at, message_pk, payer_pk)
SELECT 'QN261123' || right(dossier_code, 7), dossier_code, 'bank-a', 'internet_banking', '1120000000101',
    amount, 'settled', requested_at, requested_at, 1, payer_pk FROM gateway.fee"""
_PAYMENTS = """
INSERT INTO gateway.payment (partner, channel, source, reference, request_pk, dossier_code,
    partner_transaction_id, amount, allocated, account, paid_at, business_on, recorded_at, message_pk)
SELECT partner, channel, 'notice', reference, request_pk, dossier_code, 'FT' || right(reference, 9), amount,
    amount, account, created_at, created_at::date, created_at, 1 FROM gateway.payment_request"""
_ENTRIES = """
INSERT INTO gateway.statement_entry (partner, account, digest, occurrence, booked_on, value_on, amount,
    currency, tokens, keys, type_code, response_code, text, loaded_at)
SELECT p.partner, p.account, decode(md5(payment_pk::text), 'hex'), 1, business_on, business_on,
    amount + CASE WHEN mod(payment_pk, 50) = 0 THEN 1000 ELSE 0 END, 'VND', reference,
    partner_transaction_id || ' ' || reference, 'NTRF', '',
    upper(gateway.folded(d.owner_name)) || ' nop phi ' || reference, paid_at
  FROM gateway.payment p JOIN gateway.dossier d USING (dossier_code)"""


def fill(connection: Connection, dossiers: int) -> None:
    """A database with ``dossiers`` dossiers, each with a fee, request, payment and statement entry, over many days."""
    values = {"n": dossiers, "step": timedelta(days=SPREAD_DAYS) / dossiers}
    connection.execute("SET session_replication_role = replica")
    for statement in (_MESSAGE, _DOSSIERS, _PAYERS, _FEES, _REQUESTS, _PAYMENTS, _ENTRIES):
        connection.execute(statement.encode(), values if "%(" in statement else {})
    connection.execute("SET session_replication_role = origin")
    connection.execute("SELECT gateway.count_indicators_anew()")  # what the triggers would have counted
    connection.execute("VACUUM ANALYZE")
