-- Communities: groups with an address, policies and a face; families know which they are in.
-- A database that has no views yet gets the columns with them. Source: projections/groups.sql,
-- projections/families.sql.
CREATE SEQUENCE IF NOT EXISTS es.community_number;
GRANT USAGE, SELECT ON SEQUENCE es.community_number TO muniment_writer;
DO $$ BEGIN
    IF to_regclass('view.groups') IS NOT NULL THEN
        ALTER TABLE view.groups
            ADD COLUMN IF NOT EXISTS created_at timestamptz,
            ADD COLUMN IF NOT EXISTS slug text,
            ADD COLUMN IF NOT EXISTS policies jsonb,
            ADD COLUMN IF NOT EXISTS metadata bytea,
            ADD COLUMN IF NOT EXISTS logo jsonb;
        UPDATE view.groups g SET created_at = e.recorded_at
          FROM es.event e WHERE e.stream = g.id AND e.version = 1 AND g.created_at IS NULL;
        ALTER TABLE view.groups ALTER COLUMN created_at SET NOT NULL;
        CREATE INDEX IF NOT EXISTS groups_slug_idx ON view.groups (slug) WHERE slug IS NOT NULL;
    END IF;
    IF to_regclass('view.families') IS NOT NULL THEN
        ALTER TABLE view.families ADD COLUMN IF NOT EXISTS communities jsonb NOT NULL DEFAULT '[]';
        ALTER TABLE view.families ALTER COLUMN communities DROP DEFAULT;
    END IF;
END $$;
