-- What a maker counted or recorded counts once a checker, another person, has confirmed it.
-- What was on record before counts as it did; it says that nobody confirmed it.
DROP TRIGGER cash_count_stays ON gateway.cash_count;
DROP TRIGGER treasury_voucher_is_a_fact ON gateway.treasury_voucher;
ALTER TABLE gateway.cash_count ADD confirmed_by text, ADD confirmed_at timestamptz;
ALTER TABLE gateway.treasury_voucher ADD confirmed_by text, ADD confirmed_at timestamptz;
UPDATE gateway.cash_count SET confirmed_by = '(trước khi có người thứ hai)', confirmed_at = counted_at;
UPDATE gateway.treasury_voucher SET confirmed_by = '(trước khi có người thứ hai)', confirmed_at = recorded_at;

ALTER TABLE gateway.cash_count
    ADD CONSTRAINT cash_count_confirmed_by_somebody CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL) AND confirmed_by <> ''),
    ADD CONSTRAINT cash_count_two_people CHECK (lower(confirmed_by) <> lower(counted_by));
ALTER TABLE gateway.treasury_voucher
    ADD CONSTRAINT treasury_voucher_confirmed_by_somebody CHECK (
        (confirmed_by IS NULL) = (confirmed_at IS NULL) AND confirmed_by <> ''),
    ADD CONSTRAINT treasury_voucher_two_people CHECK (lower(confirmed_by) <> lower(recorded_by)),
    -- What another person confirmed is taken out by another person, too.
    ADD CONSTRAINT treasury_voucher_cancelled_by_two CHECK (
        cancelled_at IS NULL OR confirmed_at IS NULL OR lower(cancelled_by) <> lower(recorded_by));

-- The only change of a row: it is confirmed, once, by a checker; a voucher may then or before be cancelled, once.
CREATE FUNCTION gateway.confirmed_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change CONSTANT text[] := '{confirmed_by,confirmed_at,cancelled_by,cancelled_at,cancelled_reason}';
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    IF after - may_change IS DISTINCT FROM before - may_change
       OR before ->> 'cancelled_at' IS NOT NULL
       OR before ->> 'confirmed_at' IS NOT NULL
          AND (after -> 'confirmed_at', after -> 'confirmed_by') IS DISTINCT FROM (before -> 'confirmed_at', before -> 'confirmed_by') THEN
        PERFORM gateway.refuse(TG_TABLE_NAME || '_is_a_fact', 'what was recorded does not change');
    END IF;
    IF NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at AND NOT gateway.has_role(NEW.confirmed_by, 'finance_checker') THEN
        PERFORM gateway.refuse('confirmed_by_checker', format('%s may not confirm this', NEW.confirmed_by));
    END IF;
    IF after ->> 'cancelled_at' IS NOT NULL AND NOT gateway.has_role(after ->> 'cancelled_by',
            VARIADIC CASE WHEN NEW.confirmed_at IS NULL THEN ARRAY['finance_maker', 'finance_checker'] ELSE ARRAY['finance_checker'] END) THEN
        PERFORM gateway.refuse('cancelled_by_role', format('%s may not cancel this', after ->> 'cancelled_by'));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cash_count_is_a_fact BEFORE UPDATE ON gateway.cash_count
    FOR EACH ROW EXECUTE FUNCTION gateway.confirmed_once();
CREATE TRIGGER treasury_voucher_is_a_fact BEFORE UPDATE ON gateway.treasury_voucher
    FOR EACH ROW EXECUTE FUNCTION gateway.confirmed_once();
CREATE TRIGGER cash_count_stays BEFORE DELETE ON gateway.cash_count
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
DROP FUNCTION gateway.voucher_is_a_fact();

-- Nothing is recorded as confirmed: that is the act of the second person.
CREATE OR REPLACE FUNCTION gateway.recorded_by_maker() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := coalesce(to_jsonb(NEW) ->> 'recorded_by', to_jsonb(NEW) ->> 'counted_by');
BEGIN
    IF NOT gateway.has_role(who, 'finance_maker') THEN
        PERFORM gateway.refuse('recorded_by_maker', format('%s may not record this', who));
    END IF;
    IF NEW.confirmed_at IS NOT NULL THEN
        PERFORM gateway.refuse('confirmed_by_checker', 'it is recorded first and confirmed by another person later');
    END IF;
    RETURN NEW;
END $$;

-- Of each book the newest count that was confirmed counts: a correction replaces its count when it is confirmed. The view
-- said otherwise, and nothing reads it any more.
DROP VIEW gateway.cash_counted;

CREATE OR REPLACE FUNCTION gateway.refund_route(paid bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM gateway.treasury_voucher v WHERE v.account = p.account AND p.account <> ''
                        AND v.confirmed_at IS NOT NULL AND v.cancelled_at IS NULL
                        AND p.business_on BETWEEN v.covers_from AND v.covers_to) THEN 'treasury'
        WHEN p.partner <> '' AND p.channel IN ('internet_banking', 'qr', 'pos') AND p.reference <> ''
             AND p.partner_transaction_id <> '' THEN 'bank'
        ELSE 'hand' END
      FROM gateway.payment p WHERE p.payment_pk = paid
$$;

GRANT UPDATE (confirmed_by, confirmed_at) ON gateway.cash_count, gateway.treasury_voucher TO gateway_console;
