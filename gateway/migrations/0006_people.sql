-- What people look for, and what is kept about their looking: search indexes, the log of revealed and exported personal
-- data, and the one way in which personal data leaves before its time.

-- Trusted extension: the owner of the database may create it, a superuser is not needed. Where it is there it stays.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA gateway;

-- Small letters without diacritics (đ folded too), one space between words. ``gateway.application.personal.folded`` is its twin.
CREATE FUNCTION gateway.folded(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(translate(btrim(regexp_replace(regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g'), '\s+', ' ', 'g')),
                           'đĐ', 'dd'))
$$;

-- A dossier code as people type it: without its leading organisation digits, dots and dashes (the twin of dossier_stripped).
CREATE FUNCTION gateway.stripped_code(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(regexp_replace(value, '^[0-9.]+', ''), '[^A-Z0-9]', '', 'g')
$$;

DO $$
DECLARE trigram text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                          WHERE e.extname = 'pg_trgm');
BEGIN
    EXECUTE format('CREATE INDEX dossier_owner ON gateway.dossier USING gin (gateway.folded(owner_name) %I.gin_trgm_ops)', trigram);
END $$;
CREATE INDEX dossier_by_code ON gateway.dossier (gateway.stripped_code(dossier_code) text_pattern_ops);
CREATE INDEX dossier_by_end ON gateway.dossier (reverse(gateway.stripped_code(dossier_code)) text_pattern_ops);
CREATE INDEX dossier_newest ON gateway.dossier (submitted_at, dossier_code);
CREATE INDEX dossier_owner_id ON gateway.dossier (owner_id_number);
CREATE INDEX fee_by_amount ON gateway.fee (amount, requested_at, fee_pk);
CREATE INDEX payment_by_amount ON gateway.payment (amount, paid_at, payment_pk);
CREATE INDEX payment_by_transaction ON gateway.payment (partner_transaction_id, paid_at, payment_pk) WHERE partner_transaction_id <> '';
CREATE INDEX refund_dossier ON gateway.refund (dossier_code) WHERE dossier_code IS NOT NULL;
CREATE INDEX statement_entry_by_amount ON gateway.statement_entry (abs(amount), booked_on, entry_pk);
CREATE INDEX statement_entry_words ON gateway.statement_entry USING gin (string_to_array(tokens || ' ' || keys, ' '));
CREATE INDEX statement_entry_text ON gateway.statement_entry USING gin (to_tsvector('simple', gateway.folded(text)));
CREATE INDEX statement_newest ON gateway.statement (loaded_at, statement_pk);

-- Every personal field that a person looked at unmasked, with the reason that the person gave.
CREATE TABLE gateway.reveal_log (
    reveal_pk       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL,
    subject         text NOT NULL,                  -- 'dossier:H49.12-20261123-0000001', 'payment:17'
    field           text NOT NULL,
    class           text NOT NULL,
    reason          text NOT NULL CHECK (length(btrim(reason)) >= 5)
);
CREATE INDEX reveal_log_subject ON gateway.reveal_log (subject, reveal_pk);

-- Every file that left the pages: what, how many rows, and the digest by which it is recognised again.
CREATE TABLE gateway.export_log (
    export_pk       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL,
    what            text NOT NULL CHECK (btrim(what) <> ''),
    row_count       int NOT NULL CHECK (row_count >= 0),
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    filters         jsonb NOT NULL DEFAULT '{}'
);

-- Requests of data subjects and what was done. Who asked is known by the last digits only: the log must not be a register.
CREATE TABLE gateway.subject_log (
    step_pk         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act             text NOT NULL CHECK (act IN ('list', 'erase', 'retention')),
    by_user         text NOT NULL CHECK (btrim(by_user) <> ''),
    at              timestamptz NOT NULL,
    subject         text NOT NULL,                  -- masked
    reason          text NOT NULL CHECK (length(btrim(reason)) >= 5),
    dossier_code    text,                           -- erase, retention: one row per dossier
    fields          text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX subject_log_dossier ON gateway.subject_log (dossier_code) WHERE dossier_code IS NOT NULL;

CREATE TRIGGER reveal_log_frozen BEFORE UPDATE OR DELETE ON gateway.reveal_log
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER export_log_frozen BEFORE UPDATE OR DELETE ON gateway.export_log
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER subject_log_frozen BEFORE UPDATE OR DELETE ON gateway.subject_log
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

-- Why a dossier's contact data is still needed; '' when nothing needs it.
CREATE FUNCTION gateway.contact_needed(code text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN d.status NOT IN (3, 7, 8, 10) THEN 'in-process'
        WHEN EXISTS (SELECT FROM gateway.fee f WHERE f.dossier_code = d.dossier_code AND f.state = 'due') THEN 'fee-due'
        WHEN EXISTS (SELECT FROM gateway.refund r WHERE r.dossier_code = d.dossier_code
                      AND r.state NOT IN ('debited', 'returned', 'rejected', 'refused')) THEN 'refund-open'
        WHEN EXISTS (SELECT FROM gateway.postal_order o WHERE o.dossier_code = d.dossier_code
                      AND o.state NOT IN ('refused', 'cancelled', 'collected', 'delivered', 'returned')) THEN 'post-under-way'
        ELSE '' END
      FROM gateway.dossier d WHERE d.dossier_code = code
$$;

-- The only way in which personal data is erased: contact data of dossiers that nothing needs any more is replaced by a
-- marker; name and CCCD too where no money was ever taken (what accounting law requires to keep is kept). Logged per dossier.
CREATE FUNCTION gateway.erase_contact(codes text[], act text, by_user text, subject text, reason text, at timestamptz)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    marker CONSTANT text := '[đã xóa]';
    code text;
    moneyless boolean;
BEGIN
    FOR code IN SELECT d.dossier_code FROM gateway.dossier d WHERE d.dossier_code = ANY (codes)
                 ORDER BY d.dossier_code FOR UPDATE LOOP
        CONTINUE WHEN gateway.contact_needed(code) <> '';
        moneyless := NOT EXISTS (SELECT FROM gateway.payment p WHERE p.dossier_code = code)
            AND NOT EXISTS (SELECT FROM gateway.payment_allocation a JOIN gateway.fee f USING (fee_pk) WHERE f.dossier_code = code);
        UPDATE gateway.dossier d
           SET phone = CASE WHEN d.phone = '' THEN '' ELSE marker END,
               email = CASE WHEN d.email = '' THEN '' ELSE marker END,
               address = CASE WHEN d.address = '' THEN '' ELSE marker END,
               deliver_to = CASE WHEN d.deliver_to IS NOT NULL THEN jsonb_build_object('erased', true) END,
               owner_name = CASE WHEN moneyless THEN marker ELSE d.owner_name END,
               owner_id_number = CASE WHEN moneyless THEN marker ELSE d.owner_id_number END
         WHERE d.dossier_code = code;
        INSERT INTO gateway.subject_log (act, by_user, at, subject, reason, dossier_code, fields)
        VALUES (erase_contact.act, erase_contact.by_user, erase_contact.at, erase_contact.subject, erase_contact.reason, code,
                ARRAY['phone', 'email', 'address', 'deliver_to']
                || CASE WHEN moneyless THEN ARRAY['owner_name', 'owner_id_number'] ELSE ARRAY[]::text[] END);
        RETURN NEXT code;
    END LOOP;
END $$;

-- The original bytes of a statement or remittance, and of nothing else, for those at the console.
CREATE FUNCTION gateway.statement_original(wanted bigint) RETURNS TABLE (body bytea, signature bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT b.body, b.signature FROM gateway.message m JOIN gateway.message_body b ON (b.month, b.message_pk) = (m.body_month, m.message_pk)
     WHERE m.message_pk = wanted
       AND (EXISTS (SELECT FROM gateway.statement s WHERE s.message_pk = wanted)
            OR EXISTS (SELECT FROM gateway.remittance r WHERE r.message_pk = wanted))
$$;
CREATE INDEX statement_message ON gateway.statement (message_pk);
CREATE INDEX remittance_message ON gateway.remittance (message_pk);

REVOKE ALL ON FUNCTION gateway.erase_contact, gateway.statement_original FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.erase_contact, gateway.statement_original TO gateway_console;
GRANT SELECT, INSERT ON gateway.reveal_log, gateway.export_log TO gateway_console;
GRANT SELECT ON gateway.subject_log TO gateway_console;
GRANT INSERT (act, by_user, at, subject, reason) ON gateway.subject_log TO gateway_console;
GRANT SELECT ON gateway.reveal_log, gateway.export_log, gateway.subject_log TO gateway_auditor;
