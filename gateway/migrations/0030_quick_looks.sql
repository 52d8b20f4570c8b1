-- Names are found by their words in any order. The words are stored with the row, so that looking through the newest rows costs no
-- folding of each; the tables are rewritten once (some two minutes for a million dossiers, with their entries).

-- The folded words of a name, without punctuation. ``gateway.application.personal.words_of`` is its twin.
CREATE FUNCTION gateway.words_of(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_remove(string_to_array(translate(left(gateway.folded(value), 500), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
                                                  repeat(' ', 32)), ' '), '')
$$;

-- These go first: a table that is rewritten makes its indexes anew.
DROP INDEX gateway.dossier_owner;
DROP INDEX gateway.payer_name;
DROP INDEX gateway.statement_entry_text;
ALTER TABLE gateway.dossier
    ADD COLUMN owner_words tsvector GENERATED ALWAYS AS (array_to_tsvector(gateway.words_of(owner_name))) STORED;
ALTER TABLE gateway.payer
    ADD COLUMN name_words tsvector GENERATED ALWAYS AS (array_to_tsvector(gateway.words_of(name))) STORED;
ALTER TABLE gateway.statement_entry
    ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', gateway.folded(text))) STORED;
-- What is erased from a name is erased from its words by the same act: the database makes them anew.
COMMENT ON COLUMN gateway.dossier.owner_words IS 'personal:name';
COMMENT ON COLUMN gateway.payer.name_words IS 'personal:name';
COMMENT ON COLUMN gateway.statement_entry.words IS 'personal:free-text';
-- A name has few words: they go into the index at once, and no search reads a list of what still waits.
CREATE INDEX dossier_words ON gateway.dossier USING gin (owner_words) WITH (fastupdate = off);
CREATE INDEX payer_words ON gateway.payer USING gin (name_words) WITH (fastupdate = off) WHERE NOT is_owner;
CREATE INDEX statement_entry_text ON gateway.statement_entry USING gin (words);
CREATE INDEX statement_entry_newest ON gateway.statement_entry (booked_on, entry_pk);

-- Orders under way are looked at by every run of the watch.
CREATE INDEX postal_order_under_way ON gateway.postal_order (partner)
    WHERE state IN ('accepted', 'collecting', 'collected', 'delivering');

-- Chỉ tiêu is counted as things happen: each transaction adds what it changed to these counts, as rows of its own, so that no two
-- transactions wait for each other and a page sees what was committed and nothing else. Every night the rows are summed up and held
-- against a count anew (gateway.indicators_live).
CREATE TABLE gateway.indicator_count (
    count_pk    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what        text NOT NULL CHECK (what IN ('filed', 'returned', 'paid')),
    unit_code   text NOT NULL,
    unit_name   text NOT NULL,
    month       date NOT NULL CHECK (extract(day FROM month) = 1),  -- of Asia/Ho_Chi_Minh
    part        bigint NOT NULL,    -- filed online, returned by post, paid online; less than 0 where something was taken back
    whole       bigint NOT NULL
);
CREATE INDEX indicator_count_month ON gateway.indicator_count (month);

-- Which months a dossier paid in. Whether it is a month's or the year's depends on its other months: those of several in one year
-- are few, and are no part of the counts.
CREATE TABLE gateway.paid_month (
    dossier_code    text NOT NULL REFERENCES gateway.dossier,
    month           date NOT NULL,
    online          boolean NOT NULL,   -- every payment of the month
    alone           boolean NOT NULL,   -- the only month of its year
    unit_code       text NOT NULL,
    unit_name       text NOT NULL,
    PRIMARY KEY (dossier_code, month)
);
CREATE INDEX paid_month_of_several ON gateway.paid_month (month) WHERE NOT alone;

CREATE FUNCTION gateway.vietnam_month(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT date_trunc('month', at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
$$;

-- What they are by the payments themselves.
CREATE VIEW gateway.paid_month_live AS
    SELECT m.dossier_code, m.month, m.online,
           count(*) OVER (PARTITION BY m.dossier_code, date_trunc('year', m.month::timestamp)) = 1 AS alone, d.unit_code, d.unit_name
      FROM (SELECT p.dossier_code, date_trunc('month', p.business_on::timestamp)::date AS month,
                   bool_and(p.channel IN ('internet_banking', 'qr', 'platform')) AS online
              FROM gateway.payment p WHERE p.allocated > 0 AND p.dossier_code IS NOT NULL
             GROUP BY 1, 2) m JOIN gateway.dossier d USING (dossier_code);

-- Payments of these dossiers changed. Two transactions that pay one dossier go one after the other: by a lock of this count's own,
-- because who holds the dossier's row may be waiting for the payment's.
CREATE FUNCTION gateway.count_paid(codes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('paid_month ' || c.code, 0))
       FROM (SELECT DISTINCT unnest(codes) AS code ORDER BY 1) c;
    WITH gone AS (DELETE FROM gateway.paid_month m WHERE m.dossier_code = ANY (codes)
                     AND (m.month, m.online, m.alone, m.unit_code, m.unit_name) NOT IN
                         (SELECT n.month, n.online, n.alone, n.unit_code, n.unit_name FROM gateway.paid_month_live n
                           WHERE n.dossier_code = m.dossier_code)
                  RETURNING m.*)
    INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole)
    SELECT 'paid', g.unit_code, max(g.unit_name), g.month, -count(*) FILTER (WHERE g.online), -count(*)
      FROM gone g WHERE g.alone GROUP BY g.unit_code, g.month;
    WITH come AS (INSERT INTO gateway.paid_month SELECT * FROM gateway.paid_month_live n WHERE n.dossier_code = ANY (codes)
                  ON CONFLICT DO NOTHING RETURNING *)
    INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole)
    SELECT 'paid', c.unit_code, max(c.unit_name), c.month, count(*) FILTER (WHERE c.online), count(*)
      FROM come c WHERE c.alone GROUP BY c.unit_code, c.month;
END $$;

CREATE FUNCTION gateway.payment_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    codes text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT n.dossier_code) INTO codes FROM come n WHERE n.allocated > 0 AND n.dossier_code IS NOT NULL;
    ELSE
        SELECT array_agg(DISTINCT c.code) INTO codes
          FROM come n JOIN gone o USING (payment_pk) CROSS JOIN LATERAL (VALUES (n.dossier_code), (o.dossier_code)) c(code)
         WHERE c.code IS NOT NULL AND (n.allocated > 0, n.dossier_code, n.business_on, n.channel)
               IS DISTINCT FROM (o.allocated > 0, o.dossier_code, o.business_on, o.channel);
    END IF;
    IF codes IS NOT NULL THEN
        PERFORM gateway.count_paid(codes);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_come_counted AFTER INSERT ON gateway.payment REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.payment_counted();
