-- Records know how many files they have.
-- A database that has no views yet gets this with them. Source: projections/records.sql.
DO $$ BEGIN
    IF to_regclass('view.records') IS NOT NULL THEN
        ALTER TABLE view.records ADD COLUMN files integer NOT NULL DEFAULT 0;
    END IF;
END $$;
