-- Only documents that may refer to others are in the index of what refers to what. Source:
-- projections/search.sql.
DO $$
BEGIN
    IF to_regclass('view.search') IS NOT NULL THEN
        DROP INDEX IF EXISTS view.search_refers_idx;
        CREATE INDEX search_refers_idx ON view.search USING gin (es.refers(document))
         WHERE strpos(document::text, '"object_id"') > 0;
    END IF;
END $$;
