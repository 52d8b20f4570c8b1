-- Who is named by an act holds the role for it, whoever asks; and every column says which personal data it may hold.

-- The person in column TG_ARGV[0] holds one of the roles that follow; the trigger's name is the name of the refusal.
CREATE FUNCTION gateway.by_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text;
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) USING NEW INTO who;
    IF NOT gateway.has_role(who, VARIADIC TG_ARGV[1:]) THEN
        PERFORM gateway.refuse(TG_NAME, format('%s may not do this', who));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_certificate_by_ops BEFORE INSERT ON gateway.person_certificate
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('by_user', 'ops');
CREATE TRIGGER report_document_by_finance BEFORE INSERT ON gateway.report_document
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('made_by', 'finance_maker', 'finance_checker');
CREATE TRIGGER report_signature_by_finance BEFORE INSERT ON gateway.report_signature
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('person', 'finance_maker', 'finance_checker');
CREATE TRIGGER decision_batch_by_finance BEFORE INSERT ON gateway.decision_batch
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('by_user', 'finance_maker', 'finance_checker');
CREATE TRIGGER reveal_log_by_role BEFORE INSERT ON gateway.reveal_log
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('by_user', 'finance_maker', 'finance_checker', 'auditor');
CREATE TRIGGER export_log_by_role BEFORE INSERT ON gateway.export_log
    FOR EACH ROW EXECUTE FUNCTION gateway.by_role('by_user', 'finance_maker', 'finance_checker', 'auditor');
CREATE TRIGGER subject_log_by_auditor BEFORE INSERT ON gateway.subject_log
    FOR EACH ROW WHEN (NEW.act = 'list') EXECUTE FUNCTION gateway.by_role('by_user', 'auditor');
-- Erasures are logged by what erases, which names the dossier; the console may not name one.
ALTER TABLE gateway.subject_log ADD CONSTRAINT subject_log_of_a_dossier CHECK (act = 'list' OR dossier_code IS NOT NULL);

-- What one of us signed is signed with a certificate that is in force for that person and office.
CREATE FUNCTION gateway.signed_by_signer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM (SELECT * FROM gateway.person_certificate WHERE thumbprint = NEW.thumbprint
                                 ORDER BY certificate_pk DESC LIMIT 1) c
                    WHERE c.in_force AND lower(c.person) = lower(NEW.person) AND c.signs_as = NEW.field) THEN
        PERFORM gateway.refuse('report_signature_by_signer', format('%s does not sign as %s with this certificate', NEW.person, NEW.field));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_signature_by_signer BEFORE INSERT ON gateway.report_signature
    FOR EACH ROW WHEN (NEW.step < 4) EXECUTE FUNCTION gateway.signed_by_signer();

-- A stopped day is released by a maker. The console changes a day in no other way.
CREATE FUNCTION gateway.released_by_maker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT gateway.has_role(NEW.released_by, 'finance_maker') THEN
        PERFORM gateway.refuse('day_released_by_maker', format('%s may not release a day', NEW.released_by));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recon_day_released BEFORE UPDATE ON gateway.recon_day FOR EACH ROW
    WHEN (current_user = 'gateway_console' OR (NEW.released_by, NEW.released_reason, NEW.released_digest)
          IS DISTINCT FROM (OLD.released_by, OLD.released_reason, OLD.released_digest))
    EXECUTE FUNCTION gateway.released_by_maker();

