-- The life of refunds to its end, what cashiers counted, what went to the treasury, and months.
-- What people record here is added to, never edited; a correction is a new row that names the one it replaces.

-- What was transferred to the treasury (form C1-02/NS, domain.md 6.3). It covers the payments of one account and period.
CREATE TABLE gateway.treasury_voucher (
    voucher_pk          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voucher_number      text NOT NULL CHECK (voucher_number <> ''),     -- số giấy nộp tiền
    form_code           text NOT NULL,                                  -- mã hiệu
    document_number     text NOT NULL,                                  -- số chứng từ
    reference           text NOT NULL,                                  -- số tham chiếu
    method              text NOT NULL CHECK (method IN ('transfer', 'cash')),
    payer_name          text NOT NULL CHECK (payer_name <> ''),
    payer_tax_code      text NOT NULL,
    payer_address       text NOT NULL,
    partner             text NOT NULL CHECK (partner <> ''),            -- the bank that is debited
    account             text NOT NULL CHECK (account <> ''),            -- số tài khoản trích
    collects_as         text NOT NULL,                                  -- loại tài khoản thu
    treasury_account    text NOT NULL CHECK (treasury_account <> ''),
    treasury_name       text NOT NULL CHECK (treasury_name <> ''),
    authority           text NOT NULL,                                  -- cơ quan quản lý thu
    unit_code           text NOT NULL,
    paid_on             date NOT NULL,
    covers_from         date NOT NULL,
    covers_to           date NOT NULL,
    total               bigint NOT NULL CHECK (total > 0),
    recorded_by         text NOT NULL CHECK (recorded_by <> ''),
    recorded_at         timestamptz NOT NULL,
    cancelled_by        text,
    cancelled_at        timestamptz,
    cancelled_reason    text,
    CONSTRAINT treasury_voucher_period CHECK (covers_from <= covers_to AND covers_to <= paid_on),
    CONSTRAINT treasury_voucher_cancelled_for_a_reason CHECK (
        (cancelled_by IS NULL) = (cancelled_at IS NULL) AND (cancelled_by IS NULL) = (coalesce(cancelled_reason, '') = ''))
);
CREATE UNIQUE INDEX treasury_voucher_known ON gateway.treasury_voucher (account, voucher_number) WHERE cancelled_at IS NULL;
CREATE INDEX treasury_voucher_day ON gateway.treasury_voucher (paid_on);
COMMENT ON COLUMN gateway.treasury_voucher.account IS 'personal:account';

CREATE TABLE gateway.treasury_voucher_item (
    voucher_pk      bigint NOT NULL REFERENCES gateway.treasury_voucher,
    line_no         int NOT NULL CHECK (line_no > 0),
    kind            text NOT NULL CHECK (kind IN ('phi', 'le_phi')),    -- postage is VNPost's and goes to no treasury
    document        text NOT NULL,                                      -- số tờ khai, quyết định
    period          text NOT NULL,                                      -- kỳ, ngày
    content         text NOT NULL,
    chapter         text NOT NULL CHECK (chapter ~ '^[0-9]{3}$'),       -- mã chương
    subitem         text NOT NULL CHECK (subitem ~ '^[0-9]{4}$'),       -- mã nội dung kinh tế (tiểu mục)
    amount          bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (voucher_pk, line_no)
);

CREATE FUNCTION gateway.voucher_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    listed bigint;
BEGIN
    SELECT coalesce(sum(amount), 0) INTO listed FROM gateway.treasury_voucher_item WHERE voucher_pk = NEW.voucher_pk;
    IF listed <> (SELECT total FROM gateway.treasury_voucher WHERE voucher_pk = NEW.voucher_pk) THEN
        RAISE EXCEPTION 'the items of voucher % add up to %', NEW.voucher_pk, listed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treasury_voucher_adds_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER treasury_voucher_adds_up AFTER INSERT ON gateway.treasury_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gateway.voucher_adds_up();
