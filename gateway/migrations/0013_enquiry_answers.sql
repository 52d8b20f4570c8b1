-- A partner's own answer to a tra soát: a signed file among the messages. What a person records has no message.
ALTER TABLE gateway.enquiry_answer
    ADD message_pk  bigint UNIQUE REFERENCES gateway.message,
    ADD answered_on date,
    ADD CONSTRAINT enquiry_answer_dated CHECK ((message_pk IS NULL) = (answered_on IS NULL));

-- Who answers: a finance maker for the partner's letter or call, or the partner itself by the file that it signed.
CREATE FUNCTION gateway.check_answer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.message_pk IS NULL THEN
        IF NOT gateway.has_role(NEW.by_user, 'finance_maker') THEN
            PERFORM gateway.refuse('decision_role', format('%s may not record an answer', NEW.by_user));
        END IF;
    ELSIF NOT EXISTS (SELECT FROM gateway.message m, gateway.break_decision d
                       WHERE m.message_pk = NEW.message_pk AND m.kind = 'enquiry_answer' AND d.decision_pk = NEW.decision_pk
                         AND m.partner = d.partner AND NEW.by_user = d.partner) THEN
        PERFORM gateway.refuse('enquiry_answer_of_its_partner', 'an answer is of the partner that was asked');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enquiry_answer_of_its_partner BEFORE INSERT ON gateway.enquiry_answer
    FOR EACH ROW EXECUTE FUNCTION gateway.check_answer();

REVOKE INSERT ON gateway.enquiry_answer FROM gateway_console;
GRANT INSERT (decision_pk, answer, reference, by_user, at) ON gateway.enquiry_answer TO gateway_console;
GRANT INSERT ON gateway.enquiry_answer TO gateway_worker;
