-- A small province as it stood at version 0015 of the schema: written by its triggers, as the code of then wrote it.

INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES
    ('an', 'finance_maker', 'grant', 'setup', '2026-11-01T00:00Z'),
    ('binh', 'finance_checker', 'grant', 'setup', '2026-11-01T00:00Z'),
    ('minh', 'auditor', 'grant', 'setup', '2026-11-01T00:00Z'),
    ('oanh', 'ops', 'grant', 'setup', '2026-11-01T00:00Z');

-- One message that told everything, and the orders of refunds.
INSERT INTO gateway.message (message_pk, direction, partner, kind, state, message_id, transaction_id, body_month, body_sha256,
                             body_size, business_on, created_at, state_at, next_attempt_at)
SELECT pk, CASE pk WHEN 1 THEN 'in' ELSE 'out' END, 'bank-a', CASE pk WHEN 1 THEN 'dossier_event' ELSE 'refund' END,
       CASE pk WHEN 1 THEN 'stored' ELSE 'waiting' END, 'M' || pk, CASE WHEN pk > 1 THEN 'HT00000' || pk END, '2026-11-01',
       sha256(convert_to(pk::text, 'UTF8')), 1, '2026-11-23', '2026-11-23T01:00Z', '2026-11-23T01:00Z',
       CASE WHEN pk > 1 THEN timestamptz '2026-11-23T01:00Z' END
  FROM unnest(ARRAY[1, 11, 12, 13, 14, 15]) pk;
UPDATE gateway.message SET state = 'applied' WHERE message_pk = 1;

-- Dossiers: 1 to 4 have fees; 5 and 6 were erased (6 without any money), 7 is as old and was not.
INSERT INTO gateway.dossier (dossier_code, procedure_code, procedure_name, field_code, field_name, channel, owner_name,
                             owner_id_number, owner_type, phone, email, address, summary, unit_code, unit_name, status, status_at,
                             submitted_at, returns_by_post, message_pk)
SELECT 'D' || n, 'P', 'Thủ tục', 'F', 'Lĩnh vực', 2, 'Nguyễn Văn ' || n, '00119000000' || n, 1, '091234567' || n, '', 'Số ' || n || ' Lê Lợi',
       'Xin cấp giấy cho ông Nguyễn Văn ' || n, 'H49.12', 'Sở Xây dựng', CASE WHEN n < 5 THEN 4 ELSE 10 END,
       '2026-11-20T00:00Z', '2026-11-02T00:00Z', false, 1
  FROM generate_series(1, 7) n;
INSERT INTO gateway.fee (fee_pk, dossier_code, fee_id, kind, name, amount, channel, state, requested_at, message_pk) VALUES
    (1, 'D1', 'p1', 'phi', 'Phí', 100000, 'internet_banking', 'due', '2026-11-20T01:00Z', 1),
    (2, 'D2', 'p1', 'phi', 'Phí', 50000, 'internet_banking', 'due', '2026-11-20T01:00Z', 1),
    (3, 'D3', 'p1', 'phi', 'Phí', 70000, 'internet_banking', 'due', '2026-11-20T01:00Z', 1),
    (4, 'D4', 'p1', 'phi', 'Phí', 30000, 'cash', 'due', '2026-11-20T01:00Z', 1),
    (5, 'D4', 'p2', 'le_phi', 'Lệ phí', 20000, 'cash', 'due', '2026-11-20T01:00Z', 1);
INSERT INTO gateway.payment_request (request_pk, reference, dossier_code, partner, channel, account, amount, state, created_at, state_at,
                                     message_pk) VALUES
    (1, 'QN261120000001A', 'D1', 'bank-a', 'internet_banking', '1120000000101', 100000, 'settled', '2026-11-20T01:00Z',
        '2026-11-23T02:30Z', 1),
    (2, 'QN261120000002A', 'D2', 'bank-a', 'internet_banking', '1120000000101', 50000, 'open', '2026-11-20T01:00Z', NULL, 1),
    (3, 'QN261120000003A', 'D3', 'bank-a', 'internet_banking', '1120000000101', 70000, 'open', '2026-11-20T01:00Z', NULL, 1),
    (4, 'QN261120000004A', 'D3', 'bank-a', 'internet_banking', '1120000000101', 70000, 'cancelled', '2026-11-20T01:05Z', NULL, 1);
