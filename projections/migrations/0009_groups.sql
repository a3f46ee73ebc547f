-- Groups and projects are counted each for themselves, named in several languages and described, and
-- a project has groups as members.
-- A database that has no views yet gets the rest with them. Source: projections/groups.sql.
CREATE SEQUENCE IF NOT EXISTS es.project_number;
GRANT USAGE, SELECT ON SEQUENCE es.project_number TO muniment_writer;
DO $$ BEGIN
    IF to_regclass('view.groups_number_idx') IS NOT NULL THEN
        ALTER TABLE view.groups
            ALTER COLUMN name TYPE jsonb USING jsonb_build_object('en', name),
            ADD COLUMN description jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN member_groups jsonb NOT NULL DEFAULT '{}';
        DROP INDEX view.groups_number_idx;
        CREATE UNIQUE INDEX ON view.groups (kind, number);
    END IF;
END $$;
