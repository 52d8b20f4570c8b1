-- The money of one row may go to several dossiers and back: each part is a decision of its own, until nothing is left. A row counts
-- as decided when nothing is left, or the rest is decided otherwise.

-- Money of one line of a statement that nothing of ours explains: tiền chưa xác định. It leaves by attribution, refund, link or
-- move. Of lines of a remittance no payment can be booked: accepting them ends them.
CREATE FUNCTION gateway.is_unidentified_money(of_partner text, class text, payments bigint[], entries bigint[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT class = 'unidentified' AND payments = '{}' AND cardinality(entries) = 1
       AND EXISTS (SELECT FROM gateway.statement_entry e WHERE e.entry_pk = entries[1] AND e.partner = of_partner AND e.amount > 0)
$$;

CREATE INDEX break_decision_accepted ON gateway.break_decision (partner, business_on, row_key) WHERE kind = 'accept';

-- What decisions in force attribute of a row's money or give back.
CREATE FUNCTION gateway.row_used(of_partner text, of_day date, of_key text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(sum(b.amount), 0)::bigint FROM gateway.break_decision b
     WHERE b.partner = of_partner AND b.business_on = of_day AND b.row_key = of_key AND b.kind IN ('attribute', 'refund')
       AND NOT EXISTS (SELECT FROM gateway.break_decision u WHERE u.about = b.decision_pk AND u.kind = 'undo')
$$;

-- What is left of the money in question of a row of the current version: never more than is free of its payments.
CREATE FUNCTION gateway.row_left(of_partner text, of_day date, of_key text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT CASE WHEN s.used = 0 THEN s.at_stake ELSE greatest(0, least(s.at_stake - s.used, s.free)) END
      FROM (SELECT gateway.at_stake(r.outcome, r.our_amount, r.their_amount, r.our_value, r.their_value) AS at_stake,
                   gateway.row_used(of_partner, of_day, of_key) AS used,
                   (SELECT coalesce(sum(p.amount - p.allocated - p.refunding - gateway.promised(p.payment_pk)), 0)::bigint
                      FROM gateway.payment p
                     WHERE p.payment_pk = ANY (r.payment_pks) OR r.payment_pks = '{}' AND p.entry_pk = ANY (r.entry_pks)) AS free
              FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
              JOIN gateway.recon_row r USING (version_pk)
             WHERE d.partner = of_partner AND d.business_on = of_day AND r.row_key = of_key AND r.outcome <> 'matched') s
$$;

-- Whether a row of which parts were attributed or given back is decided whole.
CREATE FUNCTION gateway.row_concluded(of_partner text, of_day date, of_key text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(gateway.row_left(of_partner, of_day, of_key), 0) = 0
        OR EXISTS (SELECT FROM gateway.break_decision b
                    WHERE b.partner = of_partner AND b.business_on = of_day AND b.row_key = of_key
                      AND b.kind NOT IN ('attribute', 'refund', 'enquire', 'undo', 'confirm')
                      AND (NOT b.needs_second OR EXISTS (SELECT FROM gateway.break_decision c WHERE c.about = b.decision_pk AND c.kind = 'confirm'))
                      AND NOT EXISTS (SELECT FROM gateway.break_decision u WHERE u.about = b.decision_pk AND u.kind = 'undo'))
$$;

-- Decisions that were not undone. effective: a write-off above the maker's limit counts once a second person confirmed it, a part
-- of the money once the whole row is decided.
CREATE OR REPLACE VIEW gateway.break_decision_now AS
    SELECT d.*, c.by_user AS confirmed_by, c.at AS confirmed_at,
           CASE WHEN d.kind IN ('attribute', 'refund') THEN gateway.row_concluded(d.partner, d.business_on, d.row_key)
                ELSE NOT d.needs_second OR c.decision_pk IS NOT NULL END AS effective
      FROM gateway.break_decision d
      LEFT JOIN gateway.break_decision c ON c.about = d.decision_pk AND c.kind = 'confirm'
     WHERE d.kind NOT IN ('undo', 'confirm')
       AND NOT EXISTS (SELECT FROM gateway.break_decision u WHERE u.about = d.decision_pk AND u.kind = 'undo');

CREATE OR REPLACE FUNCTION gateway.decide_break() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    day gateway.recon_day%ROWTYPE;
    at_stake bigint;
    most bigint;
    used bigint;
    unexplained boolean;
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
    SELECT gateway.at_stake(r.outcome, r.our_amount, r.their_amount, r.our_value, r.their_value), greatest(abs(r.our_amount), abs(r.their_amount)),
           gateway.is_unidentified_money(NEW.partner, r.class, r.payment_pks, r.entry_pks)
      INTO at_stake, most, unexplained
      FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)
     WHERE v.partner = NEW.partner AND v.business_on = NEW.business_on AND v.version = NEW.version
       AND r.row_key = NEW.row_key AND r.outcome <> 'matched';
    -- The other rows of a link are freed with it, also where a later version says something else in their place.
    IF at_stake IS NULL AND NOT (NEW.kind = 'undo' AND EXISTS (
            SELECT FROM gateway.break_decision b WHERE b.decision_pk = NEW.about AND b.kind = 'link')) THEN
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
    -- What stands already, but for questions: parts of the money that were attributed or given back, as long as something is left;
    -- and of unidentified money that it was understood.
    used := gateway.row_used(NEW.partner, NEW.business_on, NEW.row_key);
    IF EXISTS (SELECT FROM gateway.break_decision_now n
                WHERE n.partner = NEW.partner AND n.business_on = NEW.business_on AND n.row_key = NEW.row_key
                  AND NOT (n.kind IN ('attribute', 'refund') AND NEW.kind IN ('attribute', 'refund', 'accept', 'write_off'))
                  AND NOT (n.kind = 'accept' AND NEW.kind IN ('attribute', 'refund') AND unexplained)
                  AND (n.kind <> 'enquire' OR NEW.kind = 'enquire' AND NOT EXISTS
                       (SELECT FROM gateway.enquiry_answer a WHERE a.decision_pk = n.decision_pk)))
       OR used > 0 AND (used >= at_stake OR NEW.kind <> 'refund'     -- a refund has taken its own money out of what is free
                        AND gateway.row_left(NEW.partner, NEW.business_on, NEW.row_key) = 0) THEN
        PERFORM gateway.refuse('break_decision_already', 'this row is decided already');
    END IF;
    IF used > 0 THEN
        at_stake := gateway.row_left(NEW.partner, NEW.business_on, NEW.row_key);
    END IF;
    IF NEW.kind IN ('attribute', 'refund') AND NEW.amount NOT BETWEEN 1 AND most - used
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

REVOKE ALL ON FUNCTION gateway.is_unidentified_money, gateway.row_used, gateway.row_left, gateway.row_concluded FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.is_unidentified_money, gateway.row_used, gateway.row_left, gateway.row_concluded TO gateway_console, gateway_worker, gateway_auditor;