INSERT INTO gateway.payment_request_fee VALUES (1, 1, 100000), (2, 2, 50000), (3, 3, 70000), (4, 3, 70000);

-- Money: D1 paid by its request, and too much; D4 at the counter, twice; refunds below are of payments 11 to 16.
INSERT INTO gateway.payment (payment_pk, partner, channel, source, reference, request_pk, dossier_code, partner_transaction_id, amount,
                             account, paid_at, business_on, cashier, receipt_series, receipt_number, recorded_at, message_pk) VALUES
    (1, 'bank-a', 'internet_banking', 'notice', 'QN261120000001A', 1, 'D1', 'T1', 160000, '1120000000101', '2026-11-23T02:30Z',
        '2026-11-23', '', '', '', '2026-11-23T02:30Z', 1),
    (4, '', 'cash', 'counter', '', NULL, 'D4', '', 50000, '', '2026-11-23T03:00Z', '2026-11-23', 'Lê Thu', 'C1', '1', '2026-11-23T03:00Z', 1);
INSERT INTO gateway.payment (payment_pk, partner, channel, source, reference, request_pk, dossier_code, partner_transaction_id, amount,
                             account, paid_at, business_on, recorded_at, message_pk)
SELECT pk, 'bank-a', 'internet_banking', 'notice', 'QN26111900000' || pk, NULL, 'D3', 'T' || pk, 10000, '1120000000101',
       '2026-11-19T02:30Z', '2026-11-19', '2026-11-19T02:30Z', 1
  FROM generate_series(11, 16) pk;
INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at, message_pk) VALUES
    (1, 1, 100000, '', '2026-11-23T02:30Z', 1), (4, 4, 30000, '', '2026-11-23T03:00Z', 1);

-- A statement: two lines that nothing explains, and the bank's debits for refunds.
INSERT INTO gateway.statement (statement_pk, partner, account, currency, business_on, statement_id, opening_on, opening, closing_on, closing,
                               entry_count, entry_sum, ours, file_name, file_sha256, message_pk, loaded_at)
VALUES (1, 'bank-a', '1120000000101', 'VND', '2026-11-23', 'S1', '2026-11-23', 0, '2026-11-23', 60000, 4, 60000, true, 'F1', 'x', 1,
        '2026-11-24T01:00Z');
INSERT INTO gateway.statement_entry (entry_pk, partner, account, digest, occurrence, booked_on, value_on, amount, currency, tokens, keys,
                                     type_code, response_code, text, loaded_at)
SELECT pk, 'bank-a', '1120000000101', substr(sha256(convert_to(pk::text, 'UTF8')), 1, 16), 1, '2026-11-23', '2026-11-23', amount, 'VND',
       tokens, tokens, '', '', text, '2026-11-24T01:00Z'
  FROM (VALUES (1, 50000, '', 'nop phi D2'), (2, 30000, '', 'nop phi D3 lan 1'), (11, -10000, 'HT0000011', 'HOAN PHI'),
               (12, -10000, 'HT0000012', 'HOAN PHI')) e(pk, amount, tokens, text);
INSERT INTO gateway.statement_entry_seen SELECT 1, entry_pk, entry_pk, entry_pk FROM gateway.statement_entry;

SELECT setval(pg_get_serial_sequence('gateway.payment', 'payment_pk'), 100);
-- A line a person attributed to a fee is a payment of its own, and the surplus of D1 went to a fee of D4 at the counter.
SELECT gateway.book_entry(1, '2026-11-24T02:00Z'), gateway.book_entry(2, '2026-11-24T02:00Z');

