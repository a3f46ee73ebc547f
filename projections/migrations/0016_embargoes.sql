-- Versions know when their embargo ends, and which revision of the record they made.
-- A database that has no views yet gets this with them. Source: projections/versions.sql.
DO $$ BEGIN
    IF to_regclass('view.versions') IS NOT NULL THEN
        ALTER TABLE view.versions
            ADD COLUMN IF NOT EXISTS opens_at timestamptz,
            ADD COLUMN IF NOT EXISTS revision integer;
        UPDATE view.versions v SET revision = e.version
          FROM es.event e WHERE e.stream = v.record AND e.recorded_at = v.recorded_at;
    END IF;
END $$;
