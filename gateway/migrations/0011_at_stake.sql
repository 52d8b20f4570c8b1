-- The money in question of a row is what differs, also where both sides hold the same money and it is not what was asked for:
-- of a fee of 50.000 đ paid with 45.000 đ, 5.000 đ are in question. What was asked and what came stand in the row's values.
CREATE FUNCTION gateway.dong_of(told text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told ~ '^-?[0-9]{1,3}([.][0-9]{3})* đ$' THEN replace(left(told, -2), '.', '')::bigint END
$$;
CREATE FUNCTION gateway.at_stake(outcome text, ours bigint, theirs bigint, our_value text, their_value text)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN outcome IN ('underpaid', 'overpaid') AND (ours = theirs OR ours = 0) THEN
            -- of a surplus never more than the row's own money: an earlier row is about the rest
            coalesce(CASE outcome WHEN 'underpaid' THEN nullif(abs(gateway.dong_of(our_value) - gateway.dong_of(their_value)), 0)
                     ELSE least(nullif(abs(gateway.dong_of(our_value) - gateway.dong_of(their_value)), 0), abs(theirs)) END,
                     gateway.break_amount(ours, theirs))
        ELSE gateway.break_amount(ours, theirs) END
$$;

-- Months closed before have none: their minutes are sealed and stay as they were.
ALTER TABLE gateway.recon_month_item ADD COLUMN at_stake bigint;

CREATE OR REPLACE FUNCTION gateway.decide_break() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    day gateway.recon_day%ROWTYPE;
    at_stake bigint;
    most bigint;
    earlier gateway.break_decision_now%ROWTYPE;
    alone bigint := (SELECT amount FROM gateway.write_off_limit WHERE role = 'finance_maker');
    together bigint := (SELECT amount FROM gateway.write_off_limit WHERE role = 'finance_checker');
BEGIN
    SELECT * INTO day FROM gateway.recon_day WHERE partner = NEW.partner AND business_on = NEW.business_on FOR UPDATE;
    IF day.version IS DISTINCT FROM NEW.version THEN
        PERFORM gateway.refuse('break_decision_stale', format('the day is at version %s, not %s', day.version, NEW.version));
    END IF;
    IF day.state <> 'reconciled' THEN
        PERFORM gateway.refuse('break_decision_day_closed', format('a day that is %s takes no decision', day.state));
    END IF;
    SELECT gateway.at_stake(r.outcome, r.our_amount, r.their_amount, r.our_value, r.their_value), greatest(abs(r.our_amount), abs(r.their_amount))
      INTO at_stake, most
      FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)
     WHERE v.partner = NEW.partner AND v.business_on = NEW.business_on AND v.version = NEW.version
       AND r.row_key = NEW.row_key AND r.outcome <> 'matched';
    IF at_stake IS NULL THEN
        PERFORM gateway.refuse('break_decision_row', 'this version has no such row to decide about');
    END IF;
    IF NEW.kind = 'confirm' AND NOT gateway.has_role(NEW.by_user, 'finance_checker')
       OR NEW.kind = 'write_off' AND NOT gateway.has_role(NEW.by_user, 'finance_maker', 'finance_checker')
       OR NEW.kind NOT IN ('confirm', 'write_off') AND NOT gateway.has_role(NEW.by_user, 'finance_maker') THEN
        PERFORM gateway.refuse('break_decision_role', format('%s may not %s', NEW.by_user, NEW.kind));
    END IF;
    NEW.needs_second := false;
    IF NEW.about IS NOT NULL THEN
        SELECT * INTO earlier FROM gateway.break_decision_now WHERE decision_pk = NEW.about;
        IF earlier.decision_pk IS NULL
           OR (earlier.partner, earlier.business_on, earlier.row_key) IS DISTINCT FROM (NEW.partner, NEW.business_on, NEW.row_key)
           OR NEW.kind = 'confirm' AND earlier.effective THEN
            PERFORM gateway.refuse('break_decision_not_in_force', 'that decision is not one that can still be changed');
        END IF;
        IF NEW.kind = 'confirm' AND lower(earlier.by_user) = lower(NEW.by_user) THEN
            PERFORM gateway.refuse('break_decision_two_people', 'the person who wrote off cannot confirm it');
        END IF;
        NEW.amount := earlier.amount;
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM gateway.break_decision_now n
                WHERE n.partner = NEW.partner AND n.business_on = NEW.business_on AND n.row_key = NEW.row_key
                  AND (n.kind <> 'enquire' OR NEW.kind = 'enquire' AND NOT EXISTS
                       (SELECT FROM gateway.enquiry_answer a WHERE a.decision_pk = n.decision_pk))) THEN
        PERFORM gateway.refuse('break_decision_already', 'this row is decided already');
    END IF;
    IF NEW.kind IN ('attribute', 'refund') AND NEW.amount NOT BETWEEN 1 AND most
       OR NEW.kind NOT IN ('attribute', 'refund') AND NEW.amount <> at_stake THEN
        PERFORM gateway.refuse('break_decision_amount', format('the row is about %s đồng, not %s', at_stake, NEW.amount));
    END IF;
    IF NEW.kind = 'write_off' THEN
        IF NEW.amount > together THEN
            PERFORM gateway.refuse('break_decision_limit', format('at most %s đồng may be written off', together));
        END IF;
        NEW.needs_second := NEW.amount > alone;
    END IF;
    RETURN NEW;
END $$;
