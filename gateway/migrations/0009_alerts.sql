-- Alerts that people are told: where they are dealt with, what is news about them, and who was told what.

ALTER TABLE gateway.alert
    ADD path text NOT NULL DEFAULT '/',             -- the page below the console's root
    ADD gist text NOT NULL DEFAULT '',              -- another gist is news
    ADD step int NOT NULL DEFAULT 0;                -- so is a higher step than was told; other figures of the text may move
CREATE INDEX alert_cause ON gateway.alert (cause, alert_pk);

-- Written after the mail was handed over: a crash in between repeats a mail, and loses none.
CREATE TABLE gateway.alert_told (
    told_pk     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_pk    bigint NOT NULL REFERENCES gateway.alert,
    audience    text NOT NULL CHECK (audience <> ''),
    gist        text NOT NULL,
    step        int NOT NULL,
    over        boolean NOT NULL,                   -- that the cause is gone
    message_id  text NOT NULL CHECK (message_id <> ''),
    told_at     timestamptz NOT NULL
);
CREATE INDEX alert_told_of ON gateway.alert_told (alert_pk, audience, told_pk);
CREATE UNIQUE INDEX alert_told_over_once ON gateway.alert_told (alert_pk, audience) WHERE over;
CREATE TRIGGER alert_told_frozen BEFORE UPDATE OR DELETE ON gateway.alert_told
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.never_edited();

-- One alert for each message that was given up becomes one per partner, which the lateness run raises.
UPDATE gateway.alert SET cleared_at = now() WHERE cleared_at IS NULL AND cause LIKE 'given-up:%';

-- What only a person ends is looked for every quarter of an hour.
CREATE INDEX message_for_people ON gateway.message (partner, state, reason) WHERE state IN ('quarantined', 'given_up');
CREATE INDEX postal_event_unknown ON gateway.postal_event (partner, status_code) WHERE meaning IS NULL;

GRANT SELECT, INSERT ON gateway.alert_told TO gateway_worker;
GRANT SELECT ON gateway.alert_told TO gateway_console, gateway_auditor;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gateway TO gateway_worker;
