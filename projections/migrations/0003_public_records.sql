-- What is public is found without going through every record.
-- A database that has no views yet gets this with them. Source: projections/records.sql.
DO $$ BEGIN
    IF to_regclass('view.records') IS NOT NULL THEN
        CREATE INDEX ON view.records (number) WHERE access ->> 'record' = 'public';
    END IF;
END $$;
