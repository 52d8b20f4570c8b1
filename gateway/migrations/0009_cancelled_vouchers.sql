-- Stands before 0010, which failed where somebody had cancelled a voucher of their own, as was the rule until then: it marked
-- that voucher as confirmed, too, and then asked for a second person. What is cancelled changes no more, and 0010 passes over
-- it. Where 0010 was applied before this came, this does nothing; 0026 takes it away again.
CREATE FUNCTION gateway.cancelled_voucher_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER treasury_voucher_cancelled_stays BEFORE UPDATE ON gateway.treasury_voucher
    FOR EACH ROW WHEN (OLD.cancelled_at IS NOT NULL) EXECUTE FUNCTION gateway.cancelled_voucher_stays();
