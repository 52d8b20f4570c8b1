-- The receipt (PDF) that the payment platform gives for a payment: whose it is, when it was asked for, which message
-- holds its bytes. The bytes themselves are a message like any other.
CREATE TABLE gateway.payment_bill (
    payment_pk   bigint PRIMARY KEY REFERENCES gateway.payment,
    asked        int NOT NULL CHECK (asked > 0),
    next_ask_at  timestamptz,                        -- none: it is here
    message_pk   bigint REFERENCES gateway.message,
    sha256       text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    fetched_at   timestamptz,
    CONSTRAINT payment_bill_is_here_or_asked_for CHECK ((next_ask_at IS NULL) = (message_pk IS NOT NULL)),
    CONSTRAINT payment_bill_has_a_digest CHECK ((message_pk IS NULL) = (sha256 IS NULL))
);

GRANT SELECT, INSERT, UPDATE ON gateway.payment_bill TO gateway_worker;
GRANT SELECT ON gateway.payment_bill TO gateway_console, gateway_auditor;
