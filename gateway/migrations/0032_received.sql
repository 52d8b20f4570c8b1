-- When a message came, by the real clock (business time may be played): its freshness is judged as of then, however late it is
-- judged, because a run was killed or a person released it. What came before this column has none: its freshness was judged.
ALTER TABLE gateway.message ADD COLUMN received_at timestamptz CHECK (direction = 'in' OR received_at IS NULL);
