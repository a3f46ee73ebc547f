-- Families have access links. A database that has no views yet gets this with them.
-- Source: projections/families.sql.
DO $$ BEGIN
    IF to_regclass('view.families') IS NOT NULL THEN
        ALTER TABLE view.families ADD COLUMN IF NOT EXISTS links jsonb NOT NULL DEFAULT '{}';
        ALTER TABLE view.families ALTER COLUMN links DROP DEFAULT;
    END IF;
END $$;