CREATE CONSTRAINT TRIGGER treasury_voucher_item_adds_up AFTER INSERT ON gateway.treasury_voucher_item
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gateway.voucher_adds_up();

CREATE FUNCTION gateway.recorded_by_maker() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := coalesce(to_jsonb(NEW) ->> 'recorded_by', to_jsonb(NEW) ->> 'counted_by');
BEGIN
    IF NOT gateway.has_role(who, 'finance_maker') THEN
        PERFORM gateway.refuse('recorded_by_maker', format('%s may not record this', who));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_voucher_by_maker BEFORE INSERT ON gateway.treasury_voucher
    FOR EACH ROW EXECUTE FUNCTION gateway.recorded_by_maker();

CREATE FUNCTION gateway.voucher_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.cancelled_at IS NOT NULL OR
       (to_jsonb(NEW) - '{cancelled_by,cancelled_at,cancelled_reason}'::text[]) IS DISTINCT FROM
       (to_jsonb(OLD) - '{cancelled_by,cancelled_at,cancelled_reason}'::text[]) THEN
        RAISE EXCEPTION 'voucher %: what was recorded does not change', OLD.voucher_pk
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treasury_voucher_is_a_fact';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_voucher_is_a_fact BEFORE UPDATE ON gateway.treasury_voucher
    FOR EACH ROW EXECUTE FUNCTION gateway.voucher_is_a_fact();
CREATE TRIGGER treasury_voucher_stays BEFORE DELETE ON gateway.treasury_voucher
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER treasury_voucher_item_stays BEFORE UPDATE OR DELETE ON gateway.treasury_voucher_item
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

-- Refunds: by which way the money goes back, and what proves that it did.
ALTER TABLE gateway.refund
    ADD COLUMN route            text NOT NULL DEFAULT 'bank' CHECK (route IN ('bank', 'treasury', 'hand')),
    ADD COLUMN requested_by     text NOT NULL DEFAULT '',       -- '' for a machine
    ADD COLUMN ended_by         text,                           -- who rejected it, or said that it was not paid
    ADD COLUMN ended_reason     text NOT NULL DEFAULT '',
    ADD COLUMN document_number  text NOT NULL DEFAULT '',       -- of the treasury, or the slip of the agency
    ADD COLUMN document_on      date,
    ADD COLUMN paid_by          text,
    ADD COLUMN debit_entry_pk   bigint REFERENCES gateway.statement_entry,
    ADD COLUMN debited_on       date,
    ADD COLUMN return_entry_pk  bigint REFERENCES gateway.statement_entry,
    ADD COLUMN returned_on      date,
    ADD COLUMN receipt_mark     text NOT NULL DEFAULT '' CHECK (receipt_mark IN ('', 'cancel', 'adjust')),
    ADD COLUMN receipt_document text NOT NULL DEFAULT '',
    ADD COLUMN receipt_done_by  text,
    ADD COLUMN receipt_done_at  timestamptz,
    ADD CONSTRAINT refund_only_a_bank_is_sent_orders CHECK (route = 'bank' OR state NOT IN ('sent', 'in_doubt')),
    ADD CONSTRAINT refund_end_is_proven CHECK (state NOT IN ('debited', 'returned')
        OR (route = 'bank' AND (debit_entry_pk IS NOT NULL OR (state = 'returned' AND return_entry_pk IS NOT NULL)))
        OR (route <> 'bank' AND document_number <> '' AND document_on IS NOT NULL AND paid_by IS NOT NULL)),
    ADD CONSTRAINT refund_receipt_done_is_marked CHECK (
        (receipt_done_by IS NULL) = (receipt_done_at IS NULL) AND (receipt_done_by IS NULL OR receipt_mark <> ''));
