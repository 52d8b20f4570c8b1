-- A day that was judged is judged again from what was known then. What changes keeps when it changed; what explained a
-- version (requests, suggestions, calendar, agreed days of a channel) is kept with it; reports keep their digests.

-- A request leaves "open" once, and says when. Attributions used to carry that out without the time: it is the approval's.
UPDATE gateway.payment_request q
   SET state_at = coalesce((SELECT max(c.at) FROM gateway.payment_request_fee l JOIN gateway.attribution a USING (fee_pk)
                              JOIN gateway.recon_decision c ON c.decision_pk = a.approval_pk
                             WHERE l.request_pk = q.request_pk AND q.state = 'settled'), q.created_at)
 WHERE q.state <> 'open' AND q.state_at IS NULL;

CREATE FUNCTION gateway.request_born_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state_at := NEW.created_at;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_request_born_closed BEFORE INSERT ON gateway.payment_request
    FOR EACH ROW WHEN (NEW.state <> 'open' AND NEW.state_at IS NULL) EXECUTE FUNCTION gateway.request_born_closed();
ALTER TABLE gateway.payment_request
    ADD CONSTRAINT payment_request_says_when CHECK ((state = 'open') = (state_at IS NULL));

CREATE FUNCTION gateway.request_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.reference, NEW.dossier_code, NEW.partner, NEW.channel, NEW.account, NEW.amount, NEW.created_at)
       IS DISTINCT FROM (OLD.reference, OLD.dossier_code, OLD.partner, OLD.channel, OLD.account, OLD.amount, OLD.created_at)
       OR OLD.state <> 'open' AND (NEW.state, NEW.state_at) IS DISTINCT FROM (OLD.state, OLD.state_at) THEN
        PERFORM gateway.refuse('payment_request_is_a_fact', format('request %s: what was asked for does not change', OLD.reference));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_request_is_a_fact BEFORE UPDATE ON gateway.payment_request
    FOR EACH ROW EXECUTE FUNCTION gateway.request_is_a_fact();

-- Everything that judging reads of a payment is a fact; its dossier may be found later, and then never changes either.
CREATE OR REPLACE FUNCTION gateway.payment_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.partner, NEW.channel, NEW.amount, NEW.account, NEW.paid_at, NEW.business_on, NEW.partner_transaction_id, NEW.message_pk,
        NEW.source, NEW.reference, NEW.request_pk, NEW.cashier, NEW.receipt_series, NEW.receipt_number, NEW.terminal_id,
        NEW.recorded_at, NEW.entry_pk)
       IS DISTINCT FROM
       (OLD.partner, OLD.channel, OLD.amount, OLD.account, OLD.paid_at, OLD.business_on, OLD.partner_transaction_id, OLD.message_pk,
        OLD.source, OLD.reference, OLD.request_pk, OLD.cashier, OLD.receipt_series, OLD.receipt_number, OLD.terminal_id,
        OLD.recorded_at, OLD.entry_pk)
       OR OLD.dossier_code IS NOT NULL AND NEW.dossier_code IS DISTINCT FROM OLD.dossier_code THEN
        RAISE EXCEPTION 'payment %: what was paid does not change', OLD.payment_pk
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_a_fact';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION gateway.postal_order_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.partner, NEW.dossier_code, NEW.direction, NEW.cod_state_fee, NEW.cod_postage)
       IS DISTINCT FROM (OLD.partner, OLD.dossier_code, OLD.direction, OLD.cod_state_fee, OLD.cod_postage) THEN
        PERFORM gateway.refuse('postal_order_is_a_fact', format('order %s: what it collects does not change', OLD.order_number));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER postal_order_is_a_fact BEFORE UPDATE ON gateway.postal_order
    FOR EACH ROW EXECUTE FUNCTION gateway.postal_order_is_a_fact();

