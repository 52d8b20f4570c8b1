-- When a day was judged last, also where that gave the bytes that it had: what happened since makes it due again, once.
-- Days of before count from when their current version was judged.
ALTER TABLE gateway.recon_day ADD COLUMN judged_at timestamptz;
GRANT UPDATE (judged_at) ON gateway.recon_day TO gateway_worker;

-- Payments that were told after their day was judged are looked for every ten minutes, of each day that was ever judged.
DROP INDEX gateway.payment_day;
CREATE INDEX payment_day ON gateway.payment (partner, business_on, recorded_at);
