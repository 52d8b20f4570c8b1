-- When a refund came to be in doubt, ended without being paid, was recorded as paid on a document: one date for each step
-- of its life. What is older is taken from the history of its order where that has it, and stays unknown where nothing has.
ALTER TABLE gateway.refund
    ADD COLUMN in_doubt_at  timestamptz,
    ADD COLUMN ended_at     timestamptz,                        -- rejected by a person, refused by the bank, not paid after all
    ADD COLUMN paid_at      timestamptz,                        -- when its document was recorded
    ADD CONSTRAINT refund_ended_is_over CHECK (ended_at IS NULL OR state IN ('rejected', 'refused')),
    ADD CONSTRAINT refund_paid_on_a_document CHECK (paid_at IS NULL OR paid_by IS NOT NULL),
    ADD CONSTRAINT refund_in_doubt_was_approved CHECK (in_doubt_at IS NULL OR approved_at IS NOT NULL AND route = 'bank');

UPDATE gateway.refund r SET in_doubt_at = h.at
  FROM (SELECT m.transaction_id, min(h.at) AS at FROM gateway.message m JOIN gateway.message_history h USING (message_pk)
         WHERE m.kind = 'refund' AND m.direction = 'out' AND h.to_state = 'in_doubt' GROUP BY 1) h
 WHERE h.transaction_id = r.refund_id AND r.route = 'bank' AND r.approved_at IS NOT NULL;
UPDATE gateway.refund r SET ended_at = h.at
  FROM (SELECT m.transaction_id, max(h.at) AS at FROM gateway.message m JOIN gateway.message_history h USING (message_pk)
         WHERE m.kind = 'refund' AND m.direction = 'out' AND h.to_state = 'given_up' GROUP BY 1) h
 WHERE h.transaction_id = r.refund_id AND r.state = 'refused' AND r.route = 'bank';

-- From now on no step is without its date.
CREATE FUNCTION gateway.refund_dated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('rejected', 'refused') AND NEW.ended_at IS NULL
       OR NEW.state = 'in_doubt' AND NEW.in_doubt_at IS NULL
       OR NEW.state = 'debited' AND NEW.route <> 'bank' AND NEW.paid_at IS NULL THEN
        PERFORM gateway.refuse('refund_dated', format('refund %s became %s without a date', OLD.refund_id, NEW.state));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_dated AFTER UPDATE OF state ON gateway.refund
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION gateway.refund_dated();

GRANT UPDATE (in_doubt_at, ended_at) ON gateway.refund TO gateway_worker;
GRANT UPDATE (ended_at, paid_at) ON gateway.refund TO gateway_console;