-- A refund is asked for, moved and ended by people who have the role for it. Whoever is named is named by the step
-- itself and stays: nobody puts another proposer under a refund so that the first one may approve it.
CREATE OR REPLACE FUNCTION gateway.refund_by_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step boolean := TG_OP = 'UPDATE' AND NEW.state IS DISTINCT FROM OLD.state;
    allowed boolean := true;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF coalesce(NEW.proposed_by, NEW.approved_by, NEW.ended_by, NEW.paid_by, NEW.receipt_done_by) IS NOT NULL THEN
            PERFORM gateway.refuse('refund_birth', 'nobody has decided about a refund that begins');
        END IF;
        IF current_user = 'gateway_console' AND NOT gateway.has_role(NEW.requested_by, 'finance_maker') THEN
            PERFORM gateway.refuse('refund_by_role', format('%s may not ask for a refund', NEW.requested_by));
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM (OLD.proposed_by, OLD.proposed_at) AND NOT (step AND NEW.state = 'proposed')
       OR (NEW.approved_by, NEW.approved_at) IS DISTINCT FROM (OLD.approved_by, OLD.approved_at) AND NOT (step AND NEW.state = 'approved')
       OR (NEW.paid_by, NEW.document_number, NEW.document_on) IS DISTINCT FROM (OLD.paid_by, OLD.document_number, OLD.document_on)
          AND NOT (step AND NEW.state = 'debited')
       OR (NEW.ended_by, NEW.ended_reason) IS DISTINCT FROM (OLD.ended_by, OLD.ended_reason)
          AND NOT (step AND NEW.state IN ('rejected', 'refused'))
       OR (NEW.receipt_document, NEW.receipt_done_by, NEW.receipt_done_at)
          IS DISTINCT FROM (OLD.receipt_document, OLD.receipt_done_by, OLD.receipt_done_at) AND OLD.receipt_done_at IS NOT NULL THEN
        PERFORM gateway.refuse('refund_decided', format('refund %s: who decided does not change', OLD.refund_id));
    END IF;
    IF current_user = 'gateway_console' THEN
        allowed := NOT step OR CASE NEW.state
            WHEN 'proposed' THEN gateway.has_role(NEW.proposed_by, 'finance_maker')
            WHEN 'approved' THEN gateway.has_role(NEW.approved_by, 'finance_checker')
            WHEN 'debited' THEN gateway.has_role(NEW.paid_by, 'finance_maker')
            WHEN 'refused' THEN NEW.route <> 'bank' AND gateway.has_role(NEW.ended_by, 'finance_checker')
            -- What was proposed a checker rejects; a maker withdraws it with the decision that asked for it.
            WHEN 'rejected' THEN gateway.has_role(NEW.ended_by, 'finance_checker')
                OR gateway.has_role(NEW.ended_by, 'finance_maker') AND (OLD.state = 'requested' OR EXISTS (
                    SELECT FROM gateway.break_decision d WHERE d.kind = 'refund' AND d.params ->> 'refund_id' = OLD.refund_id))
            ELSE false END;
        allowed := allowed AND ((NEW.receipt_document, NEW.receipt_done_by, NEW.receipt_done_at)
            IS NOT DISTINCT FROM (OLD.receipt_document, OLD.receipt_done_by, OLD.receipt_done_at)
            OR gateway.has_role(NEW.receipt_done_by, 'finance_maker'));
    ELSIF current_user = 'gateway_worker' THEN
        allowed := NOT step OR NEW.state IN ('sent', 'in_doubt', 'debited', 'returned', 'refused');
    END IF;
    IF NOT coalesce(allowed, false) THEN
        PERFORM gateway.refuse('refund_by_role', format('refund %s does not become %s by this person', OLD.refund_id, NEW.state));
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER refund_by_role ON gateway.refund;
CREATE TRIGGER refund_by_role BEFORE INSERT OR UPDATE ON gateway.refund
    FOR EACH ROW EXECUTE FUNCTION gateway.refund_by_role();

-- An order to pay money back leaves only for a refund that two people stand behind.
CREATE FUNCTION gateway.order_of_a_refund() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gateway.refund r WHERE r.refund_id = NEW.transaction_id AND r.partner = NEW.partner
                      AND r.state = 'approved' AND r.route = 'bank') THEN
        PERFORM gateway.refuse('message_of_approved_refund', format('no refund %s is approved', NEW.transaction_id));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_of_approved_refund BEFORE INSERT ON gateway.message
    FOR EACH ROW WHEN (NEW.kind = 'refund' AND NEW.direction = 'out' AND current_user IN ('gateway_console', 'gateway_worker'))
    EXECUTE FUNCTION gateway.order_of_a_refund();

