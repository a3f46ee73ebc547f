-- Accounts have a profile, tokens what refreshes them, and a name may be given up.
-- A database that has no views yet gets this with them. Source: projections/{accounts,tokens,names}.sql.
DO $$ BEGIN
    IF to_regclass('view.accounts') IS NOT NULL THEN
        ALTER TABLE view.accounts
            ADD COLUMN IF NOT EXISTS email text,
            ADD COLUMN IF NOT EXISTS orcid text,
            ADD COLUMN IF NOT EXISTS affiliation text,
            ADD COLUMN IF NOT EXISTS role text;
        ALTER TABLE view.tokens
            ADD COLUMN IF NOT EXISTS refresh_digest bytea,
            ADD COLUMN IF NOT EXISTS parent uuid,
            ADD COLUMN IF NOT EXISTS until timestamptz;
        CREATE UNIQUE INDEX IF NOT EXISTS tokens_refresh_digest_idx ON view.tokens (refresh_digest);
        ALTER TABLE view.names ALTER COLUMN holder DROP NOT NULL;
    END IF;
END $$;
