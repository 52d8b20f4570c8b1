-- Retention by a machine, erasures that later events do not undo, and reports that are kept for the legal term.

-- The key of the marks below: drawn here, read by no role. A mark names nobody; whoever holds the key and a number can
-- tell whether that number's erasure was asked for, and no more.
CREATE TABLE gateway.erasure_key (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    key     bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO gateway.erasure_key (key)
    SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
REVOKE ALL ON gateway.erasure_key FROM gateway_auditor;

-- Whose erasure was asked for, and when: what was kept then because something needed it goes as soon as nothing does.
CREATE TABLE gateway.erasure_mark (
    mark        bytea NOT NULL CHECK (length(mark) = 32),
    asked_at    timestamptz NOT NULL,
    PRIMARY KEY (mark, asked_at)
);
CREATE TRIGGER erasure_mark_frozen BEFORE UPDATE OR DELETE ON gateway.erasure_mark
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

-- A keyed hash (the key has a fixed length and is used inside and outside, as HMAC does).
CREATE FUNCTION gateway.mark_of(id_number text) RETURNS bytea LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog AS $$
    SELECT sha256(k.key || sha256(k.key || convert_to(id_number, 'UTF8'))) FROM gateway.erasure_key k
$$;
CREATE FUNCTION gateway.mark_erasure(id_number text, at timestamptz) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS $$
    INSERT INTO gateway.erasure_mark (mark, asked_at) VALUES (gateway.mark_of(id_number), at) ON CONFLICT DO NOTHING
$$;

-- Dossiers whose contact data goes now: they ended more than so many years ago, or their owner asked for it before.
CREATE FUNCTION gateway.contact_due(years int, at timestamptz, most int) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH marked AS (SELECT mark, max(asked_at) AS asked_at FROM gateway.erasure_mark GROUP BY mark),
    ended AS (SELECT d.dossier_code, d.submitted_at, d.status_at, d.owner_id_number FROM gateway.dossier d
               WHERE d.status IN (3, 7, 8, 10) AND (d.phone, d.email, d.address) <> ('', '', '')
                 AND NOT EXISTS (SELECT FROM gateway.subject_log l WHERE l.dossier_code = d.dossier_code))
    SELECT e.dossier_code FROM ended e
     WHERE gateway.contact_needed(e.dossier_code) = ''
       AND (e.submitted_at < at - make_interval(years => years) AND e.status_at < at - make_interval(years => years)
            OR EXISTS (SELECT FROM marked) AND EXISTS (SELECT FROM marked m WHERE m.mark = gateway.mark_of(e.owner_id_number)
                                                          AND e.submitted_at <= m.asked_at))
     ORDER BY e.submitted_at, e.dossier_code LIMIT most
$$;

-- What a machine may erase: only what is due, and never by a shorter term than a year.
CREATE FUNCTION gateway.erase_due(years int, by_user text, at timestamptz, most int) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF years < 1 THEN
        RAISE EXCEPTION 'contact data is kept for a year at least' USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_term';
    END IF;
    RETURN QUERY SELECT * FROM gateway.erase_contact(ARRAY(SELECT gateway.contact_due(years, at, most)), 'retention', by_user, '',
                                                     'hết thời hạn lưu dữ liệu liên hệ', at);
END $$;

-- What was erased stays erased: an event that tells a dossier again does not fill it.
CREATE FUNCTION gateway.stays_erased() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    marker CONSTANT text := '[đã xóa]';
    gone text[];
BEGIN
    SELECT l.fields INTO gone FROM gateway.subject_log l
     WHERE l.dossier_code = NEW.dossier_code ORDER BY cardinality(l.fields) DESC LIMIT 1;
    IF gone IS NULL THEN
        RETURN NEW;
    END IF;
    NEW.phone := CASE WHEN NEW.phone = '' THEN '' ELSE marker END;
    NEW.email := CASE WHEN NEW.email = '' THEN '' ELSE marker END;
    NEW.address := CASE WHEN NEW.address = '' THEN '' ELSE marker END;
    NEW.deliver_to := CASE WHEN NEW.deliver_to IS NOT NULL THEN jsonb_build_object('erased', true) END;
    IF 'owner_name' = ANY (gone) THEN
        NEW.owner_name := marker;
        NEW.owner_id_number := marker;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dossier_stays_erased BEFORE UPDATE OF owner_name, owner_id_number, phone, email, address, deliver_to
    ON gateway.dossier FOR EACH ROW EXECUTE FUNCTION gateway.stays_erased();

-- Reports and signed minutes: ten years (books and vouchers). Nobody changes them ever, nobody deletes them before; after
-- it their owner may, as an act of people. No role has the right.
CREATE FUNCTION gateway.kept_ten_years() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz > now() - interval '10 years' THEN
        RAISE EXCEPTION '% is kept for ten years', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_ten_years';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER report_document_frozen ON gateway.report_document;
DROP TRIGGER report_signature_frozen ON gateway.report_signature;
DROP TRIGGER report_delivery_frozen ON gateway.report_delivery;
CREATE TRIGGER report_document_frozen BEFORE UPDATE OR TRUNCATE ON gateway.report_document
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_signature_frozen BEFORE UPDATE OR TRUNCATE ON gateway.report_signature
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_delivery_frozen BEFORE UPDATE OR TRUNCATE ON gateway.report_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_document_kept BEFORE DELETE ON gateway.report_document
    FOR EACH ROW EXECUTE FUNCTION gateway.kept_ten_years('made_at');
CREATE TRIGGER report_signature_kept BEFORE DELETE ON gateway.report_signature
    FOR EACH ROW EXECUTE FUNCTION gateway.kept_ten_years('accepted_at');
CREATE TRIGGER report_delivery_kept BEFORE DELETE ON gateway.report_delivery
    FOR EACH ROW EXECUTE FUNCTION gateway.kept_ten_years('sent_at');

REVOKE ALL ON FUNCTION gateway.mark_of, gateway.mark_erasure, gateway.contact_due, gateway.erase_due, gateway.stays_erased
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.mark_erasure, gateway.contact_due, gateway.erase_due TO gateway_console;
GRANT EXECUTE ON FUNCTION gateway.erase_due TO gateway_worker;
