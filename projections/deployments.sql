-- name: table
CREATE TABLE deployments (
    record     uuid        NOT NULL,
    number     integer     NOT NULL,
    id         uuid        NOT NULL,
    at         timestamptz NOT NULL,
    build_mode text,
    variables  jsonb       NOT NULL,
    PRIMARY KEY (record, number)
);

-- name: indexes
CREATE UNIQUE INDEX ON deployments (id);

-- name: newest
SELECT of.record, d.id
  FROM unnest(%(records)s::uuid[]) AS of (record)
 CROSS JOIN LATERAL (SELECT id FROM deployments d WHERE d.record = of.record
                      ORDER BY d.number DESC LIMIT 1) d;

-- name: of
SELECT record FROM deployments WHERE id = %(deployment)s;

-- name: deployed
-- Those of the environments that the asker sees.
  FROM (SELECT r.id, s.document ->> 'slug' AS slug {seen}) e
  JOIN deployments d ON d.record = e.id
 WHERE %(deployment)s::uuid IS NULL OR d.id = %(deployment)s

-- name: page
SELECT d.id, d.record, e.slug, d.number, d.at, d.build_mode, d.variables
{deployed}
 ORDER BY d.at DESC, d.id LIMIT %(limit)s OFFSET %(offset)s;

-- name: body
SELECT body FROM versions WHERE record = %(environment)s AND number = %(number)s;

-- name: count
SELECT count(*) {deployed};
