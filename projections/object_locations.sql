-- name: table
CREATE TABLE object_locations (
    record      uuid        NOT NULL,
    number      integer     NOT NULL,
    by          uuid        NOT NULL,
    recorded_at timestamptz NOT NULL,
    location    bigint,
    responsible uuid,
    description jsonb       NOT NULL,
    PRIMARY KEY (record, number)
);

-- name: page
SELECT l.number, u.number, l.recorded_at, l.location, r.number, l.description ->> 'en'
  FROM object_locations l
  LEFT JOIN accounts u ON u.id = l.by
  LEFT JOIN accounts r ON r.id = l.responsible
 WHERE l.record = %(record)s AND l.number > %(after)s ORDER BY l.number LIMIT %(limit)s;

-- name: one
SELECT l.number, u.number, l.recorded_at, l.location, r.number, l.description ->> 'en'
  FROM object_locations l
  LEFT JOIN accounts u ON u.id = l.by
  LEFT JOIN accounts r ON r.id = l.responsible
 WHERE l.record = %(record)s AND l.number = %(number)s;
