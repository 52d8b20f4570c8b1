-- A row of a credit says in keys of its own which money it is: until now other days read that from what people are told.
ALTER TABLE gateway.recon_row ADD COLUMN settles jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN gateway.recon_row.settles IS 'what others held for us and this credit is; of an ambiguous one all that it may be';
ALTER TABLE gateway.recon_row DISABLE TRIGGER recon_row_frozen;
UPDATE gateway.recon_row r SET settles = CASE r.rule
         WHEN 'cod' THEN jsonb_build_array('cod ' || r.reference)
         WHEN 'cash' THEN (SELECT jsonb_agg('cash ' || one) FROM unnest(string_to_array(r.reference, ' ')) one)
         ELSE jsonb_build_array('bulk ' || regexp_replace(regexp_replace(
                r.reason, '^Quyết toán gộp: (.*) ngày (\d\d/\d\d/\d{4}), .*$', '\1 \2'), '^máy POS ', 'pos:')) END
 WHERE r.outcome IN ('deposit', 'remittance_credit', 'underpaid', 'overpaid') AND r.rule IN ('cod', 'cash', 'bulk')
   AND r.class = 'deposit' AND r.payment_pks = '{}' AND r.entry_pks <> '{}' AND r.reference <> ''
   AND (r.rule <> 'bulk' OR r.reason ~ '^Quyết toán gộp: .* ngày \d\d/\d\d/\d{4}, ');
ALTER TABLE gateway.recon_row ENABLE TRIGGER recon_row_frozen;
