-- A day that is stopped for a person (its statements do not add up, do not continue, are empty) is closed by nobody, even
-- where an older version of it is there.
CREATE FUNCTION gateway.require_running_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reason text;
BEGIN
    SELECT stopped INTO reason FROM gateway.recon_day WHERE partner = NEW.partner AND business_on = NEW.business_on;
    IF NEW.act IN ('propose', 'approve') AND reason <> '' THEN
        RAISE EXCEPTION 'the day is stopped: %', reason
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_day_stopped';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recon_decision_of_a_running_day BEFORE INSERT ON gateway.recon_decision
    FOR EACH ROW EXECUTE FUNCTION gateway.require_running_day();

-- A file that was refused and still lies with the partner is met at every look: whether it was told is asked by name.
CREATE INDEX message_quarantined ON gateway.message (partner, kind, transport_id) WHERE state = 'quarantined';
