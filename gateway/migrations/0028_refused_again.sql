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
