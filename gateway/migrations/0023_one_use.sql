-- One piece of money has one use. What a line of a statement is used for is asked here, with the line locked, by everything
-- that gives it a use: a payment booked from it, a link by hand, an attribution, a refund.

-- Links in force: of rows that their days still have. Both sides as numbers of rows.
CREATE VIEW gateway.link_now AS
    SELECT n.decision_pk, n.partner, n.business_on, n.row_key, n.batch_pk, n.by_user,
           ARRAY(SELECT jsonb_array_elements_text(n.params -> 'payments')::bigint) AS payment_pks,
           ARRAY(SELECT jsonb_array_elements_text(n.params -> 'entries')::bigint) AS entry_pks
      FROM gateway.break_decision_now n
      JOIN gateway.recon_day d USING (partner, business_on)
      JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
     WHERE n.kind = 'link'
       AND EXISTS (SELECT FROM gateway.recon_row r WHERE r.version_pk = v.version_pk AND r.row_key = n.row_key AND r.outcome <> 'matched');
CREATE INDEX break_decision_link ON gateway.break_decision (partner, business_on) WHERE kind = 'link';

-- What was promised of a payment by attributions that no approval has carried out yet.
CREATE FUNCTION gateway.promised(of_payment bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(sum(n.amount), 0)::bigint FROM gateway.break_decision_now n
     WHERE n.kind = 'attribute' AND n.params ->> 'payment_pk' = of_payment::text
       AND NOT EXISTS (SELECT FROM gateway.attribution a WHERE a.decision_pk = n.decision_pk)
$$;
CREATE INDEX break_decision_attributes ON gateway.break_decision ((params ->> 'payment_pk')) WHERE kind = 'attribute';

-- Where an entry stands: its row in the current version of its day, and of the days that it was moved to.
CREATE FUNCTION gateway.rows_of_entry(of_entry bigint)
RETURNS TABLE (business_on date, rule text, outcome text, payment_pks bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT d.business_on, r.rule, r.outcome, r.payment_pks
      FROM gateway.statement_entry e
      JOIN gateway.recon_day d ON d.partner = e.partner AND (d.business_on = e.booked_on OR d.business_on IN (
               SELECT m.to_on FROM gateway.money_move_now m WHERE m.partner = e.partner AND m.entry_pks @> ARRAY[e.entry_pk]))
      JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
      JOIN gateway.recon_entry n ON (n.version_pk, n.entry_pk) = (v.version_pk, e.entry_pk)
      JOIN gateway.recon_row r ON (r.version_pk, r.row_no) = (n.version_pk, n.row_no)
     WHERE e.entry_pk = of_entry
$$;

-- Payments on record that an entry names, by our reference or the partner's own number, and that no other line is held against:
-- its money is theirs. linked_to: payments that a link would join it to.
CREATE FUNCTION gateway.on_record(of_entry bigint, linked_to bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    entry gateway.statement_entry%ROWTYPE;
    words text[];
    named bigint[];
    names text[];
    held bigint[];
    waiting bigint;
    free bigint;
BEGIN
    SELECT * INTO entry FROM gateway.statement_entry WHERE entry_pk = of_entry;
    words := array_remove(string_to_array(entry.tokens || ' ' || entry.keys, ' '), '');
    SELECT array_agg(p.payment_pk), array_agg(DISTINCT name) INTO named, names
      FROM gateway.payment p CROSS JOIN LATERAL unnest(ARRAY[p.reference, p.partner_transaction_id]) name
     WHERE p.partner = entry.partner AND p.source <> 'statement' AND p.payment_pk <> ALL (linked_to) AND name = ANY (words)
       AND (p.reference <> '' AND p.reference = ANY (words) OR p.partner_transaction_id <> '' AND p.partner_transaction_id = ANY (words))
       AND NOT EXISTS (SELECT FROM gateway.link_now l WHERE l.partner = entry.partner AND l.payment_pks @> ARRAY[p.payment_pk]);
    IF named IS NULL THEN
        RETURN '{}';
    END IF;
    WITH line AS (
        SELECT e.entry_pk, e.amount, coalesce((SELECT array_agg(p) FROM gateway.rows_of_entry(e.entry_pk) r, unnest(r.payment_pks) p), '{}') AS payments
          FROM gateway.statement_entry e
         WHERE e.partner = entry.partner AND e.amount > 0 AND e.response_code IN ('', '00', '68')
           AND string_to_array(e.tokens || ' ' || e.keys, ' ') && names
           AND (e.entry_pk = of_entry
                OR NOT EXISTS (SELECT FROM gateway.link_now l WHERE l.partner = e.partner AND l.entry_pks @> ARRAY[e.entry_pk])
                   AND NOT EXISTS (SELECT FROM gateway.payment b WHERE b.entry_pk = e.entry_pk
                                      AND b.allocated + b.refunding + gateway.promised(b.payment_pk) > 0)
                   AND NOT EXISTS (SELECT FROM gateway.rows_of_entry(e.entry_pk) r WHERE r.rule = 'cancelled_pair')))
    SELECT (SELECT array_agg(p) FROM line, unnest(line.payments) p WHERE line.entry_pk <> of_entry),
           (SELECT sum(line.amount) FROM line WHERE line.entry_pk = of_entry OR line.payments = '{}')
      INTO held, free;
    named := ARRAY(SELECT DISTINCT p FROM unnest(named) p WHERE p <> ALL (coalesce(held, '{}')));
    SELECT coalesce(sum(amount), 0) INTO waiting FROM gateway.payment WHERE payment_pk = ANY (named);
    RETURN CASE WHEN waiting > 0 AND coalesce(free, 0) - waiting < entry.amount THEN named ELSE '{}' END;
END $$;

-- What the money of an entry is used for already: "" where it is free. Without linked_to (money is to be booked from it) also what
-- explains it counts, but for a deposit that only its wording explains. of_batch: a link that is being made.
CREATE FUNCTION gateway.entry_use(of_entry bigint, linked_to bigint[] DEFAULT NULL, of_batch bigint DEFAULT NULL) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM gateway.statement_entry e JOIN gateway.link_now l ON l.partner = e.partner AND l.entry_pks @> ARRAY[of_entry]
                      WHERE e.entry_pk = of_entry AND NOT coalesce(l.batch_pk = of_batch, false)) THEN 'linked'
        WHEN EXISTS (SELECT FROM gateway.rows_of_entry(of_entry) r WHERE r.outcome = 'matched') THEN 'matched'
        WHEN EXISTS (SELECT FROM gateway.rows_of_entry(of_entry) r
                      WHERE r.outcome <> 'pending' AND NOT gateway.is_break(r.outcome)
                        AND CASE WHEN linked_to IS NULL THEN (r.rule, r.outcome) <> ('wording', 'deposit') ELSE r.rule <> 'wording' END) THEN 'explained'
        WHEN linked_to IS NOT NULL AND EXISTS (SELECT FROM gateway.payment b WHERE b.entry_pk = of_entry
                      AND b.allocated + b.refunding + gateway.promised(b.payment_pk) > 0) THEN 'given'
        WHEN gateway.on_record(of_entry, coalesce(linked_to, '{}')) <> '{}' THEN 'recorded'
        ELSE '' END
$$;

-- Refused where the money of a line is to be booked, given to a fee or given back, and something else uses it. The line is locked first:
-- of two who want it at once the second sees what the first did.
CREATE FUNCTION gateway.require_unused(of_entry bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    used text;
BEGIN
    PERFORM FROM gateway.statement_entry WHERE entry_pk = of_entry FOR UPDATE;
    used := gateway.entry_use(of_entry);
    IF used <> '' THEN
        PERFORM gateway.refuse('money_used_once', format('entry %s: its money is %s already', of_entry, used));
    END IF;
END $$;

-- The line whose money was attributed or given back before a notice told of this payment: NULL where there is none. The payment has no
-- money of its own then.
CREATE FUNCTION gateway.line_given(of_payment bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT e.entry_pk
      FROM gateway.payment p
      JOIN gateway.statement_entry e ON e.partner = p.partner
       AND string_to_array(e.tokens || ' ' || e.keys, ' ') && array_remove(ARRAY[p.reference, p.partner_transaction_id], '')
      JOIN gateway.payment b ON b.entry_pk = e.entry_pk AND b.allocated + b.refunding + gateway.promised(b.payment_pk) > 0
     WHERE p.payment_pk = of_payment AND p.source <> 'statement' AND gateway.on_record(e.entry_pk, '{}') @> ARRAY[of_payment]
     ORDER BY e.entry_pk LIMIT 1
$$;

CREATE OR REPLACE FUNCTION gateway.book_entry(of_entry bigint, booked_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    entry gateway.statement_entry%ROWTYPE;
    number text;
    booked bigint;
BEGIN
    SELECT * INTO entry FROM gateway.statement_entry WHERE entry_pk = of_entry FOR UPDATE;
    IF entry.entry_pk IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM gateway.require_unused(of_entry);
    SELECT payment_pk INTO booked FROM gateway.payment WHERE entry_pk = of_entry;
    IF booked IS NOT NULL THEN
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

-- Decisions that use money, after their row was looked at (decide_break).
CREATE FUNCTION gateway.use_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    payments bigint[];
    one bigint;
    used text;
    paid gateway.payment%ROWTYPE;
BEGIN
    IF NEW.kind = 'link' THEN
        payments := ARRAY(SELECT jsonb_array_elements_text(NEW.params -> 'payments')::bigint);
        FOR one IN SELECT e.entry_pk FROM gateway.statement_entry e
                    WHERE e.partner = NEW.partner AND e.entry_pk IN (SELECT jsonb_array_elements_text(NEW.params -> 'entries')::bigint)
                    ORDER BY e.entry_pk FOR UPDATE LOOP
            used := gateway.entry_use(one, payments, NEW.batch_pk);
            IF used <> '' THEN
                PERFORM gateway.refuse('money_linked_once', format('entry %s: its money is %s already', one, used));
            END IF;
        END LOOP;
        PERFORM FROM gateway.payment WHERE payment_pk = ANY (payments) ORDER BY payment_pk FOR UPDATE;
        IF EXISTS (SELECT FROM gateway.link_now l WHERE l.partner = NEW.partner AND NOT coalesce(l.batch_pk = NEW.batch_pk, false)
                      AND (l.payment_pks && payments
                           OR l.entry_pks && ARRAY(SELECT jsonb_array_elements_text(NEW.params -> 'entries')::bigint))) THEN
            PERFORM gateway.refuse('money_linked_once', 'a payment or an entry of the link is linked already');
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO paid FROM gateway.payment WHERE payment_pk = (NEW.params ->> 'payment_pk')::bigint;
    IF paid.entry_pk IS NOT NULL THEN
        PERFORM gateway.require_unused(paid.entry_pk);
    ELSIF gateway.line_given(paid.payment_pk) IS NOT NULL THEN
        PERFORM gateway.refuse('money_used_once', format('payment %s: its line was given away before', paid.payment_pk));
    END IF;
    IF NEW.kind = 'attribute' THEN
        SELECT * INTO paid FROM gateway.payment WHERE payment_pk = paid.payment_pk FOR UPDATE;
        IF paid.allocated + paid.refunding + gateway.promised(paid.payment_pk) + NEW.amount > paid.amount THEN
            PERFORM gateway.refuse('money_used_once', format('payment %s: so much of it is not free', paid.payment_pk));
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER break_decision_uses BEFORE INSERT ON gateway.break_decision
    FOR EACH ROW WHEN (NEW.kind IN ('link', 'attribute', 'refund')) EXECUTE FUNCTION gateway.use_once();

-- A refund and an attribution of money that was booked from a line, also where a notice of it came since. What a machine asks for
-- (a dossier was refused) is stored, and looked at when a person proposes it.
CREATE FUNCTION gateway.given_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    entry bigint := (SELECT entry_pk FROM gateway.payment WHERE payment_pk = NEW.payment_pk);
BEGIN
    IF entry IS NULL THEN
        IF gateway.line_given(NEW.payment_pk) IS NOT NULL THEN
            PERFORM gateway.refuse('money_used_once', format('payment %s: its line was given away before', NEW.payment_pk));
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM gateway.require_unused(entry);
    ELSE
        -- A notice that pays nothing since does not hinder what was given before it: the notice's money goes nowhere.
        PERFORM FROM gateway.statement_entry WHERE entry_pk = entry FOR UPDATE;
        IF EXISTS (SELECT FROM gateway.link_now l WHERE l.entry_pks @> ARRAY[entry] AND l.partner = NEW.partner)
           OR EXISTS (SELECT FROM gateway.payment p WHERE p.payment_pk = ANY (gateway.on_record(entry, '{}')) AND p.allocated + p.refunding > 0) THEN
            PERFORM gateway.refuse('money_used_once', format('entry %s: its money has another use', entry));
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_a_use BEFORE INSERT ON gateway.refund
    FOR EACH ROW WHEN (NEW.requested_by <> '') EXECUTE FUNCTION gateway.given_once();
CREATE TRIGGER refund_a_use_still BEFORE UPDATE OF state ON gateway.refund
    FOR EACH ROW WHEN (OLD.state IN ('requested', 'proposed') AND NEW.state IN ('proposed', 'approved')) EXECUTE FUNCTION gateway.given_once();
CREATE TRIGGER attribution_uses BEFORE INSERT ON gateway.attribution FOR EACH ROW EXECUTE FUNCTION gateway.given_once();

REVOKE ALL ON FUNCTION gateway.promised, gateway.rows_of_entry, gateway.on_record, gateway.entry_use, gateway.line_given, gateway.require_unused FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.promised, gateway.rows_of_entry, gateway.on_record, gateway.entry_use, gateway.line_given TO gateway_console;
GRANT SELECT ON gateway.link_now TO gateway_console, gateway_worker, gateway_auditor;
