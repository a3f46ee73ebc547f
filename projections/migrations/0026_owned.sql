-- What somebody owns is found by an index. A database that has no views yet gets it with them.
-- Source: projections/families.sql.
DO $$ BEGIN
    IF to_regclass('view.families') IS NOT NULL THEN
        CREATE INDEX ON view.families (owner);
    END IF;
END $$;
