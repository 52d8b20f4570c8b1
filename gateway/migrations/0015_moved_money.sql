-- Money that people moved to another business date is judged on that date. The day that it comes from keeps its row, its
-- bytes and its decision. Moves that were decided before this migration stay what they were: a word on both days.

-- The money of one decision "move_day", as its row named it. Undone by the decision "undo" about it.
CREATE TABLE gateway.money_move (
    decision_pk     bigint PRIMARY KEY REFERENCES gateway.break_decision,
    partner         text NOT NULL,
    from_on         date NOT NULL,
    to_on           date NOT NULL,
    row_key         text NOT NULL,
    outcome         text NOT NULL,
    our_amount      bigint NOT NULL,
    their_amount    bigint NOT NULL,
    payment_pks     bigint[] NOT NULL,
    refund_pks      bigint[] NOT NULL,
    entry_pks       bigint[] NOT NULL,
    moved_at        timestamptz NOT NULL,
    CONSTRAINT money_move_elsewhere CHECK (to_on <> from_on AND abs(to_on - from_on) <= 31),
    CONSTRAINT money_move_of_money CHECK (cardinality(payment_pks) + cardinality(refund_pks) + cardinality(entry_pks) > 0)
);
CREATE INDEX money_move_to ON gateway.money_move (partner, to_on);
CREATE INDEX money_move_from ON gateway.money_move (partner, from_on, row_key);
CREATE INDEX money_move_payment ON gateway.money_move USING gin (payment_pks);
CREATE INDEX money_move_refund ON gateway.money_move USING gin (refund_pks);
CREATE INDEX money_move_entry ON gateway.money_move USING gin (entry_pks);

CREATE VIEW gateway.money_move_step AS
    SELECT m.*, u.at AS undone_at
      FROM gateway.money_move m LEFT JOIN gateway.break_decision u ON u.about = m.decision_pk AND u.kind = 'undo';
CREATE VIEW gateway.money_move_now AS
    SELECT m.* FROM gateway.money_move m
     WHERE NOT EXISTS (SELECT FROM gateway.break_decision u WHERE u.about = m.decision_pk AND u.kind = 'undo');

-- The moves that a version knew of: into its day, out of it, and near it. It is verified with these.
ALTER TABLE gateway.recon_version ADD moves bigint[] NOT NULL DEFAULT '{}';

-- Where moved money stands in a version of the day that took it in; kept: a row that a version of the day which it left
-- holds as it was decided, because newer evidence would have made another one of it.
CREATE TABLE gateway.recon_moved (
    version_pk      bigint NOT NULL,
    decision_pk     bigint NOT NULL REFERENCES gateway.money_move,
    row_no          int NOT NULL,
    kept            boolean NOT NULL,
    PRIMARY KEY (version_pk, decision_pk, row_no),
    FOREIGN KEY (version_pk, row_no) REFERENCES gateway.recon_row (version_pk, row_no)
);
CREATE INDEX recon_moved_decision ON gateway.recon_moved (decision_pk, version_pk);

-- Days whose current version does not hold the moves that stand now: they are judged again before anybody proposes them.
CREATE VIEW gateway.day_moves_wait AS
    SELECT d.partner, d.business_on, m.decision_pk
      FROM gateway.money_move_now m
      JOIN gateway.recon_day d ON (d.partner, d.business_on) = (m.partner, m.to_on)
      JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
     WHERE m.decision_pk <> ALL (v.moves)
    UNION
    SELECT d.partner, d.business_on, k.decision_pk
      FROM gateway.money_move m
      JOIN gateway.break_decision u ON u.about = m.decision_pk AND u.kind = 'undo'
      JOIN gateway.recon_day d ON d.partner = m.partner AND d.business_on IN (m.from_on, m.to_on)
      JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
      JOIN gateway.recon_moved k ON (k.version_pk, k.decision_pk) = (v.version_pk, m.decision_pk);