CREATE UNIQUE INDEX refund_debit ON gateway.refund (debit_entry_pk) WHERE debit_entry_pk IS NOT NULL;
CREATE UNIQUE INDEX refund_return ON gateway.refund (return_entry_pk) WHERE return_entry_pk IS NOT NULL;
CREATE INDEX refund_receipts ON gateway.refund (refund_pk) WHERE receipt_mark <> '' AND receipt_done_at IS NULL;
CREATE INDEX statement_entry_of_refund ON gateway.statement_entry (tokens) WHERE tokens LIKE 'HT%';

-- Where the money of a payment is now decides who pays it back; nobody chooses. A bank is ordered to give back a payment
-- that it knows by our reference and its own number; money that named none goes back by an order of the agency.
CREATE FUNCTION gateway.refund_route(paid bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM gateway.treasury_voucher v WHERE v.account = p.account AND p.account <> ''
                        AND v.cancelled_at IS NULL AND p.business_on BETWEEN v.covers_from AND v.covers_to) THEN 'treasury'
        WHEN p.partner <> '' AND p.channel IN ('internet_banking', 'qr', 'pos') AND p.reference <> ''
             AND p.partner_transaction_id <> '' THEN 'bank'
        ELSE 'hand' END
      FROM gateway.payment p WHERE p.payment_pk = paid
$$;

CREATE FUNCTION gateway.refund_way() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    given_back bigint;
    received bigint;
BEGIN
    IF TG_OP = 'INSERT' OR (NEW.state <> OLD.state AND NEW.state IN ('proposed', 'approved')) THEN
        NEW.route := coalesce(gateway.refund_route(NEW.payment_pk), 'bank');
    ELSIF NEW.route <> OLD.route THEN
        RAISE EXCEPTION 'refund %: where the money is decides its way', OLD.refund_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_way';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state THEN
        IF NEW.state = 'approved' THEN
            SELECT coalesce(sum(amount), 0) INTO given_back FROM gateway.refund WHERE payment_pk = NEW.payment_pk
                AND refund_pk <> NEW.refund_pk AND state IN ('approved', 'sent', 'in_doubt', 'debited');
            SELECT amount INTO received FROM gateway.payment WHERE payment_pk = NEW.payment_pk;
            NEW.receipt_mark := CASE WHEN given_back + NEW.amount >= received THEN 'cancel' ELSE 'adjust' END;
        ELSIF NEW.state IN ('returned', 'refused') AND NEW.receipt_done_at IS NULL THEN
            NEW.receipt_mark := '';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_way BEFORE INSERT OR UPDATE ON gateway.refund FOR EACH ROW EXECUTE FUNCTION gateway.refund_way();

-- At the console a refund is moved by people who have the role for it.
CREATE FUNCTION gateway.refund_by_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'gateway_console' AND (
           NEW.state = 'proposed' AND NOT gateway.has_role(NEW.proposed_by, 'finance_maker')
        OR NEW.state = 'approved' AND NOT gateway.has_role(NEW.approved_by, 'finance_checker')
        OR NEW.state = 'debited' AND NOT gateway.has_role(NEW.paid_by, 'finance_maker')
        OR NEW.state IN ('sent', 'in_doubt', 'returned')) THEN
        PERFORM gateway.refuse('refund_by_role', format('refund %s does not become %s by this person', OLD.refund_id, NEW.state));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_by_role BEFORE UPDATE OF state ON gateway.refund
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION gateway.refund_by_role();

