-- name: table
CREATE TABLE instruments (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    details     jsonb       NOT NULL,
    categories  jsonb       NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON instruments (number);

-- name: all
SELECT i.id, i.number, i.details, i.categories,
       ARRAY(SELECT a.number FROM accounts a, jsonb_array_elements_text(i.details -> 'scientists') s
              WHERE a.id = s::uuid ORDER BY a.number)
  FROM instruments i ORDER BY i.number;

-- name: one
SELECT i.id, i.number, i.details, i.categories,
       ARRAY(SELECT a.number FROM accounts a, jsonb_array_elements_text(i.details -> 'scientists') s
              WHERE a.id = s::uuid ORDER BY a.number)
  FROM instruments i WHERE i.number = %(number)s;
