-- A login of a program ends with the password of its account, and codes know by which they were
-- approved. A database that has no views yet gets the columns with them.
-- Source: projections/{accounts,logins}.sql, projections/device_codes.py.
DO $$ BEGIN
    IF to_regclass('view.accounts') IS NOT NULL THEN
        ALTER TABLE view.accounts
            ADD COLUMN IF NOT EXISTS password_version integer NOT NULL DEFAULT 0;
        ALTER TABLE view.accounts ALTER COLUMN password_version DROP DEFAULT;
        UPDATE view.accounts a SET password_version = e.version
          FROM (SELECT stream, max(version) AS version FROM es.event
                 WHERE topic = 'account.password-set' GROUP BY stream) e
         WHERE e.stream = a.id;
    END IF;
    IF to_regclass('view.logins') IS NOT NULL THEN
        ALTER TABLE view.logins ADD COLUMN IF NOT EXISTS account_version integer NOT NULL DEFAULT 0;
        ALTER TABLE view.logins ALTER COLUMN account_version DROP DEFAULT;
    END IF;
END $$;
ALTER TABLE es.device_code ADD COLUMN IF NOT EXISTS account_version integer;