INSERT INTO gateway.recon_day (partner, business_on, changed_at) VALUES ('bank-a', '2026-11-23', '2026-11-24T01:30Z');
INSERT INTO gateway.recon_version (version_pk, partner, business_on, version, rules, engine, inputs, as_of, summary, snapshot_sha256, snapshot)
VALUES (1, 'bank-a', '2026-11-23', 1, '1', '1', '{}', '2026-11-24T01:30Z', '{}', encode(sha256('x'), 'hex'), 'x');
INSERT INTO gateway.recon_row (version_pk, row_no, row_key, rule, outcome, class, side, role, verdict, field, our_value, their_value,
                               our_amount, their_amount, reason, reference, dossier_codes, payment_pks, refund_pks, entry_pks, suggestion,
                               candidates, suggestions)
SELECT 1, row_no, lpad(row_no::text, 32, '0'), 'rest', outcome, class, '', 'ISS', '', '', '', '', ours, theirs, 'x', '', '{}', payments,
       '{}', entries, '', '[]', '[]'
  FROM (VALUES (1, 'unidentified', 'unidentified', 0, 50000, '{}'::bigint[], '{1}'::bigint[]),
               (2, 'unidentified', 'unidentified', 0, 30000, '{}', '{2}'),
               (3, 'overpaid', 'fee', 160000, 160000, '{1}', '{}'),
               (4, 'expected_difference', 'refund', -10000, -10000, '{}', '{11}'),
               (5, 'expected_difference', 'refund', -10000, -10000, '{}', '{12}')) r(row_no, outcome, class, ours, theirs, payments, entries);
INSERT INTO gateway.recon_entry SELECT 1, unnest(entry_pks), row_no FROM gateway.recon_row;
UPDATE gateway.recon_day SET state = 'reconciled', version = 1;
INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount, params, by_user, at)
SELECT 'bank-a', '2026-11-23', 1, lpad(row_no::text, 32, '0'), 'attribute', 'đúng người nộp', amount,
       jsonb_build_object('payment_pk', coalesce(payment, (SELECT payment_pk FROM gateway.payment WHERE entry_pk = row_no)),
                          'fees', jsonb_build_array(jsonb_build_array(fee, amount))), 'an', '2026-11-24T03:00Z'
  FROM (VALUES (1, NULL, 2, 50000), (2, NULL, 3, 30000), (3, 1, 5, 20000)) d(row_no, payment, fee, amount) ORDER BY row_no;
INSERT INTO gateway.recon_decision (partner, business_on, version, act, by_user, at, snapshot_sha256)
SELECT 'bank-a', '2026-11-23', 1, act, who, at::timestamptz, encode(sha256('x'), 'hex')
  FROM (VALUES ('propose', 'an', '2026-11-24T04:00Z'), ('approve', 'binh', '2026-11-24T05:00Z')) s(act, who, at) ORDER BY at;
INSERT INTO gateway.day_seal (approval_pk, partner, business_on, version, snapshot_sha256, decisions_sha256, decisions, statement,
                              signature, certificate, sealed_at)
SELECT decision_pk, partner, business_on, version, snapshot_sha256, decisions_sha256,
       convert_to(gateway.decisions_in_force('bank-a', '2026-11-23'), 'UTF8'), 'x', 'x', 'x', at
  FROM gateway.recon_decision WHERE act = 'approve';

