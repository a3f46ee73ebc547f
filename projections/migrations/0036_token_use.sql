-- When each token was last used, which is no fact of the log: a rebuild leaves it alone. And indexes
-- of the tokens that an account has; a database that has no views yet gets those with them.
-- Source: projections/tokens.sql.

CREATE TABLE IF NOT EXISTS es.token_use (
    token uuid PRIMARY KEY,
    at    timestamptz NOT NULL
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE ON es.token_use TO muniment_writer;

DO $$ BEGIN
    IF to_regclass('view.tokens') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS tokens_account_recorded_at_id_idx
            ON view.tokens (account, recorded_at, id) WHERE NOT revoked AND refresh_digest IS NULL;
        CREATE INDEX IF NOT EXISTS tokens_account_expires_at_id_idx
            ON view.tokens (account, expires_at, id)
            WHERE NOT revoked AND refresh_digest IS NOT NULL;
    END IF;
END $$;