-- What a cashier counted at the end of a day, by receipt book.
CREATE TABLE gateway.cash_count (
    count_pk        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cashier         text NOT NULL CHECK (cashier <> ''),
    business_on     date NOT NULL,
    unit_code       text NOT NULL CHECK (unit_code <> ''),
    receipt_series  text NOT NULL CHECK (receipt_series <> ''),
    first_number    text NOT NULL CHECK (first_number ~ '^[0-9]{1,12}$'),
    last_number     text NOT NULL CHECK (last_number ~ '^[0-9]{1,12}$'),
    receipt_count   int NOT NULL CHECK (receipt_count > 0),
    amount          bigint NOT NULL CHECK (amount > 0),
    counted_by      text NOT NULL CHECK (counted_by <> ''),
    counted_at      timestamptz NOT NULL,
    corrects        bigint UNIQUE REFERENCES gateway.cash_count,
    reason          text NOT NULL DEFAULT '',
    CONSTRAINT cash_count_range CHECK (receipt_count <= last_number::bigint - first_number::bigint + 1),
    CONSTRAINT cash_count_corrected_for_a_reason CHECK ((corrects IS NULL) = (reason = ''))
);
CREATE UNIQUE INDEX cash_count_once ON gateway.cash_count (business_on, cashier, unit_code, receipt_series) WHERE corrects IS NULL;
CREATE FUNCTION gateway.count_stays_where_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.corrects IS NOT NULL AND NOT EXISTS (
        SELECT FROM gateway.cash_count c WHERE c.count_pk = NEW.corrects
           AND (c.business_on, c.cashier, c.unit_code, c.receipt_series)
             = (NEW.business_on, NEW.cashier, NEW.unit_code, NEW.receipt_series)) THEN
        RAISE EXCEPTION 'a correction is of the same cashier, day, unit and receipt book'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cash_count_of_the_same';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cash_count_of_the_same BEFORE INSERT ON gateway.cash_count
    FOR EACH ROW EXECUTE FUNCTION gateway.count_stays_where_it_is();
CREATE TRIGGER cash_count_by_maker BEFORE INSERT ON gateway.cash_count
    FOR EACH ROW EXECUTE FUNCTION gateway.recorded_by_maker();
CREATE TRIGGER cash_count_stays BEFORE UPDATE OR DELETE ON gateway.cash_count
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE INDEX payment_counter ON gateway.payment (business_on, cashier, receipt_series) WHERE source = 'counter';

-- The counts that no correction replaced. Re-judging a day reads them as of when they were counted.
CREATE VIEW gateway.cash_counted AS
    SELECT c.* FROM gateway.cash_count c WHERE NOT EXISTS (SELECT FROM gateway.cash_count n WHERE n.corrects = c.count_pk);

GRANT SELECT, INSERT ON gateway.treasury_voucher, gateway.treasury_voucher_item, gateway.cash_count TO gateway_console;
GRANT UPDATE (cancelled_by, cancelled_at, cancelled_reason) ON gateway.treasury_voucher TO gateway_console;
GRANT INSERT (refund_id, payment_pk, dossier_code, partner, amount, reason, requested_at, requested_by) ON gateway.refund
    TO gateway_console;
GRANT UPDATE (ended_by, ended_reason, document_number, document_on, paid_by, receipt_document, receipt_done_by, receipt_done_at)
    ON gateway.refund TO gateway_console;
GRANT UPDATE (debit_entry_pk, debited_on, return_entry_pk, returned_on) ON gateway.refund TO gateway_worker;
GRANT SELECT ON gateway.treasury_voucher, gateway.treasury_voucher_item, gateway.cash_count, gateway.cash_counted
    TO gateway_worker, gateway_auditor;
GRANT SELECT ON gateway.cash_counted TO gateway_console;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gateway TO gateway_console;

-- A given-up order of a refund may be sent again by a person only while the refund itself is in doubt: one that the bank
-- refused gave its money free, one that a statement shows is paid.
CREATE FUNCTION gateway.refund_sent_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT FROM gateway.refund WHERE refund_id = NEW.transaction_id AND state <> 'in_doubt') THEN
        RAISE EXCEPTION 'refund % is not in doubt any more: its order is not sent again', NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_sent_again';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_of_refund BEFORE UPDATE OF state ON gateway.message
    FOR EACH ROW WHEN (OLD.state = 'given_up' AND NEW.state = 'waiting' AND NEW.kind = 'refund')
    EXECUTE FUNCTION gateway.refund_sent_again();

