-- Whether the last checkpoint could not be pushed to the Git remote. Source: projections/pushing.py.

ALTER TABLE es.seal ADD COLUMN IF NOT EXISTS unpushed boolean NOT NULL DEFAULT false;