-- Release and replay are acts of operations. A machine does neither: nobody is named, nothing is let go again. The record of
-- a file that was not taken ends by itself when the file of that name was believed.
CREATE FUNCTION gateway.message_by_ops() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'quarantined' AND OLD.reason IN ('unsigned-message', 'message-too-large') AND OLD.transport_id <> ''
       AND EXISTS (SELECT FROM gateway.message m WHERE m.partner = OLD.partner AND m.kind = OLD.kind
                      AND m.transport_id = OLD.transport_id AND m.state = 'applied') THEN
        RETURN NEW;
    END IF;
    IF NOT gateway.has_role(current_setting('gateway.actor', true), 'ops') THEN
        PERFORM gateway.refuse('message_by_ops', format('%s may not act on a message', current_setting('gateway.actor', true)));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_by_ops BEFORE UPDATE OF state ON gateway.message FOR EACH ROW
    WHEN (OLD.state IN ('quarantined', 'dead_lettered', 'given_up') AND NEW.state IN ('stored', 'waiting')
          OR NEW.state IS DISTINCT FROM OLD.state AND coalesce(current_setting('gateway.actor', true), '') <> '')
    EXECUTE FUNCTION gateway.message_by_ops();

-- A question goes out for the decision to ask it, once.
CREATE FUNCTION gateway.enquiry_of_its_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gateway.break_decision d JOIN gateway.message m ON m.message_pk = NEW.message_pk
                    WHERE d.decision_pk = NEW.decision_pk AND d.kind = 'enquire' AND m.partner = d.partner
                      AND m.kind = 'enquiry' AND m.direction = 'out') THEN
        PERFORM gateway.refuse('enquiry_of_its_decision', 'a question is of the decision to ask it');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enquiry_of_its_decision BEFORE INSERT ON gateway.enquiry
    FOR EACH ROW EXECUTE FUNCTION gateway.enquiry_of_its_decision();

-- A machine answers with the file that the partner signed, in nobody else's name.
CREATE FUNCTION gateway.answer_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gateway.refuse('enquiry_answer_of_its_partner', 'a machine records what the partner signed');
    RETURN NULL;
END $$;
CREATE TRIGGER enquiry_answer_is_signed BEFORE INSERT ON gateway.enquiry_answer FOR EACH ROW
    WHEN (current_user = 'gateway_worker' AND NEW.message_pk IS NULL) EXECUTE FUNCTION gateway.answer_is_signed();

CREATE OR REPLACE FUNCTION gateway.recorded_by_maker() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb := to_jsonb(NEW);
    who text := coalesce(told ->> 'recorded_by', told ->> 'counted_by');
BEGIN
    IF NOT gateway.has_role(who, 'finance_maker') THEN
        PERFORM gateway.refuse('recorded_by_maker', format('%s may not record this', who));
    END IF;
    IF NEW.confirmed_at IS NOT NULL THEN
        PERFORM gateway.refuse('confirmed_by_checker', 'it is recorded first and confirmed by another person later');
    END IF;
    IF told ->> 'cancelled_at' IS NOT NULL THEN
        PERFORM gateway.refuse('cancelled_by_role', 'it is recorded first and cancelled later');
    END IF;
    RETURN NEW;
END $$;

-- What machines add names nobody: they get the columns that they write, and no other. The report is sent by a machine.
REVOKE INSERT ON gateway.refund, gateway.recon_day, gateway.day_reopening FROM gateway_worker;
GRANT INSERT (refund_pk, refund_id, payment_pk, dossier_code, partner, amount, reason, requested_at, message_pk)
    ON gateway.refund TO gateway_worker;
GRANT INSERT (partner, business_on, changed_at) ON gateway.recon_day TO gateway_worker;
GRANT INSERT (partner, business_on, from_version, to_version, was, reason, at) ON gateway.day_reopening TO gateway_worker;
REVOKE INSERT ON gateway.report_delivery FROM gateway_console;

