-- Of es.data_key, which a numbered migration makes.

-- name: one
SELECT id, wrapping, wrapped FROM data_key WHERE record = %(record)s;

-- name: share
SELECT pg_advisory_xact_lock_shared(%(lock)s);

-- name: hold
SELECT pg_advisory_lock(%(lock)s);

-- name: release
SELECT pg_advisory_unlock(%(lock)s);

-- name: keep
-- Of two that make one at a time, one does.
INSERT INTO data_key (id, record, wrapping, wrapped)
VALUES (%(id)s, %(record)s, %(wrapping)s, %(wrapped)s)
ON CONFLICT (record) DO NOTHING;

-- name: older
SELECT id, record, wrapping, wrapped FROM data_key WHERE wrapping <> %(wrapping)s;

-- name: wrapped_anew
UPDATE data_key SET wrapping = %(wrapping)s, wrapped = %(wrapped)s WHERE id = %(id)s;

-- name: wrapping
SELECT DISTINCT wrapping FROM data_key;
