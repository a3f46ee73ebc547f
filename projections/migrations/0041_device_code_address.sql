-- Where a device code was asked for, by which they are counted. Source: projections/device_codes.py.

ALTER TABLE es.device_code ADD COLUMN IF NOT EXISTS address text NOT NULL DEFAULT '';
