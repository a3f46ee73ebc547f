-- The latest version recorded by an instant is found at once, however many came after it.
-- A database that has no views yet gets this with them. Source: projections/versions.sql.
DO $$ BEGIN
    IF to_regclass('view.versions') IS NOT NULL THEN
        CREATE INDEX ON view.versions (record, recorded_at) WHERE recorded_at > '-infinity';
    END IF;
END $$;
