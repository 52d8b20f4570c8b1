-- A small province as it stood at version 0008 of the schema: one person counted cash and recorded what went to the treasury.

INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES
    ('an', 'finance_maker', 'grant', 'setup', '2026-11-01T00:00Z'),
    ('ba', 'finance_maker', 'grant', 'setup', '2026-11-01T00:00Z'),
    ('binh', 'finance_checker', 'grant', 'setup', '2026-11-01T00:00Z');

INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number, receipt_count, amount,
                                counted_by, counted_at, corrects, reason) VALUES
    ('Lê Thu', '2026-11-23', 'H49.12', 'C1', '1', '9', 9, 450000, 'an', '2026-11-23T10:00Z', NULL, ''),
    ('Lê Thu', '2026-11-23', 'H49.12', 'C1', '1', '9', 9, 440000, 'an', '2026-11-24T02:00Z', 1, 'đếm lại');

-- Vouchers: 1 stands; its recorder cancelled 2, as was the rule, and somebody else 3.
INSERT INTO gateway.treasury_voucher (voucher_number, form_code, document_number, reference, method, payer_name, payer_tax_code,
                                      payer_address, partner, account, collects_as, treasury_account, treasury_name, authority, unit_code,
                                      paid_on, covers_from, covers_to, total, recorded_by, recorded_at)
SELECT 'GNT-' || n, 'C1-02/NS', '', '', 'transfer', 'Trung tâm', '', '', 'bank-a', '1120000000101', 'TK_THU_NSNN', '7111', 'KBNN', '', '',
       '2026-11-23', '2026-11-16', '2026-11-20', 5000000, 'an', '2026-11-23T03:00Z'
  FROM generate_series(1, 3) n;
INSERT INTO gateway.treasury_voucher_item (voucher_pk, line_no, kind, document, period, content, chapter, subitem, amount)
SELECT voucher_pk, 1, 'phi', '', '', 'Phí thẩm định', '426', '2716', 5000000 FROM gateway.treasury_voucher;
UPDATE gateway.treasury_voucher SET cancelled_by = CASE voucher_pk WHEN 2 THEN 'an' ELSE 'ba' END, cancelled_at = '2026-11-23T04:00Z',
       cancelled_reason = 'ghi nhầm' WHERE voucher_pk > 1;

-- Alerts: one for each message that was given up, which are one per partner since.
INSERT INTO gateway.alert (cause, code, partner, text_vi, raised_at, changed_at) VALUES
    ('given-up:17', 'messages-given-up', 'bank-a', 'Thông điệp 17', '2026-11-23T03:00Z', '2026-11-23T03:00Z'),
    ('statement-late:bank-a:2026-11-23', 'statement-late', 'bank-a', 'Chưa nhận tệp', '2026-11-24T03:00Z', '2026-11-24T03:00Z');