-- Payments whose dossier no notice told: people found it, by an attribution. Judging reads what the notice told.
CREATE TABLE gateway.payment_named (
    payment_pk      bigint PRIMARY KEY REFERENCES gateway.payment,
    dossier_code    text NOT NULL,
    approval_pk     bigint NOT NULL REFERENCES gateway.recon_decision,
    at              timestamptz NOT NULL
);
INSERT INTO gateway.payment_named (payment_pk, dossier_code, approval_pk, at)
SELECT DISTINCT ON (p.payment_pk) p.payment_pk, p.dossier_code, a.approval_pk, c.at
  FROM gateway.attribution a JOIN gateway.recon_decision c ON c.decision_pk = a.approval_pk
  JOIN gateway.fee f USING (fee_pk) JOIN gateway.payment p USING (payment_pk)
 WHERE p.dossier_code = f.dossier_code AND p.request_pk IS NULL AND p.source <> 'counter'
   AND NOT EXISTS (SELECT FROM gateway.postal_order o WHERE p.source = 'cod' AND o.order_number = p.reference
                      AND o.dossier_code = p.dossier_code)
 ORDER BY p.payment_pk, a.attribution_pk;

-- As before, and what it changes says when and by which approval.
CREATE OR REPLACE FUNCTION gateway.carry_out_attributions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    decision record;
BEGIN
    FOR decision IN
        SELECT n.decision_pk, n.reason, (n.params ->> 'payment_pk')::bigint AS payment_pk, n.params -> 'fees' AS fees
          FROM gateway.break_decision_now n
         WHERE n.partner = NEW.partner AND n.business_on = NEW.business_on AND n.kind = 'attribute'
           AND NOT EXISTS (SELECT FROM gateway.attribution a WHERE a.decision_pk = n.decision_pk)
           AND EXISTS (SELECT FROM gateway.recon_version v JOIN gateway.recon_row r USING (version_pk)
                        WHERE v.partner = NEW.partner AND v.business_on = NEW.business_on AND v.version = NEW.version
                          AND r.row_key = n.row_key AND r.outcome <> 'matched')
         ORDER BY n.decision_pk
    LOOP
        INSERT INTO gateway.attribution (decision_pk, payment_pk, fee_pk, amount, approval_pk)
        SELECT decision.decision_pk, decision.payment_pk, (f ->> 0)::bigint, (f ->> 1)::bigint, NEW.decision_pk
          FROM jsonb_array_elements(decision.fees) f;
        INSERT INTO gateway.payment_allocation (payment_pk, fee_pk, amount, reason, at)
        SELECT a.payment_pk, a.fee_pk, a.amount, decision.reason, NEW.at
          FROM gateway.attribution a WHERE a.decision_pk = decision.decision_pk;
        WITH named AS (
            UPDATE gateway.payment p SET dossier_code = f.dossier_code
              FROM gateway.fee f JOIN gateway.attribution a USING (fee_pk)
             WHERE a.decision_pk = decision.decision_pk AND p.payment_pk = decision.payment_pk AND p.dossier_code IS NULL
            RETURNING p.payment_pk, p.dossier_code)
        INSERT INTO gateway.payment_named (payment_pk, dossier_code, approval_pk, at)
        SELECT payment_pk, dossier_code, NEW.decision_pk, NEW.at FROM named;
        UPDATE gateway.payment_request q SET state = 'settled', state_at = NEW.at, next_enquiry_at = NULL
         WHERE q.state = 'open'
           AND q.request_pk IN (SELECT l.request_pk FROM gateway.payment_request_fee l JOIN gateway.attribution a USING (fee_pk)
                                 WHERE a.decision_pk = decision.decision_pk)
           AND NOT EXISTS (SELECT FROM gateway.payment_request_fee l JOIN gateway.fee f USING (fee_pk)
                            WHERE l.request_pk = q.request_pk AND f.paid < f.amount);
    END LOOP;
    RETURN NULL;
END $$;

-- The bank's number of a refund whose debit was on a statement before the bank answered: people see it, no day is judged by it.
CREATE TABLE gateway.refund_late_answer (
    refund_pk       bigint PRIMARY KEY REFERENCES gateway.refund,
    answered_at     timestamptz NOT NULL
);
INSERT INTO gateway.refund_late_answer (refund_pk, answered_at)
SELECT r.refund_pk, max(m.state_at) FROM gateway.refund r
  JOIN gateway.message m ON m.transaction_id = r.refund_id AND m.kind = 'refund' AND m.state = 'delivered'
 WHERE r.debit_entry_pk IS NOT NULL AND r.refund_transaction_id <> '' AND m.state_at > r.sent_at GROUP BY 1;

