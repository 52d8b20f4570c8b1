-- The day's workflow: who may do what, what people decide about each break, and the seal of an approved day.
-- Everything here is only ever added to. Roles, versions, amounts and the second pair of eyes are checked by triggers.

-- Roles in force are those whose last word is a grant. People come from Airflow's sign-in.
CREATE TABLE gateway.person_role (
    step_pk         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person          text NOT NULL CHECK (btrim(person) <> ''),
    role            text NOT NULL CHECK (role IN ('viewer', 'ops', 'finance_maker', 'finance_checker', 'auditor')),
    act             text NOT NULL CHECK (act IN ('grant', 'revoke')),
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL
);
CREATE INDEX person_role_of ON gateway.person_role (lower(person), role, step_pk);

CREATE VIEW gateway.person_role_now AS
    SELECT person, role, by_user, at
      FROM (SELECT DISTINCT ON (lower(person), role) * FROM gateway.person_role ORDER BY lower(person), role, step_pk DESC) r
     WHERE act = 'grant';

CREATE FUNCTION gateway.has_role(who text, VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM gateway.person_role_now WHERE lower(person) = lower(who) AND role = ANY (wanted))
$$;

-- At the console only ops may grant, and nobody to oneself. The first roles are given by the owner of the database.
CREATE FUNCTION gateway.check_role_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'gateway_console' THEN
        PERFORM pg_advisory_xact_lock(hashtext('gateway.person_role'));
        IF NOT gateway.has_role(NEW.by_user, 'ops') OR lower(NEW.person) = lower(NEW.by_user) THEN
            RAISE EXCEPTION '% may not % a role of %', NEW.by_user, NEW.act, NEW.person
                USING ERRCODE = 'check_violation', CONSTRAINT = 'role_by_ops';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_role_step BEFORE INSERT ON gateway.person_role
    FOR EACH ROW EXECUTE FUNCTION gateway.check_role_step();

-- How much one person may write off alone, and how much with a second one. Changed by the owner of the database only.
CREATE TABLE gateway.write_off_limit (
    role            text PRIMARY KEY CHECK (role IN ('finance_maker', 'finance_checker')),
    amount          bigint NOT NULL CHECK (amount >= 0)
);
INSERT INTO gateway.write_off_limit VALUES ('finance_maker', 50000), ('finance_checker', 5000000);

