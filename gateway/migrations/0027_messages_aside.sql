-- A person of operations sets a message aside that waits for people and needs nothing more: a forgery, a refused notice that was
-- told again correctly. It changes no state and erases nothing; it ends what asks people about the message, until its next step.
CREATE TABLE gateway.message_aside (
    aside_pk    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_pk  bigint NOT NULL REFERENCES gateway.message,
    step_no     bigint NOT NULL,    -- the last step of the message then (0: none yet), which no clock can forge
    by_user     text NOT NULL,
    at          timestamptz NOT NULL,
    reason      text NOT NULL CONSTRAINT message_aside_has_a_reason CHECK (btrim(reason) <> ''),
    CONSTRAINT message_aside_once UNIQUE (message_pk, step_no)
);
COMMENT ON COLUMN gateway.message_aside.reason IS 'personal:remark';
CREATE TRIGGER message_aside_frozen BEFORE UPDATE OR DELETE ON gateway.message_aside
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER message_aside_by_ops BEFORE INSERT ON gateway.message_aside
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('by_user', 'ops');

-- What asks for money stays asked for: a refund nobody knows the end of, a receipt that is not booked before its dossier is here.
CREATE FUNCTION gateway.waits_for_people() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    found gateway.message%ROWTYPE;
BEGIN
    SELECT * INTO found FROM gateway.message WHERE message_pk = NEW.message_pk;
    IF found.state NOT IN ('quarantined', 'dead_lettered', 'given_up', 'parked') THEN
        PERFORM gateway.refuse('message_aside_waits', format('it is %s', found.state));
    END IF;
    IF found.state = 'parked' AND EXISTS (SELECT FROM gateway.business_transaction t WHERE t.message_pk = found.message_pk) THEN
        PERFORM gateway.refuse('message_aside_booked', 'it tells money that is booked nowhere before its dossier is known');
    END IF;
    IF found.kind = 'refund' AND EXISTS (SELECT FROM gateway.refund r WHERE r.refund_id = found.transaction_id
                                            AND r.state IN ('approved', 'in_doubt')) THEN
        PERFORM gateway.refuse('message_aside_paid', 'nobody knows yet whether its refund was paid');
    END IF;
    NEW.step_no := coalesce((SELECT max(h.step_no) FROM gateway.message_history h WHERE h.message_pk = found.message_pk), 0);
    RETURN NEW;
END $$;
CREATE TRIGGER message_aside_waits BEFORE INSERT ON gateway.message_aside
    FOR EACH ROW EXECUTE FUNCTION gateway.waits_for_people();

-- Those that are set aside now: a message that took a step since waits for people like any other.
CREATE VIEW gateway.message_aside_now AS
SELECT a.aside_pk, a.message_pk, a.by_user, a.at, a.reason FROM gateway.message_aside a
 WHERE a.step_no = coalesce((SELECT max(h.step_no) FROM gateway.message_history h WHERE h.message_pk = a.message_pk), 0);

-- Machines set nothing aside.
GRANT SELECT, INSERT (message_pk, by_user, at, reason) ON gateway.message_aside TO gateway_console;
GRANT SELECT ON gateway.message_aside TO gateway_worker, gateway_auditor;
GRANT SELECT ON gateway.message_aside_now TO gateway_worker, gateway_console, gateway_auditor;
