-- What was asked for by IceProd's actions names the version that says the most of it. A database that
-- has no views yet gets the column with them. Source: projections/operations.sql.
ALTER TABLE IF EXISTS view.operations ADD COLUMN IF NOT EXISTS number integer;