-- Refunds: 11 sent, then debited; 12 in doubt, debited, and only then answered; 13 in doubt and refused; 14 refused at once;
-- 15 in doubt, given up for a person, sent again, in doubt again and refused; 16 rejected by a person; 17 paid in cash.
INSERT INTO gateway.refund (refund_pk, refund_id, payment_pk, dossier_code, partner, amount, reason, requested_at, requested_by)
SELECT pk, 'HT00000' || pk, pk, 'D3', 'bank-a', 10000, 'nộp hai lần', '2026-11-20T01:00Z', 'an' FROM generate_series(11, 16) pk;
INSERT INTO gateway.refund (refund_pk, refund_id, payment_pk, dossier_code, partner, amount, reason, requested_at, requested_by)
VALUES (17, 'HT0000017', 4, 'D4', '', 10000, 'thu nhầm', '2026-11-20T01:00Z', 'an');
UPDATE gateway.refund SET state = 'proposed', proposed_by = 'an', proposed_at = '2026-11-20T02:00Z';
UPDATE gateway.refund SET state = 'rejected', ended_by = 'binh', ended_reason = 'đã dùng' WHERE refund_pk = 16;
UPDATE gateway.refund SET state = 'approved', approved_by = 'binh', approved_at = '2026-11-20T03:00Z' WHERE refund_pk <> 16;
UPDATE gateway.refund SET state = 'debited', document_number = 'PC-1', document_on = '2026-11-21', paid_by = 'an' WHERE refund_pk = 17;
UPDATE gateway.message SET state = 'sending', claimed_by = 'w', claimed_until = now() WHERE kind = 'refund';
-- the dispatcher's moment comes a little before that of the ledger
UPDATE gateway.message SET state = 'delivered', state_at = '2026-11-23T03:00Z', claimed_by = NULL WHERE message_pk = 11;
UPDATE gateway.refund SET state = 'sent', sent_at = '2026-11-23T03:00:00.001Z', refund_transaction_id = 'B11' WHERE refund_pk = 11;
UPDATE gateway.message SET state = 'in_doubt', reason = 'timeout', state_at = '2026-11-23T03:10Z', claimed_by = NULL
 WHERE message_pk IN (12, 13, 15);
UPDATE gateway.refund SET state = 'in_doubt' WHERE refund_pk IN (12, 13, 15);
UPDATE gateway.message SET state = 'given_up', reason = 'account-closed', state_at = '2026-11-23T03:20Z', claimed_by = NULL
 WHERE message_pk = 14;
UPDATE gateway.refund SET state = 'refused' WHERE refund_pk = 14;
UPDATE gateway.refund SET state = 'debited', debit_entry_pk = refund_pk, debited_on = '2026-11-23',
       sent_at = coalesce(sent_at, '2026-11-24T01:00Z') WHERE refund_pk IN (11, 12);
UPDATE gateway.message SET state = 'delivered', reason = '', state_at = '2026-11-24T06:00Z' WHERE message_pk = 12;
UPDATE gateway.refund SET refund_transaction_id = 'B12' WHERE refund_pk = 12;
UPDATE gateway.message SET state = 'given_up', reason = 'no-trace', state_at = '2026-11-24T07:00Z' WHERE message_pk IN (13, 15);
UPDATE gateway.refund SET state = 'refused' WHERE refund_pk = 13;
UPDATE gateway.message SET state = 'waiting', reason = '', state_at = '2026-11-25T01:00Z', next_attempt_at = '2026-11-25T01:00Z' WHERE message_pk = 15;
UPDATE gateway.message SET state = 'sending', claimed_by = 'w', claimed_until = now() WHERE message_pk = 15;
UPDATE gateway.message SET state = 'in_doubt', reason = 'timeout', state_at = '2026-11-25T01:10Z', claimed_by = NULL WHERE message_pk = 15;
UPDATE gateway.message SET state = 'given_up', reason = 'account-closed', state_at = '2026-11-25T02:00Z' WHERE message_pk = 15;
UPDATE gateway.refund SET state = 'refused' WHERE refund_pk = 15;

-- What was erased on request, while the summary was thought to name nobody.
INSERT INTO gateway.fee (fee_pk, dossier_code, fee_id, kind, name, amount, channel, state, requested_at, message_pk)
VALUES (6, 'D5', 'p1', 'phi', 'Phí', 5000, 'cash', 'due', '2026-11-02T01:00Z', 1);
INSERT INTO gateway.payment (payment_pk, partner, channel, source, reference, dossier_code, partner_transaction_id, amount, account,
                             paid_at, business_on, cashier, receipt_series, receipt_number, recorded_at, message_pk)
VALUES (5, '', 'cash', 'counter', '', 'D5', '', 5000, '', '2026-11-02T03:00Z', '2026-11-02', 'Lê Thu', 'C1', '2', '2026-11-02T03:00Z', 1);
INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at, message_pk) VALUES (5, 6, 5000, '', '2026-11-02T03:00Z', 1);
SELECT * FROM gateway.erase_contact(ARRAY['D5', 'D6'], 'erase', 'minh', '•••0001', 'theo yêu cầu của công dân', '2026-11-21T01:00Z');
