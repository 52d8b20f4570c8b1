-- Answers about payments that nobody can read come again at every asking. The bytes are one message, kept once; for each payment
-- (or bill) that was asked about and answered so, this says how often and from when to when.
CREATE TABLE gateway.unreadable_answer (
    message_pk  bigint NOT NULL REFERENCES gateway.message,
    reference   text NOT NULL,              -- our payment reference, which was asked about
    times       int NOT NULL DEFAULT 1 CHECK (times > 0),
    first_at    timestamptz NOT NULL,       -- business time
    last_at     timestamptz NOT NULL,
    PRIMARY KEY (message_pk, reference),
    CONSTRAINT unreadable_answer_in_time CHECK (last_at >= first_at)
);

-- It is evidence: a count goes on by one, and nothing else of it changes.
CREATE FUNCTION gateway.unreadable_answer_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.message_pk, NEW.reference, NEW.times, NEW.first_at) IS DISTINCT FROM (OLD.message_pk, OLD.reference, OLD.times + 1, OLD.first_at)
       OR NEW.last_at < OLD.last_at THEN
        PERFORM gateway.refuse('unreadable_answer_goes_on', format('answers about %s are counted one by one', OLD.reference));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER unreadable_answer_goes_on BEFORE UPDATE ON gateway.unreadable_answer
    FOR EACH ROW EXECUTE FUNCTION gateway.unreadable_answer_goes_on();
CREATE TRIGGER unreadable_answer_stays BEFORE DELETE ON gateway.unreadable_answer
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

-- The same bytes again are looked for before they are kept.
CREATE INDEX message_unreadable_answer ON gateway.message (partner, body_sha256)
    WHERE state = 'quarantined' AND kind IN ('payment_status', 'payment_bill');

GRANT SELECT, INSERT, UPDATE (times, last_at) ON gateway.unreadable_answer TO gateway_worker;
GRANT SELECT ON gateway.unreadable_answer TO gateway_console, gateway_auditor;