-- A month of a partner, once it is closed: it is added once and never reopened. What comes later stands in the open month.
CREATE TABLE gateway.recon_month (
    partner         text NOT NULL,
    month           date NOT NULL CHECK (extract(day FROM month) = 1),
    closed_by       text NOT NULL CHECK (btrim(closed_by) <> ''),
    closed_at       timestamptz NOT NULL,
    minutes         bytea NOT NULL,                 -- canonical JSON: what the minutes say
    minutes_sha256  text NOT NULL,
    PRIMARY KEY (partner, month),
    CONSTRAINT recon_month_minutes CHECK (encode(sha256(minutes), 'hex') = minutes_sha256)
);

-- Which version of each day a month counts; "replaces" is the version that an earlier month counted (a correction).
CREATE TABLE gateway.recon_month_day (
    partner         text NOT NULL,
    month           date NOT NULL,
    business_on     date NOT NULL,
    version         int NOT NULL,
    replaces        int,
    PRIMARY KEY (partner, month, business_on),
    FOREIGN KEY (partner, month) REFERENCES gateway.recon_month,
    FOREIGN KEY (partner, business_on, version) REFERENCES gateway.recon_version (partner, business_on, version),
    CONSTRAINT recon_month_day_correction CHECK ((replaces IS NOT NULL) = (business_on < month))
);
CREATE INDEX recon_month_day_of ON gateway.recon_month_day (partner, business_on, month);

-- brought in + new - solved = carried out. A half is the other side of an item, booked on another day: it is no item.
CREATE TABLE gateway.recon_month_item (
    partner         text NOT NULL,
    month           date NOT NULL,
    business_on     date NOT NULL,
    row_key         text NOT NULL,
    outcome         text NOT NULL,
    reference       text NOT NULL,
    our_amount      bigint NOT NULL,
    their_amount    bigint NOT NULL,
    origin          text NOT NULL CHECK (origin IN ('brought_in', 'new')),
    fate            text NOT NULL CHECK (fate IN ('solved', 'carried', 'half')),
    how             text NOT NULL,                  -- the decision, 'counterpart' or 'correction'; '' where it is carried
    other_on        date,                           -- the day of the other half
    other_key       text,
    PRIMARY KEY (partner, month, business_on, row_key),
    FOREIGN KEY (partner, month) REFERENCES gateway.recon_month,
    CONSTRAINT recon_month_item_how CHECK ((fate = 'carried') = (how = ''))
);
CREATE INDEX recon_month_item_of ON gateway.recon_month_item (partner, business_on, row_key, month);

CREATE FUNCTION gateway.check_month() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT gateway.has_role(NEW.closed_by, 'finance_checker') THEN
        PERFORM gateway.refuse('month_by_checker', format('%s may not close a month', NEW.closed_by));
    END IF;
    IF EXISTS (SELECT FROM gateway.recon_day WHERE partner = NEW.partner AND state <> 'approved'
                  AND business_on < (NEW.month + interval '1 month')::date) THEN
        RAISE EXCEPTION 'a day of the month, or an older one, is not approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'month_days_approved';
    END IF;
    IF EXISTS (SELECT FROM gateway.recon_month WHERE partner = NEW.partner AND month > NEW.month) THEN
        RAISE EXCEPTION 'a later month is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'month_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recon_month_closes BEFORE INSERT ON gateway.recon_month
    FOR EACH ROW EXECUTE FUNCTION gateway.check_month();
CREATE TRIGGER recon_month_stays BEFORE UPDATE OR DELETE ON gateway.recon_month
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER recon_month_day_stays BEFORE UPDATE OR DELETE ON gateway.recon_month_day
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER recon_month_item_stays BEFORE UPDATE OR DELETE ON gateway.recon_month_item
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

GRANT SELECT, INSERT ON gateway.recon_month, gateway.recon_month_day, gateway.recon_month_item TO gateway_console;
GRANT SELECT ON gateway.recon_month, gateway.recon_month_day, gateway.recon_month_item TO gateway_worker, gateway_auditor;