CREATE TRIGGER payment_changed_counted AFTER UPDATE ON gateway.payment REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.payment_counted();

CREATE FUNCTION gateway.dossier_come_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole)
    SELECT 'filed', n.unit_code, max(n.unit_name), gateway.vietnam_month(n.submitted_at), count(*) FILTER (WHERE n.channel = 2), count(*)
      FROM come n GROUP BY n.unit_code, 4
    UNION ALL
    SELECT 'returned', n.unit_code, max(n.unit_name), gateway.vietnam_month(n.returned_at), count(*) FILTER (WHERE n.returns_by_post), count(*)
      FROM come n WHERE n.returned_at IS NOT NULL GROUP BY n.unit_code, 4;
    RETURN NULL;
END $$;
CREATE TRIGGER dossier_come_counted AFTER INSERT ON gateway.dossier REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.dossier_come_counted();

CREATE FUNCTION gateway.dossier_changed_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    codes text[];
BEGIN
    INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole)
    SELECT c.what, c.unit_code, max(c.unit_name), gateway.vietnam_month(c.at), sum(c.part), sum(c.whole)
      FROM come n JOIN gone o USING (dossier_code) CROSS JOIN LATERAL (VALUES
           ('filed', o.unit_code, o.unit_name, o.submitted_at, -(o.channel = 2)::int, -1),
           ('filed', n.unit_code, n.unit_name, n.submitted_at, (n.channel = 2)::int, 1),
           ('returned', o.unit_code, o.unit_name, o.returned_at, -o.returns_by_post::int, -1),
           ('returned', n.unit_code, n.unit_name, n.returned_at, n.returns_by_post::int, 1)
           ) c(what, unit_code, unit_name, at, part, whole)
     WHERE c.at IS NOT NULL AND (n.unit_code, n.unit_name, n.submitted_at, n.channel, n.returned_at, n.returns_by_post)
           IS DISTINCT FROM (o.unit_code, o.unit_name, o.submitted_at, o.channel, o.returned_at, o.returns_by_post)
     GROUP BY c.what, c.unit_code, 4 HAVING sum(c.part) <> 0 OR sum(c.whole) <> 0;
    SELECT array_agg(n.dossier_code) INTO codes FROM come n JOIN gone o USING (dossier_code)
     WHERE (n.unit_code, n.unit_name) IS DISTINCT FROM (o.unit_code, o.unit_name);
    IF codes IS NOT NULL THEN
        PERFORM gateway.count_paid(codes);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dossier_changed_counted AFTER UPDATE ON gateway.dossier REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.dossier_changed_counted();

