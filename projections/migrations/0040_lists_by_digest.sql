-- Who has a list of files is found by an index. A database that has no views yet gets it with them.
-- Source: projections/versions.sql, records.sql.
DO $$ BEGIN
    IF to_regclass('view.versions') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS versions_expr_idx ON view.versions ((manifest ->> 'digest'))
         WHERE manifest ->> 'digest' IS NOT NULL;
    END IF;
    IF to_regclass('view.records') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS records_expr_idx ON view.records ((draft #>> '{base,digest}'))
         WHERE draft #>> '{base,digest}' IS NOT NULL;
    END IF;
END $$;
