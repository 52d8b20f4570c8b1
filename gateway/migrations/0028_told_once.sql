-- What a partner gives us again at every look ends by itself: the record of a file that was not taken, once the file of that name
-- is in hand (as a duplicate of another name, too); that of a file that was locked or could not be put away, which holds no bytes;
-- and a page of a feed, once the cursor went past it.
CREATE OR REPLACE FUNCTION gateway.message_by_ops() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'quarantined' AND coalesce(current_setting('gateway.actor', true), '') = '' AND (
        OLD.reason IN ('unsigned-message', 'message-too-large') AND OLD.transport_id <> ''
            AND EXISTS (SELECT FROM gateway.message m WHERE m.partner = OLD.partner AND m.kind = OLD.kind
                           AND m.transport_id = OLD.transport_id AND m.state IN ('applied', 'duplicate'))
        OR OLD.reason IN ('file-locked', 'file-not-put-away') AND OLD.body_size = 0
        OR OLD.kind = 'tracking_page' AND EXISTS (SELECT FROM gateway.feed_cursor c WHERE c.partner = OLD.partner
                           AND c.feed = 'tracking' AND c.position > OLD.transport_id COLLATE "C"))
    THEN
        RETURN NEW;
    END IF;
    IF NOT gateway.has_role(current_setting('gateway.actor', true), 'ops') THEN
        PERFORM gateway.refuse('message_by_ops', format('%s may not act on a message', current_setting('gateway.actor', true)));
    END IF;
    RETURN NEW;
END $$;

-- Orders that VNPost accepted and does not track are looked for at every run of the watch.
CREATE INDEX postal_order_accepted ON gateway.postal_order (partner) WHERE state = 'accepted';

-- A request leaves "open" once; but one that the partner refused, and took when a person sent it again, is open again. Where money
-- came for it meanwhile a day was judged with a request that was refused, and it stays so.
CREATE OR REPLACE FUNCTION gateway.request_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.reference, NEW.dossier_code, NEW.partner, NEW.channel, NEW.account, NEW.amount, NEW.created_at)
       IS DISTINCT FROM (OLD.reference, OLD.dossier_code, OLD.partner, OLD.channel, OLD.account, OLD.amount, OLD.created_at)
       OR OLD.state <> 'open' AND (NEW.state, NEW.state_at) IS DISTINCT FROM (OLD.state, OLD.state_at)
          AND NOT (OLD.state = 'refused' AND NEW.state = 'open'
                   AND NOT EXISTS (SELECT FROM gateway.payment p WHERE p.reference = OLD.reference)
                   AND NOT EXISTS (SELECT FROM gateway.statement_entry e
                                    WHERE string_to_array(e.tokens || ' ' || e.keys, ' ') @> ARRAY[OLD.reference])) THEN
        PERFORM gateway.refuse('payment_request_is_a_fact', format('request %s: what was asked for does not change', OLD.reference));
    END IF;
    RETURN NEW;
END $$;
