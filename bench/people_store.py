"""A database after a busy autumn: dossiers with a fee, a payment and a statement entry each, made by set-based SQL."""

from __future__ import annotations

from datetime import timedelta

from gateway.messages.store import Connection

SPREAD_DAYS = 70

FAMILIES = "ARRAY['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Vũ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ']"
MIDDLES = "ARRAY['Thị', 'Văn', 'Đức', 'Ngọc', 'Minh', 'Thu', 'Quang']"
GIVEN = "ARRAY['Hạnh', 'Hùng', 'Lan', 'Bình', 'An', 'Dũng', 'Hương', 'Tuấn', 'Mai', 'Sơn', 'Hà', 'Linh', 'Đông']"

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
    ({FAMILIES})[1 + i %% 10] || ' ' || ({MIDDLES})[1 + i / 10 %% 7] || ' ' || ({GIVEN})[1 + i / 70 %% 13],
    lpad((22000000000 + i)::text, 12, '0'), 1, '0912345678', '', 'Phường Hồng Gai', '', 'H49.' || 10 + i %% 20,
    'Đơn vị ' || i %% 20, 4, timestamptz '2026-09-01' + i * %(step)s,
    timestamptz '2026-09-01' + i * %(step)s, i %% 5 = 0, 1 FROM generate_series(1, %(n)s) i"""
# One dossier of seven is paid by somebody else.
_PAYERS = f"""
INSERT INTO gateway.payer (dossier_code, name, address, is_owner, told_at, message_pk)
SELECT dossier_code, CASE WHEN other THEN ({FAMILIES})[1 + n / 7 %% 10] || ' ' || ({MIDDLES})[1 + n %% 5] || ' '
    || ({GIVEN})[1 + n / 3 %% 13] ELSE owner_name END, 'Phường Hồng Gai', NOT other, submitted_at, 1
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
    connection.execute("VACUUM ANALYZE")
