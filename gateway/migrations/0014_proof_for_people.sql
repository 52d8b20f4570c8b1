-- People read the daily proof themselves, and one of its lines counts the keys of messages.
GRANT SELECT ON gateway.message_key TO gateway_console, gateway_auditor;
