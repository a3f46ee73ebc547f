-- What is open to everybody at this instant: access.may_view_version, with its embargoes, in SQL.
-- Nothing lifts an embargo: it is held against the time of the statement. These are put in place of
-- their calls when a statement is planned, so that the partial indexes below are used.

CREATE OR REPLACE FUNCTION es.open_now(visibility text, opens_at timestamptz) RETURNS boolean
STABLE PARALLEL SAFE LANGUAGE sql
RETURN visibility = 'public' OR opens_at <= now();

CREATE OR REPLACE FUNCTION es.open_now(access jsonb) RETURNS boolean
STABLE PARALLEL SAFE LANGUAGE sql
RETURN access ->> 'record' = 'public' OR (access #>> '{embargo,until}')::timestamptz <= now();

CREATE OR REPLACE FUNCTION es.visible_now(visibility text, opens_at timestamptz) RETURNS text
STABLE PARALLEL SAFE LANGUAGE sql
RETURN CASE WHEN opens_at <= now() THEN 'public' ELSE visibility END;

-- A database that has no views yet gets the rest with them.
-- Source: projections/records.sql, versions.sql, files.sql.
DO $$
DECLARE
    old regclass;
BEGIN
    FOR old IN SELECT indexrelid::regclass FROM pg_index
                WHERE indrelid IN (to_regclass('view.records'), to_regclass('view.versions'))
                  AND pg_get_expr(indpred, indrelid) IN ('(visibility = ''public''::text)',
                                                         '((access ->> ''record''::text) = ''public''::text)')
    LOOP
        EXECUTE format('DROP INDEX %s', old);
    END LOOP;
    IF to_regclass('view.records') IS NOT NULL THEN
        CREATE INDEX ON view.records (number)
            WHERE access ->> 'record' = 'public' OR access #>> '{embargo,until}' IS NOT NULL;
    END IF;
    IF to_regclass('view.versions') IS NOT NULL THEN
        CREATE INDEX ON view.versions (record, number) INCLUDE (recorded_at, visibility, opens_at)
            WHERE visibility = 'public' OR opens_at IS NOT NULL;
    END IF;
    IF to_regclass('view.files') IS NOT NULL THEN
        ALTER TABLE view.files ADD COLUMN IF NOT EXISTS opens_at timestamptz;
    END IF;
END $$;
