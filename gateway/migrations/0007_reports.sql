-- Reports that people sign, and what left the house. Everything here is only ever added to.

-- Whose certificate it is, and what that person signs as. The latest row of a thumbprint decides.
CREATE TABLE gateway.person_certificate (
    certificate_pk  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person          text NOT NULL CHECK (person <> ''),
    signs_as        text NOT NULL CHECK (signs_as IN ('lap_bieu', 'ke_toan_truong', 'thu_truong')),
    subject         text NOT NULL CHECK (subject <> ''),
    serial          text NOT NULL,
    thumbprint      text NOT NULL CHECK (thumbprint ~ '^[0-9a-f]{64}$'),
    not_after       timestamptz NOT NULL,
    in_force        boolean NOT NULL,               -- false: withdrawn
    by_user         text NOT NULL CHECK (by_user <> ''),
    at              timestamptz NOT NULL,
    CONSTRAINT person_certificate_two_people CHECK (lower(by_user) <> lower(person) OR NOT in_force)
);
CREATE INDEX person_certificate_of ON gateway.person_certificate (lower(person), certificate_pk);
COMMENT ON COLUMN gateway.person_certificate.subject IS 'personal:name';

CREATE TABLE gateway.report_document (
    document_pk     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('day_minutes', 'month_minutes')),
    partner         text NOT NULL,
    period          text NOT NULL CHECK (period ~ '^\d{4}-\d{2}(-\d{2})?$'),
    version         int NOT NULL CHECK (version > 0),
    snapshot_sha256 text NOT NULL CHECK (snapshot_sha256 ~ '^[0-9a-f]{64}$'),  -- the figures that the document states
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content         bytea NOT NULL,                 -- with empty fields, as it is signed
    made_by         text NOT NULL CHECK (made_by <> ''),
    made_at         timestamptz NOT NULL,
    UNIQUE (partner, kind, period, version)
);
COMMENT ON COLUMN gateway.report_document.content IS 'personal:report';

-- A believed signature, and the whole file as it was uploaded. The partner's countersignature stands beside ours.
CREATE TABLE gateway.report_signature (
    signature_pk    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_pk     bigint NOT NULL REFERENCES gateway.report_document,
    step            int NOT NULL CHECK (step BETWEEN 1 AND 4),
    field           text NOT NULL,
    person          text NOT NULL CHECK (person <> ''),         -- the signer; for the partner, who filed its copy
    subject         text NOT NULL,
    serial          text NOT NULL,
    thumbprint      text NOT NULL CHECK (thumbprint ~ '^[0-9a-f]{64}$'),
    signed_at       timestamptz,                                -- as the signer's machine says
    accepted_at     timestamptz NOT NULL,
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content         bytea NOT NULL,
    UNIQUE (document_pk, step),
    UNIQUE (document_pk, field),
    CONSTRAINT report_signature_order CHECK ((step, field) IN
        ((1, 'lap_bieu'), (2, 'ke_toan_truong'), (3, 'thu_truong'), (4, 'doi_tac')))
);
-- Nobody signs for two offices.
CREATE UNIQUE INDEX report_signature_one_office ON gateway.report_signature (document_pk, lower(person)) WHERE step < 4;
COMMENT ON COLUMN gateway.report_signature.subject IS 'personal:name';
COMMENT ON COLUMN gateway.report_signature.content IS 'personal:report';

CREATE FUNCTION gateway.sign_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    signed int;
BEGIN
    SELECT count(*) INTO signed FROM gateway.report_signature WHERE document_pk = NEW.document_pk;
    IF NEW.step <> signed + 1 THEN
        RAISE EXCEPTION 'the next signature is number %', signed + 1
            USING ERRCODE = 'check_violation', CONSTRAINT = 'report_signature_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_signature_in_order BEFORE INSERT ON gateway.report_signature
    FOR EACH ROW EXECUTE FUNCTION gateway.sign_in_order();

-- What was sent, byte for byte, to whom and by what way.
CREATE TABLE gateway.report_delivery (
    delivery_pk     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner         text NOT NULL,
    period          text NOT NULL,
    way             text NOT NULL CHECK (way IN ('mail', 'sftp')),
    recipient       text NOT NULL CHECK (recipient <> ''),
    file_name       text NOT NULL CHECK (file_name <> ''),
    size            bigint NOT NULL CHECK (size >= 0),
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content         bytea NOT NULL,
    sent_by         text NOT NULL CHECK (sent_by <> ''),
    sent_at         timestamptz NOT NULL
);
CREATE INDEX report_delivery_of ON gateway.report_delivery (partner, period, delivery_pk);
COMMENT ON COLUMN gateway.report_delivery.recipient IS 'personal:email';
COMMENT ON COLUMN gateway.report_delivery.content IS 'personal:report';

CREATE TRIGGER person_certificate_frozen BEFORE UPDATE OR DELETE ON gateway.person_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_document_frozen BEFORE UPDATE OR DELETE ON gateway.report_document
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_signature_frozen BEFORE UPDATE OR DELETE ON gateway.report_signature
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();
CREATE TRIGGER report_delivery_frozen BEFORE UPDATE OR DELETE ON gateway.report_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

GRANT SELECT, INSERT ON gateway.person_certificate, gateway.report_document, gateway.report_signature,
    gateway.report_delivery TO gateway_console;
GRANT SELECT, INSERT ON gateway.report_delivery TO gateway_worker;
GRANT SELECT ON gateway.report_document, gateway.report_signature TO gateway_worker;
GRANT SELECT ON gateway.person_certificate, gateway.report_document, gateway.report_signature, gateway.report_delivery
    TO gateway_auditor;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gateway TO gateway_worker, gateway_console;
