-- Numbers of instruments and locations, and how many locations a record was assigned.
-- A database that has no views yet gets the column with them. Source: projections/records.sql.
CREATE SEQUENCE IF NOT EXISTS es.instrument_number;
CREATE SEQUENCE IF NOT EXISTS es.location_number;
CREATE SEQUENCE IF NOT EXISTS es.location_type_number;
CREATE SEQUENCE IF NOT EXISTS es.log_entry_number;
GRANT USAGE, SELECT ON es.instrument_number, es.location_number, es.location_type_number,
    es.log_entry_number TO muniment_writer;
DO $$ BEGIN
    IF to_regclass('view.records') IS NOT NULL THEN
        ALTER TABLE view.records
            ADD COLUMN IF NOT EXISTS locations integer NOT NULL DEFAULT 0;
    END IF;
END $$;