-- What erases (its statements stand in 0018): the names of people are checked, machines name nobody, and the term is the gateway's own
-- where a machine asks.
DROP FUNCTION gateway.mark_erasure(text, timestamptz);
CREATE FUNCTION gateway.mark_erasure(id_number text, by_user text, at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT gateway.has_role(by_user, 'auditor') THEN
        PERFORM gateway.refuse('erased_by_auditor', format('%s may not erase', by_user));
    END IF;
    INSERT INTO gateway.erasure_mark (mark, asked_at) VALUES (gateway.mark_of(id_number), at) ON CONFLICT DO NOTHING;
END $$;

-- An auditor erases what its owner asked for.
CREATE OR REPLACE FUNCTION gateway.erase_contact(codes text[], act text, by_user text, subject text, reason text, at timestamptz)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF act <> 'erase' OR NOT gateway.has_role(by_user, 'auditor') THEN
        PERFORM gateway.refuse('erased_by_auditor', format('%s may not erase', by_user));
    END IF;
    RETURN QUERY SELECT * FROM gateway.erase_fields(codes, act, by_user, subject, reason, at);
END $$;

-- What is due by age goes by night, by the machine that calls itself system, or when an auditor says so.
DROP FUNCTION gateway.erase_due(int, text, timestamptz, int);
CREATE FUNCTION gateway.erase_due_by(years int, by_user text, at timestamptz, most int) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT gateway.has_role(by_user, 'auditor') THEN
        PERFORM gateway.refuse('erased_by_auditor', format('%s may not erase', by_user));
    END IF;
    RETURN QUERY SELECT * FROM gateway.erase_aged(years, by_user, at, most);
END $$;

-- The summary (trích yếu) names people and places: it goes with the contact data and stays gone, also of what went before.
DROP TRIGGER dossier_stays_erased ON gateway.dossier;
CREATE TRIGGER dossier_stays_erased BEFORE UPDATE OF owner_name, owner_id_number, phone, email, address, deliver_to, summary
    ON gateway.dossier FOR EACH ROW EXECUTE FUNCTION gateway.stays_erased();
WITH gone AS (
    UPDATE gateway.dossier d SET summary = '[đã xóa]'
     WHERE d.summary <> '' AND EXISTS (SELECT FROM gateway.subject_log l WHERE l.dossier_code = d.dossier_code)
    RETURNING d.dossier_code)
INSERT INTO gateway.subject_log (act, by_user, at, subject, reason, dossier_code, fields)
SELECT 'retention', 'system', now(), '', 'trích yếu được xóa cùng dữ liệu liên hệ đã xóa trước đây', dossier_code, ARRAY['summary']
  FROM gone;

-- Who may call what. Functions that read with the owner's rights are for those who may read what they tell.
REVOKE ALL ON FUNCTION gateway.mark_erasure, gateway.erase_due_by,
    gateway.ensure_month, gateway.decisions_in_force, gateway.decisions_digest, gateway.open_breaks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.mark_erasure, gateway.erase_due_by TO gateway_console;
GRANT EXECUTE ON FUNCTION gateway.decisions_in_force, gateway.decisions_digest, gateway.open_breaks
    TO gateway_console, gateway_worker, gateway_auditor;

-- Classes of personal data (docs/privacy.md). "remark": what people and partners write in their own words; who writes may
-- name somebody. It is evidence of the books and kept with them. "original": messages as they came and left.
DO $$
DECLARE
    marked record;
BEGIN
    FOR marked IN SELECT * FROM (VALUES
        ('summary', ARRAY['dossier.summary']),
        ('name', ARRAY['treasury_voucher.payer_name']),
        ('account', ARRAY['payment_request.qr']),
        ('free-text', ARRAY['statement.problems', 'remittance.problems', 'postal_event.status_text', 'recon_version.snapshot']),
        ('remark', ARRAY['break_decision.reason', 'break_decision.params', 'enquiry.question', 'enquiry_answer.answer',
            'enquiry_answer.reference', 'refund.reason', 'refund.ended_reason', 'recon_decision.reason', 'recon_day.released_reason',
            'day_reopening.reason', 'day_seal.decisions', 'payment_allocation.reason', 'fee_history.reason', 'cash_count.reason',
            'treasury_voucher.cancelled_reason', 'treasury_voucher_item.content', 'message.detail', 'message_history.detail',
            'attempt.detail', 'reveal_log.reason', 'subject_log.reason']),
        ('original', ARRAY['message_body.body', 'attempt.request', 'attempt.reply'])
    ) AS told(class, columns) LOOP
        EXECUTE (SELECT string_agg(format('COMMENT ON COLUMN gateway.%s IS %L', one, 'personal:' || marked.class), '; ')
                   FROM unnest(marked.columns) one);
    END LOOP;
END $$;
