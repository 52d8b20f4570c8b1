-- What credits were for stood in what people read of them.
INSERT INTO gateway.recon_day (partner, business_on, changed_at) VALUES ('bank-a', '2026-11-24', '2026-11-25T01:30Z');
INSERT INTO gateway.recon_version (version_pk, partner, business_on, version, rules, engine, inputs, as_of, summary, snapshot_sha256, snapshot)
VALUES (1, 'bank-a', '2026-11-24', 1, '1', '3', '{}', '2026-11-25T01:30Z', '{}', encode(sha256('x'), 'hex'), 'x');
INSERT INTO gateway.recon_row (version_pk, row_no, row_key, rule, outcome, class, side, role, verdict, field, our_value, their_value,
                               our_amount, their_amount, reason, reference, dossier_codes, payment_pks, refund_pks, entry_pks, suggestion,
                               candidates, suggestions)
SELECT 1, row_no, lpad(row_no::text, 32, '0'), rule, outcome, class, '', 'ISS', '', '', '', '', 0, theirs, reason, reference, '{}', '{}', '{}',
       entries, '', '[]', '[]'
  FROM (VALUES (1, 'cod', 'remittance_credit', 'deposit', 70000, 'Bưu điện chuyển tiền thu hộ, bảng kê B 1', 'B 1', '{1}'::bigint[]),
               (2, 'cash', 'underpaid', 'deposit', 90000, 'Tiền nộp lệch', 'AA/1-5 AB/7-9', '{2}'),
               (3, 'bulk', 'deposit', 'deposit', 1000000, 'Quyết toán gộp: intermediary ngày 23/11/2026, 4 giao dịch', 'intermediary', '{3}'),
               (4, 'bulk', 'deposit', 'deposit', 200000, 'Quyết toán gộp: máy POS T1 ngày 23/11/2026, 2 giao dịch', 'pos:T1', '{4}'),
               (5, 'bulk', 'bank_charge', 'bank_charge', -11000, 'Phí trừ thẳng khi quyết toán: intermediary', 'FT1', '{}'),
               (6, 'rest', 'unidentified', 'unidentified', 5000, 'Không rõ', 'X', '{6}'))
       r(row_no, rule, outcome, class, theirs, reason, reference, entries);
