-- Records may have a draft, a place in their family and files of their versions.
-- A database that has no views yet gets this with them, and families are filled from the log.
-- Source: projections/records.sql, versions.sql, families.sql.
DO $$ BEGIN
    IF to_regclass('view.records') IS NOT NULL THEN
        ALTER TABLE view.records
            ADD COLUMN IF NOT EXISTS created_at timestamptz,
            ADD COLUMN IF NOT EXISTS index integer NOT NULL DEFAULT 1,
            ADD COLUMN IF NOT EXISTS draft jsonb,
            ADD COLUMN IF NOT EXISTS manifest jsonb,
            ADD COLUMN IF NOT EXISTS options jsonb;
        UPDATE view.records r SET created_at = e.recorded_at
          FROM es.event e WHERE e.stream = r.id AND e.version = 1;
        ALTER TABLE view.records ALTER COLUMN created_at SET NOT NULL;
        DROP INDEX IF EXISTS view.records_family_idx;
        CREATE INDEX IF NOT EXISTS records_family_index_idx ON view.records (family, index);
        ALTER TABLE view.versions
            ADD COLUMN IF NOT EXISTS manifest jsonb,
            ADD COLUMN IF NOT EXISTS options jsonb;
        DROP TABLE view.families;
    END IF;
END $$;