-- Moved money as it stands in the current version of the day that it was moved to: one row per move and row there.
CREATE VIEW gateway.moved_here AS
    SELECT m.*, v.version_pk, v.version, k.row_no, r.row_key AS here_key, r.outcome AS here_outcome, r.class AS here_class
      FROM gateway.money_move_now m
      JOIN gateway.recon_day d ON (d.partner, d.business_on) = (m.partner, m.to_on)
      JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
      JOIN gateway.recon_moved k ON (k.version_pk, k.decision_pk) = (v.version_pk, m.decision_pk) AND NOT k.kept
      JOIN gateway.recon_row r ON (r.version_pk, r.row_no) = (k.version_pk, k.row_no);

CREATE FUNCTION gateway.day_takes_moves(of_partner text, of_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    day gateway.recon_day%ROWTYPE;
BEGIN
    SELECT * INTO day FROM gateway.recon_day WHERE partner = of_partner AND business_on = of_day FOR UPDATE;
    IF day.state IN ('proposed', 'approved') THEN
        PERFORM gateway.refuse('money_move_open_day', format('that day is %s', day.state));
    END IF;
    IF EXISTS (SELECT FROM gateway.recon_month WHERE partner = of_partner AND month = date_trunc('month', of_day)::date) THEN
        PERFORM gateway.refuse('money_move_open_day', format('the month of %s is closed', of_day));
    END IF;
END $$;

-- A decision to move takes the money of its row, or is not saved.
CREATE FUNCTION gateway.move_money() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    target date := (NEW.params ->> 'to')::date;
    moved gateway.recon_row%ROWTYPE;
BEGIN
    SELECT r.* INTO moved FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)
     WHERE (v.partner, v.business_on, v.version, r.row_key) = (NEW.partner, NEW.business_on, NEW.version, NEW.row_key)
       AND r.outcome <> 'matched';
    PERFORM gateway.day_takes_moves(NEW.partner, target);
    IF NOT (gateway.is_break(moved.outcome) OR moved.outcome = 'pending') THEN
        PERFORM gateway.refuse('money_move_open', 'only money that is not explained is moved');
    END IF;
    IF EXISTS (SELECT FROM gateway.remittance WHERE partner = NEW.partner AND business_on = NEW.business_on) THEN
        PERFORM gateway.refuse('money_move_batch', 'collected money is judged by its batch, not by a date');
    END IF;
    IF EXISTS (SELECT FROM gateway.day_moves_wait WHERE partner = NEW.partner AND business_on = NEW.business_on) THEN
        PERFORM gateway.refuse('money_move_waits', 'money was moved to this day or taken back since it was judged');
    END IF;
    IF EXISTS (SELECT FROM gateway.money_move_now m WHERE m.partner = NEW.partner AND target = m.from_on
                  AND (m.payment_pks && moved.payment_pks OR m.refund_pks && moved.refund_pks OR m.entry_pks && moved.entry_pks)) THEN
        PERFORM gateway.refuse('money_move_forth', 'the money came from that day: undo the decision that moved it');
    END IF;
    INSERT INTO gateway.money_move (decision_pk, partner, from_on, to_on, row_key, outcome, our_amount, their_amount,
                                    payment_pks, refund_pks, entry_pks, moved_at)
    VALUES (NEW.decision_pk, NEW.partner, NEW.business_on, target, NEW.row_key, moved.outcome, moved.our_amount,
            moved.their_amount, moved.payment_pks, moved.refund_pks, moved.entry_pks, NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER break_decision_moves AFTER INSERT ON gateway.break_decision
    FOR EACH ROW WHEN (NEW.kind = 'move_day') EXECUTE FUNCTION gateway.move_money();

-- Money goes back as long as nobody has built on it: the other day is open, and its row there is not decided.
CREATE FUNCTION gateway.take_money_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    moved gateway.money_move%ROWTYPE;
BEGIN
    SELECT * INTO moved FROM gateway.money_move WHERE decision_pk = NEW.about;
    IF moved.decision_pk IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM gateway.day_takes_moves(moved.partner, moved.to_on);
    IF EXISTS (SELECT FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
                 JOIN gateway.recon_moved k ON (k.version_pk, k.decision_pk) = (v.version_pk, moved.decision_pk)
                 JOIN gateway.recon_row r ON (r.version_pk, r.row_no) = (k.version_pk, k.row_no) AND r.outcome <> 'matched'
                 JOIN gateway.break_decision_now n ON (n.partner, n.business_on, n.row_key) = (d.partner, d.business_on, r.row_key)
                WHERE d.partner = moved.partner AND d.business_on = moved.to_on) THEN
        PERFORM gateway.refuse('money_move_built_on', format('it is decided on %s what becomes of it', moved.to_on));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER break_decision_moves_back AFTER INSERT ON gateway.break_decision
    FOR EACH ROW WHEN (NEW.kind = 'undo') EXECUTE FUNCTION gateway.take_money_back();

-- Nobody proposes a day that is yet to be judged with the money that was moved to it.
CREATE FUNCTION gateway.check_moves_judged() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM FROM gateway.recon_day WHERE partner = NEW.partner AND business_on = NEW.business_on FOR UPDATE;
    IF EXISTS (SELECT FROM gateway.day_moves_wait WHERE partner = NEW.partner AND business_on = NEW.business_on) THEN
        PERFORM gateway.refuse('decision_moves_wait', 'money was moved to this day or taken back since it was judged');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recon_decision_after_moves BEFORE INSERT ON gateway.recon_decision
    FOR EACH ROW WHEN (NEW.act = 'propose') EXECUTE FUNCTION gateway.check_moves_judged();

-- As before, and a reopened day knows of the same moves.
CREATE OR REPLACE FUNCTION gateway.reopen_day(of_partner text, of_day date, who text, why text, reopened_at timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    day gateway.recon_day%ROWTYPE;
    old_pk bigint;
    new_pk bigint;
BEGIN
    SELECT * INTO day FROM gateway.recon_day WHERE partner = of_partner AND business_on = of_day FOR UPDATE;
    IF day.partner IS NULL THEN
        RETURN NULL;
    END IF;
    IF NOT gateway.has_role(who, 'finance_checker') THEN
        PERFORM gateway.refuse('decision_role', format('%s may not reopen a day', who));
    END IF;
    IF day.state <> 'approved' THEN
        PERFORM gateway.refuse('decision_step', format('a day that is %s is not reopened', day.state));
    END IF;
    SELECT version_pk INTO old_pk FROM gateway.recon_version
     WHERE partner = of_partner AND business_on = of_day AND version = day.version;
    INSERT INTO gateway.recon_version (partner, business_on, version, rules, engine, inputs, as_of, summary, classes, snapshot_sha256,
                                       snapshot, moves)
    SELECT partner, business_on, version + 1, rules, engine, inputs, as_of, summary, classes, snapshot_sha256, snapshot, moves
      FROM gateway.recon_version WHERE version_pk = old_pk RETURNING version_pk INTO new_pk;
    INSERT INTO gateway.recon_row
    SELECT (jsonb_populate_record(r, jsonb_build_object('version_pk', new_pk))).* FROM gateway.recon_row r WHERE r.version_pk = old_pk;
    INSERT INTO gateway.recon_entry (version_pk, entry_pk, row_no)
    SELECT new_pk, entry_pk, row_no FROM gateway.recon_entry WHERE version_pk = old_pk;
    INSERT INTO gateway.recon_moved (version_pk, decision_pk, row_no, kept)
    SELECT new_pk, decision_pk, row_no, kept FROM gateway.recon_moved WHERE version_pk = old_pk;
    INSERT INTO gateway.day_reopening (partner, business_on, from_version, to_version, was, reason, by_user, at)
    VALUES (of_partner, of_day, day.version, day.version + 1, 'approved', why, who, reopened_at);
    UPDATE gateway.recon_day SET state = 'reconciled', version = day.version + 1, changed_at = reopened_at
     WHERE partner = of_partner AND business_on = of_day;
    RETURN day.version + 1;
END $$;

CREATE TRIGGER money_move_frozen BEFORE UPDATE OR DELETE ON gateway.money_move
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER recon_moved_frozen BEFORE UPDATE OR DELETE ON gateway.recon_moved
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

REVOKE EXECUTE ON FUNCTION gateway.day_takes_moves(text, date) FROM PUBLIC;
GRANT INSERT ON gateway.recon_moved TO gateway_worker;
GRANT SELECT ON gateway.money_move, gateway.recon_moved, gateway.money_move_step, gateway.money_move_now, gateway.day_moves_wait,
    gateway.moved_here TO gateway_worker, gateway_console, gateway_auditor;