-- The same counts from the dossiers and payments themselves: slow, and the measure of the others.
CREATE FUNCTION gateway.indicators_live() RETURNS TABLE (what text, unit_code text, unit_name text, month date, part bigint, whole bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT 'filed', d.unit_code, max(d.unit_name), gateway.vietnam_month(d.submitted_at), count(*) FILTER (WHERE d.channel = 2), count(*)
      FROM gateway.dossier d GROUP BY 2, 4
    UNION ALL
    SELECT 'returned', d.unit_code, max(d.unit_name), gateway.vietnam_month(d.returned_at), count(*) FILTER (WHERE d.returns_by_post), count(*)
      FROM gateway.dossier d WHERE d.returned_at IS NOT NULL GROUP BY 2, 4
    UNION ALL
    SELECT 'paid', m.unit_code, max(m.unit_name), m.month, count(*) FILTER (WHERE m.online), count(*)
      FROM gateway.paid_month_live m WHERE m.alone GROUP BY 2, 4
$$;

-- One row for each unit and month again. What comes meanwhile is a row of its own and stays.
CREATE FUNCTION gateway.sum_indicators() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (DELETE FROM gateway.indicator_count RETURNING *)
    INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole)
    SELECT g.what, g.unit_code, max(g.unit_name), g.month, sum(g.part), sum(g.whole) FROM gone g
     GROUP BY g.what, g.unit_code, g.month HAVING sum(g.part) <> 0 OR sum(g.whole) <> 0
$$;

-- By the owner of the database: everything counted anew, where the nightly check found a difference.
CREATE FUNCTION gateway.count_indicators_anew() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    LOCK TABLE gateway.dossier, gateway.payment IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM gateway.indicator_count;
    DELETE FROM gateway.paid_month;
    INSERT INTO gateway.paid_month SELECT * FROM gateway.paid_month_live;
    INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole) SELECT * FROM gateway.indicators_live();
END $$;
SELECT gateway.count_indicators_anew();

REVOKE ALL ON FUNCTION gateway.count_paid, gateway.sum_indicators, gateway.count_indicators_anew, gateway.payment_counted,
    gateway.dossier_come_counted, gateway.dossier_changed_counted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.sum_indicators TO gateway_worker;
GRANT SELECT ON gateway.paid_month_live TO gateway_worker;
GRANT SELECT ON gateway.indicator_count, gateway.paid_month TO gateway_worker, gateway_console, gateway_auditor;
