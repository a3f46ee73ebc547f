-- A record's public versions are found without going through those that are not.
-- A database that has no views yet gets this with them. Source: projections/versions.sql.
DO $$ BEGIN
    IF to_regclass('view.versions') IS NOT NULL THEN
        CREATE INDEX ON view.versions (record, number) INCLUDE (recorded_at)
            WHERE visibility = 'public';
    END IF;
END $$;