-- Names that owners had before they were corrected: a report says the name that was known when its day was judged.
ALTER TABLE gateway.dossier ADD owner_at timestamptz;       -- business time of the last correction
CREATE TABLE gateway.dossier_owner_past (
    past_pk         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_code    text NOT NULL REFERENCES gateway.dossier,
    owner_name      text NOT NULL,
    until           timestamptz NOT NULL
);
CREATE INDEX dossier_owner_past_of ON gateway.dossier_owner_past (dossier_code, until);
COMMENT ON COLUMN gateway.dossier_owner_past.owner_name IS 'personal:name';

-- What is erased is erased in the past, too.
CREATE FUNCTION gateway.keep_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.owner_name = '[đã xóa]' THEN
        DELETE FROM gateway.dossier_owner_past WHERE dossier_code = NEW.dossier_code;
    ELSIF NEW.owner_at IS NOT DISTINCT FROM OLD.owner_at AND OLD.owner_at IS NOT NULL THEN
        RETURN NEW;                                  -- corrected twice at one time: the name between stood for no time
    ELSIF NEW.owner_at IS NULL THEN
        PERFORM gateway.refuse('dossier_owner_says_when', format('%s: a corrected name says since when', NEW.dossier_code));
    ELSE
        INSERT INTO gateway.dossier_owner_past (dossier_code, owner_name, until) VALUES (OLD.dossier_code, OLD.owner_name, NEW.owner_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dossier_keeps_owner AFTER UPDATE OF owner_name ON gateway.dossier
    FOR EACH ROW WHEN (NEW.owner_name IS DISTINCT FROM OLD.owner_name) EXECUTE FUNCTION gateway.keep_owner();

-- Whose names of a version's rows were erased, by whom and when: no page of that version can be made as it was.
CREATE FUNCTION gateway.names_erased(of_version bigint) RETURNS TABLE (dossier_code text, by_user text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.dossier_code, l.by_user, l.at FROM gateway.subject_log l
     WHERE 'owner_name' = ANY (l.fields)
       AND l.dossier_code IN (SELECT unnest(r.dossier_codes) FROM gateway.recon_row r WHERE r.version_pk = of_version)
     ORDER BY l.dossier_code, l.step_pk
$$;

-- What a version was judged from beside the two sides, which stand in the ledger with their times. A version of a day
-- that a person reopened has the grounds of the version that it copies. Versions before this table have none.
CREATE TABLE gateway.recon_grounds (
    version_pk      bigint PRIMARY KEY REFERENCES gateway.recon_version,
    grounds         jsonb NOT NULL
);
COMMENT ON COLUMN gateway.recon_grounds.grounds IS 'personal:free-text';

-- The digest of every report that was made of a version, in the standing that it had: after which steps and decisions.
CREATE TABLE gateway.report_print (
    print_pk        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner         text NOT NULL,
    business_on     date NOT NULL,
    version         int NOT NULL,
    steps           bigint NOT NULL,                -- last recon_decision of the version, 0 for none
    decisions       bigint NOT NULL,                -- last break_decision that counts in it, 0 for none
    form            text NOT NULL CHECK (form IN ('xlsx', 'csv', 'pdf', 'minutes')),
    made_with       text NOT NULL CHECK (made_with <> ''),
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    made_at         timestamptz NOT NULL,
    UNIQUE (partner, business_on, version, steps, decisions, form, made_with),
    FOREIGN KEY (partner, business_on, version) REFERENCES gateway.recon_version (partner, business_on, version)
);

CREATE TRIGGER payment_named_frozen BEFORE UPDATE OR DELETE ON gateway.payment_named
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER refund_late_answer_frozen BEFORE UPDATE OR DELETE ON gateway.refund_late_answer
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER recon_grounds_frozen BEFORE UPDATE OR DELETE ON gateway.recon_grounds
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_print_frozen BEFORE UPDATE OR DELETE ON gateway.report_print
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

REVOKE ALL ON FUNCTION gateway.keep_owner, gateway.names_erased FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.names_erased TO gateway_worker, gateway_console, gateway_auditor;
GRANT SELECT ON gateway.payment_named, gateway.refund_late_answer, gateway.dossier_owner_past, gateway.recon_grounds,
    gateway.report_print TO gateway_worker, gateway_console, gateway_auditor;
GRANT INSERT ON gateway.refund_late_answer, gateway.recon_grounds TO gateway_worker;
GRANT INSERT ON gateway.report_print TO gateway_worker, gateway_console;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gateway TO gateway_worker, gateway_console;
