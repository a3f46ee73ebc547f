-- A version says which one it was restored from, and is found by the instant since when it is valid.
-- A database that has no views yet gets this with them. Source: projections/versions.sql.
DO $$ BEGIN
    IF to_regclass('view.versions') IS NOT NULL THEN
        ALTER TABLE view.versions ADD COLUMN restored_from integer;
        CREATE INDEX ON view.versions (record, valid_from, number) INCLUDE (recorded_at)
            WHERE valid_from > '-infinity';
    END IF;
END $$;
