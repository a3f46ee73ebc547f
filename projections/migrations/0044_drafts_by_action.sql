-- Open drafts are found by their action. A database that has no views yet gets the index with them.
-- Source: projections/records.sql.
DO $$ BEGIN
    IF to_regclass('view.records') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS records_action_family_idx ON view.records (action, family)
         WHERE draft IS NOT NULL;
    END IF;
END $$;