-- The outcomes that a person must decide about (outcomes.BREAKS), and the money that is in question.
CREATE FUNCTION gateway.is_break(outcome text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT outcome IN ('underpaid', 'overpaid', 'missing_at_partner', 'missing_with_us', 'duplicate', 'wrong_account',
                       'wrong_day', 'ambiguous', 'unidentified')
$$;
CREATE FUNCTION gateway.break_amount(ours bigint, theirs bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN ours = theirs THEN abs(ours) ELSE abs(ours - theirs) END
$$;

CREATE INDEX recon_row_unmatched ON gateway.recon_row (version_pk, row_no) WHERE outcome <> 'matched';

-- A bulk decision: the list as it was frozen when the person looked, with its count and amount.
CREATE TABLE gateway.decision_batch (
    batch_pk        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL,
    targets         jsonb NOT NULL,                 -- [[partner, business date, version, row key], ...]
    count           int NOT NULL CHECK (count > 0),
    amount          bigint NOT NULL CHECK (amount >= 0),
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL,
    CONSTRAINT decision_batch_counts CHECK (jsonb_array_length(targets) = count)
);

CREATE TABLE gateway.break_decision (
    decision_pk     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner         text NOT NULL,
    business_on     date NOT NULL,
    version         int NOT NULL,                   -- what the person saw
    row_key         text NOT NULL,
    kind            text NOT NULL CHECK (kind IN
                        ('accept', 'link', 'attribute', 'enquire', 'refund', 'write_off', 'move_day', 'undo', 'confirm')),
    reason          text NOT NULL CHECK (btrim(reason) <> ''),
    amount          bigint NOT NULL CHECK (amount >= 0),
    params          jsonb NOT NULL DEFAULT '{}',
    about           bigint REFERENCES gateway.break_decision,   -- undo, confirm: of which decision
    batch_pk        bigint REFERENCES gateway.decision_batch,
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL,
    needs_second    boolean NOT NULL DEFAULT false, -- set by the trigger: in force only when a second person confirms
    FOREIGN KEY (partner, business_on, version) REFERENCES gateway.recon_version (partner, business_on, version),
    CONSTRAINT break_decision_about CHECK ((kind IN ('undo', 'confirm')) = (about IS NOT NULL))
);
CREATE INDEX break_decision_row ON gateway.break_decision (partner, business_on, row_key, decision_pk);
CREATE INDEX break_decision_batch_of ON gateway.break_decision (batch_pk) WHERE batch_pk IS NOT NULL;
CREATE UNIQUE INDEX break_decision_once ON gateway.break_decision (about, kind) WHERE about IS NOT NULL;

-- Decisions that were not undone. effective: a write-off above the maker's limit counts once a second person confirmed it.
CREATE VIEW gateway.break_decision_now AS
    SELECT d.*, c.by_user AS confirmed_by, c.at AS confirmed_at, NOT d.needs_second OR c.decision_pk IS NOT NULL AS effective
      FROM gateway.break_decision d
      LEFT JOIN gateway.break_decision c ON c.about = d.decision_pk AND c.kind = 'confirm'
     WHERE d.kind NOT IN ('undo', 'confirm')
       AND NOT EXISTS (SELECT FROM gateway.break_decision u WHERE u.about = d.decision_pk AND u.kind = 'undo');

CREATE FUNCTION gateway.refuse(name text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation', CONSTRAINT = name;
END $$;

CREATE FUNCTION gateway.decide_break() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
    SELECT gateway.break_amount(r.our_amount, r.their_amount), greatest(abs(r.our_amount), abs(r.their_amount))
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
CREATE TRIGGER break_decision_decides BEFORE INSERT ON gateway.break_decision
    FOR EACH ROW EXECUTE FUNCTION gateway.decide_break();

-- All or nothing: at the end of its transaction a batch has as many decisions, of as much money, as were frozen.
CREATE FUNCTION gateway.check_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF (SELECT (count(*), coalesce(sum(amount), 0)) FROM gateway.break_decision
         WHERE batch_pk = NEW.batch_pk AND kind NOT IN ('undo', 'confirm'))
       IS DISTINCT FROM (NEW.count::bigint, NEW.amount::numeric) THEN
        PERFORM gateway.refuse('decision_batch_whole', 'a bulk decision is about all of its list or none of it');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER decision_batch_whole AFTER INSERT ON gateway.decision_batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gateway.check_batch();

-- Tra soát: a question to the partner, sent signed through the outbox, and what came back.
CREATE TABLE gateway.enquiry (
    decision_pk     bigint PRIMARY KEY REFERENCES gateway.break_decision,
    enquiry_id      text NOT NULL UNIQUE,
    message_pk      bigint NOT NULL REFERENCES gateway.message,
    question        text NOT NULL CHECK (btrim(question) <> ''),
    answer_due_on   date NOT NULL
);
CREATE TABLE gateway.enquiry_answer (
    decision_pk     bigint PRIMARY KEY REFERENCES gateway.enquiry,
    answer          text NOT NULL CHECK (btrim(answer) <> ''),
    reference       text NOT NULL CHECK (btrim(reference) <> ''),    -- the partner's letter, call or file
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL
);

-- Money that only a statement tells of becomes a payment of its own before a person may give it to a fee or back: it then
-- is tiền chưa xác định. The side of reconciliation that is ours leaves it out: a line does not prove itself.
ALTER TABLE gateway.payment ADD entry_pk bigint UNIQUE REFERENCES gateway.statement_entry;
ALTER TABLE gateway.payment DROP CONSTRAINT payment_source_check;
ALTER TABLE gateway.payment ADD CONSTRAINT payment_source_check CHECK (source IN ('notice', 'counter', 'cod', 'statement'));
ALTER TABLE gateway.payment ADD CONSTRAINT payment_of_an_entry CHECK ((source = 'statement') = (entry_pk IS NOT NULL));

CREATE FUNCTION gateway.book_entry(of_entry bigint, booked_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    entry gateway.statement_entry%ROWTYPE;
    number text;
    booked bigint;
BEGIN
    SELECT * INTO entry FROM gateway.statement_entry WHERE entry_pk = of_entry FOR UPDATE;
    SELECT payment_pk INTO booked FROM gateway.payment WHERE entry_pk = of_entry;
    IF booked IS NOT NULL OR entry.entry_pk IS NULL THEN
        RETURN booked;
    END IF;
    number := split_part(entry.keys, ' ', 1);
    IF EXISTS (SELECT FROM gateway.payment WHERE partner = entry.partner AND partner_transaction_id = number AND reference = '') THEN
        number := '';
    END IF;
    INSERT INTO gateway.payment (partner, channel, source, reference, partner_transaction_id, amount, account, paid_at,
                                 business_on, recorded_at, message_pk, entry_pk)
    SELECT entry.partner, CASE WHEN entry.response_code = '' THEN 'internet_banking' ELSE 'platform' END, 'statement', '', number,
           entry.amount, entry.account, entry.value_on::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh', entry.booked_on, booked_at,
           (SELECT s.message_pk FROM gateway.statement_entry_seen n JOIN gateway.statement s USING (statement_pk)
             WHERE n.entry_pk = of_entry ORDER BY s.statement_pk LIMIT 1), of_entry
    RETURNING payment_pk INTO booked;
    RETURN booked;
END $$;
REVOKE EXECUTE ON FUNCTION gateway.book_entry(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.book_entry(bigint, timestamptz) TO gateway_console;

-- Money of a row that a person gave to a fee. It moves when the day is approved: the second pair of eyes.
CREATE TABLE gateway.attribution (
    attribution_pk  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decision_pk     bigint NOT NULL REFERENCES gateway.break_decision,
    payment_pk      bigint NOT NULL REFERENCES gateway.payment,
    fee_pk          bigint NOT NULL REFERENCES gateway.fee,
    amount          bigint NOT NULL CHECK (amount > 0),
    approval_pk     bigint NOT NULL REFERENCES gateway.recon_decision,
    UNIQUE (decision_pk, payment_pk, fee_pk)
);

-- Why a day that people had proposed or approved has a newer version.
CREATE TABLE gateway.day_reopening (
    reopening_pk    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner         text NOT NULL,
    business_on     date NOT NULL,
    from_version    int NOT NULL,
    to_version      int NOT NULL,
    was             text NOT NULL CHECK (was IN ('proposed', 'approved')),
    reason          text NOT NULL CHECK (btrim(reason) <> ''),
    by_user         text NOT NULL DEFAULT '',       -- '' where a machine found new inputs
    at              timestamptz NOT NULL,
    UNIQUE (partner, business_on, to_version)
);

-- Counts and amounts by class, as summary has them by outcome.
ALTER TABLE gateway.recon_version ADD classes jsonb NOT NULL DEFAULT '{}';

-- A proposal binds the snapshot and the decisions in force; approving finds both as they were proposed.
ALTER TABLE gateway.recon_decision ADD decisions_sha256 text NOT NULL DEFAULT '';

CREATE FUNCTION gateway.decisions_in_force(of_partner text, of_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(string_agg(jsonb_build_array(n.decision_pk, n.version, n.row_key, n.kind, n.amount, n.params, n.reason,
                        n.by_user, to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), n.confirmed_by)::text
                        || E'\n', '' ORDER BY n.decision_pk), '')
      FROM gateway.break_decision_now n
      JOIN gateway.recon_day d USING (partner, business_on)
      JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
     WHERE d.partner = of_partner AND d.business_on = of_day
       AND EXISTS (SELECT FROM gateway.recon_row r WHERE r.version_pk = v.version_pk AND r.row_key = n.row_key AND r.outcome <> 'matched')
$$;
CREATE FUNCTION gateway.decisions_digest(of_partner text, of_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT encode(sha256(convert_to(gateway.decisions_in_force(of_partner, of_day), 'UTF8')), 'hex')
$$;
CREATE FUNCTION gateway.open_breaks(of_partner text, of_day date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*)
      FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
      JOIN gateway.recon_row r USING (version_pk)
     WHERE d.partner = of_partner AND d.business_on = of_day AND r.outcome <> 'matched' AND gateway.is_break(r.outcome)
       AND NOT EXISTS (SELECT FROM gateway.break_decision_now n WHERE n.partner = d.partner AND n.business_on = d.business_on
                          AND n.row_key = r.row_key AND n.effective
                          AND (n.kind <> 'enquire' OR NOT EXISTS
                               (SELECT FROM gateway.enquiry_answer a WHERE a.decision_pk = n.decision_pk)))
$$;

CREATE OR REPLACE FUNCTION gateway.decide() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    day gateway.recon_day%ROWTYPE;
    bound text;
    proposal gateway.recon_decision%ROWTYPE;
    open_count bigint;
BEGIN
    SELECT * INTO day FROM gateway.recon_day WHERE partner = NEW.partner AND business_on = NEW.business_on FOR UPDATE;
    SELECT snapshot_sha256 INTO bound FROM gateway.recon_version
     WHERE partner = NEW.partner AND business_on = NEW.business_on AND version = NEW.version;
    IF day.version IS DISTINCT FROM NEW.version OR bound IS DISTINCT FROM NEW.snapshot_sha256 THEN
        PERFORM gateway.refuse('decision_about_what_is', format('the day is at version %s, not %s', day.version, NEW.version));
    END IF;
    IF NOT ((NEW.act = 'propose' AND day.state = 'reconciled') OR (NEW.act IN ('approve', 'reject') AND day.state = 'proposed')) THEN
        PERFORM gateway.refuse('decision_step', format('a day that is %s takes no %s', day.state, NEW.act));
    END IF;
    IF NOT gateway.has_role(NEW.by_user, CASE NEW.act WHEN 'propose' THEN 'finance_maker' ELSE 'finance_checker' END) THEN
        PERFORM gateway.refuse('decision_role', format('%s may not %s', NEW.by_user, NEW.act));
    END IF;
    NEW.decisions_sha256 := gateway.decisions_digest(NEW.partner, NEW.business_on);
    IF NEW.act = 'propose' THEN
        open_count := gateway.open_breaks(NEW.partner, NEW.business_on);
        IF open_count > 0 THEN
            PERFORM gateway.refuse('decision_breaks_open', format('%s breaks are not decided', open_count));
        END IF;
    END IF;
    IF NEW.act = 'approve' THEN
        SELECT * INTO proposal FROM gateway.recon_decision
         WHERE partner = NEW.partner AND business_on = NEW.business_on AND version = NEW.version AND act = 'propose'
         ORDER BY decision_pk DESC LIMIT 1;
        IF proposal.by_user IS NULL OR lower(proposal.by_user) = lower(NEW.by_user) THEN
            PERFORM gateway.refuse('decision_two_people', 'the person who proposed cannot approve');
        END IF;
        IF proposal.decisions_sha256 <> NEW.decisions_sha256 THEN
            PERFORM gateway.refuse('decision_about_what_is', 'the decisions in force are not those that were proposed');
        END IF;
    END IF;
    UPDATE gateway.recon_day
       SET state = CASE NEW.act WHEN 'propose' THEN 'proposed' WHEN 'approve' THEN 'approved' ELSE 'reconciled' END,
           changed_at = NEW.at
     WHERE partner = NEW.partner AND business_on = NEW.business_on;
    RETURN NEW;
END $$;

-- The gateway's signature under an approved day: the statement names the digests of the snapshot and of the decisions.
CREATE TABLE gateway.day_seal (
    approval_pk     bigint PRIMARY KEY REFERENCES gateway.recon_decision,
    partner         text NOT NULL,
    business_on     date NOT NULL,
    version         int NOT NULL,
    snapshot_sha256 text NOT NULL,
    decisions_sha256 text NOT NULL,
    decisions       bytea NOT NULL,                 -- the text that decisions_sha256 is of
    statement       bytea NOT NULL,                 -- what is signed, canonical JSON
    signature       bytea NOT NULL,                 -- CMS, detached
    certificate     bytea NOT NULL,                 -- DER
    sealed_at       timestamptz NOT NULL,
    UNIQUE (partner, business_on, version),
    CONSTRAINT day_seal_decisions CHECK (encode(sha256(decisions), 'hex') = decisions_sha256)
);
CREATE FUNCTION gateway.check_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gateway.recon_decision a WHERE a.decision_pk = NEW.approval_pk AND a.act = 'approve'
                      AND (a.partner, a.business_on, a.version, a.snapshot_sha256, a.decisions_sha256)
                        = (NEW.partner, NEW.business_on, NEW.version, NEW.snapshot_sha256, NEW.decisions_sha256)) THEN
        PERFORM gateway.refuse('day_seal_of_an_approval', 'a seal is of what was approved');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER day_seal_of_an_approval BEFORE INSERT ON gateway.day_seal
    FOR EACH ROW EXECUTE FUNCTION gateway.check_seal();

-- An approval without its seal is not committed.
CREATE FUNCTION gateway.check_sealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gateway.day_seal WHERE approval_pk = NEW.decision_pk) THEN
        PERFORM gateway.refuse('approval_sealed', 'an approved day is sealed in the same transaction');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER recon_decision_sealed AFTER INSERT ON gateway.recon_decision
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.act = 'approve') EXECUTE FUNCTION gateway.check_sealed();

-- Approving carries out what was attributed: each decision once, also where the day is approved again.
CREATE FUNCTION gateway.carry_out_attributions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
        UPDATE gateway.payment p SET dossier_code = f.dossier_code
          FROM gateway.fee f JOIN gateway.attribution a USING (fee_pk)
         WHERE a.decision_pk = decision.decision_pk AND p.payment_pk = decision.payment_pk AND p.dossier_code IS NULL;
        UPDATE gateway.payment_request q SET state = 'settled', next_enquiry_at = NULL
         WHERE q.state = 'open'
           AND q.request_pk IN (SELECT l.request_pk FROM gateway.payment_request_fee l JOIN gateway.attribution a USING (fee_pk)
                                 WHERE a.decision_pk = decision.decision_pk)
           AND NOT EXISTS (SELECT FROM gateway.payment_request_fee l JOIN gateway.fee f USING (fee_pk)
                            WHERE l.request_pk = q.request_pk AND f.paid < f.amount);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER recon_decision_moves_money AFTER INSERT ON gateway.recon_decision
    FOR EACH ROW WHEN (NEW.act = 'approve') EXECUTE FUNCTION gateway.carry_out_attributions();

-- A person reopens an approved day for a reason: a new version of the same bytes, to be decided and approved again.
CREATE FUNCTION gateway.reopen_day(of_partner text, of_day date, who text, why text, reopened_at timestamptz) RETURNS int
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
    INSERT INTO gateway.recon_version (partner, business_on, version, rules, engine, inputs, as_of, summary, classes, snapshot_sha256, snapshot)
    SELECT partner, business_on, version + 1, rules, engine, inputs, as_of, summary, classes, snapshot_sha256, snapshot
      FROM gateway.recon_version WHERE version_pk = old_pk RETURNING version_pk INTO new_pk;
    INSERT INTO gateway.recon_row
    SELECT (jsonb_populate_record(r, jsonb_build_object('version_pk', new_pk))).* FROM gateway.recon_row r WHERE r.version_pk = old_pk;
    INSERT INTO gateway.recon_entry (version_pk, entry_pk, row_no)
    SELECT new_pk, entry_pk, row_no FROM gateway.recon_entry WHERE version_pk = old_pk;
    INSERT INTO gateway.day_reopening (partner, business_on, from_version, to_version, was, reason, by_user, at)
    VALUES (of_partner, of_day, day.version, day.version + 1, 'approved', why, who, reopened_at);
    UPDATE gateway.recon_day SET state = 'reconciled', version = day.version + 1, changed_at = reopened_at
     WHERE partner = of_partner AND business_on = of_day;
    RETURN day.version + 1;
END $$;
REVOKE EXECUTE ON FUNCTION gateway.reopen_day(text, date, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.reopen_day(text, date, text, text, timestamptz) TO gateway_console;

CREATE TRIGGER person_role_frozen BEFORE UPDATE OR DELETE ON gateway.person_role
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER decision_batch_frozen BEFORE UPDATE OR DELETE ON gateway.decision_batch
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER break_decision_frozen BEFORE UPDATE OR DELETE ON gateway.break_decision
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER enquiry_frozen BEFORE UPDATE OR DELETE ON gateway.enquiry
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER enquiry_answer_frozen BEFORE UPDATE OR DELETE ON gateway.enquiry_answer
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER attribution_frozen BEFORE UPDATE OR DELETE ON gateway.attribution
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER day_reopening_frozen BEFORE UPDATE OR DELETE ON gateway.day_reopening
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER day_seal_frozen BEFORE UPDATE OR DELETE ON gateway.day_seal
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

GRANT SELECT, INSERT ON gateway.person_role, gateway.decision_batch, gateway.break_decision, gateway.enquiry,
    gateway.enquiry_answer, gateway.day_seal TO gateway_console;
GRANT SELECT ON gateway.write_off_limit, gateway.attribution, gateway.day_reopening TO gateway_console;
GRANT SELECT, INSERT ON gateway.day_reopening TO gateway_worker;
GRANT SELECT ON gateway.break_decision, gateway.break_decision_now, gateway.day_seal, gateway.enquiry, gateway.enquiry_answer,
    gateway.attribution TO gateway_worker;
GRANT SELECT ON gateway.person_role, gateway.person_role_now, gateway.write_off_limit, gateway.decision_batch, gateway.break_decision,
    gateway.break_decision_now, gateway.enquiry, gateway.enquiry_answer, gateway.attribution, gateway.day_reopening,
    gateway.day_seal TO gateway_auditor;
GRANT SELECT ON gateway.person_role_now, gateway.break_decision_now TO gateway_console;
GRANT SELECT ON gateway.person_role_now TO gateway_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gateway TO gateway_worker, gateway_console;
