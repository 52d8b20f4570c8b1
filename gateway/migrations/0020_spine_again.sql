-- A message may have been called the duplicate of one that was parked then and is rejected now. It is judged again: else
-- the correction of a counter payment that came too early would be lost with it.
CREATE OR REPLACE FUNCTION gateway.check_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- in
    IF (OLD.state = 'stored' AND NEW.state IN ('applied', 'duplicate'))
       OR (OLD.state = 'waiting' AND NEW.state = 'sending')
       OR (OLD.state = 'sending' AND NEW.state = 'delivered') THEN
        RETURN NEW;  -- the plain steps: attempts and state_at tell them already
    END IF;
    IF NOT ((OLD.state = 'stored' AND NEW.state IN ('quarantined', 'parked'))
            OR (OLD.state = 'parked' AND NEW.state IN ('applied', 'duplicate', 'quarantined', 'stored'))
            OR (OLD.state IN ('quarantined', 'dead_lettered', 'duplicate') AND NEW.state = 'stored')
            -- out
            OR (OLD.state = 'sending' AND NEW.state IN ('waiting', 'in_doubt', 'given_up'))
            OR (OLD.state = 'in_doubt' AND NEW.state IN ('delivered', 'waiting', 'given_up'))
            OR (OLD.state = 'given_up' AND NEW.state = 'waiting')) THEN
        RAISE EXCEPTION 'message %: a step from % to % does not exist', OLD.message_pk, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'message_step';
    END IF;
    INSERT INTO gateway.message_history (message_pk, from_state, to_state, reason, detail, at, actor, run_pk)
    VALUES (OLD.message_pk, OLD.state, NEW.state, NEW.reason, NEW.detail, NEW.state_at,
            coalesce(nullif(current_setting('gateway.actor', true), ''), 'machine'), NEW.run_pk);
    RETURN NEW;
END $$;

-- Not of one whose first holds: that one was applied, or may be.
CREATE FUNCTION gateway.check_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gateway.message WHERE message_pk = OLD.duplicate_of AND state <> 'quarantined') THEN
        RAISE EXCEPTION 'message %: what it repeats, message %, was not rejected', OLD.message_pk, OLD.duplicate_of
            USING ERRCODE = 'check_violation', CONSTRAINT = 'message_first_rejected';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_first BEFORE UPDATE OF state ON gateway.message
    FOR EACH ROW WHEN (OLD.state = 'duplicate' AND NEW.state = 'stored') EXECUTE FUNCTION gateway.check_first();

CREATE INDEX message_repeats ON gateway.message (duplicate_of) WHERE state = 'duplicate';

-- What only people end: looked for every quarter of an hour among all that ever was.
DROP INDEX gateway.message_for_people;
CREATE INDEX message_for_people ON gateway.message (partner, state, reason)
    WHERE state IN ('quarantined', 'given_up', 'dead_lettered');

-- Which months' bytes retention has let go: what is missing without it does not close the daily proof.
CREATE TABLE gateway.body_expiry (
    expiry_pk   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    before      date NOT NULL CHECK (extract(day FROM before) = 1),    -- of months that ended before it
    gone        bigint NOT NULL CHECK (gone > 0),
    at          timestamptz NOT NULL
);
CREATE TRIGGER body_expiry_frozen BEFORE UPDATE OR DELETE ON gateway.body_expiry
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
GRANT SELECT, INSERT ON gateway.body_expiry TO gateway_worker;
GRANT SELECT ON gateway.body_expiry TO gateway_console, gateway_auditor;
-- The proof counts bytes and reads none: people who prove a day see which are there, not what they say.
GRANT SELECT (month, message_pk) ON gateway.message_body TO gateway_console, gateway_auditor;
