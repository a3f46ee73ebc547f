-- Actions may be hidden, and name an instrument.
-- A database that has no views yet gets this with them. Source: projections/actions.sql.
DO $$ BEGIN
    IF to_regclass('view.actions') IS NOT NULL THEN
        ALTER TABLE view.actions
            ADD COLUMN IF NOT EXISTS hidden boolean NOT NULL DEFAULT false,
            ADD COLUMN IF NOT EXISTS instrument bigint;
    END IF;
END $$;
