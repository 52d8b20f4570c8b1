-- A change of a cancelled voucher is refused again, and not passed over: see 0009_cancelled_vouchers.sql.
DROP TRIGGER treasury_voucher_cancelled_stays ON gateway.treasury_voucher;
DROP FUNCTION gateway.cancelled_voucher_stays();
