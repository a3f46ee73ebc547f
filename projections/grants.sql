-- name: table
CREATE TABLE grants (
    family    uuid    NOT NULL,
    principal uuid    NOT NULL,
    level     integer NOT NULL,
    PRIMARY KEY (family, principal)
);

-- name: indexes
CREATE INDEX ON grants (principal, family);

-- name: users
SELECT a.number, g.level FROM grants g JOIN accounts a ON a.id = g.principal
 WHERE g.family = %(family)s ORDER BY a.number;

-- name: of_user
SELECT coalesce(g.level, 0)
  FROM accounts a LEFT JOIN grants g ON g.family = %(family)s AND g.principal = a.id
 WHERE a.number = %(number)s;

-- name: level
SELECT coalesce(max(level), 0) FROM grants
 WHERE family = %(family)s AND principal = ANY(%(principals)s::uuid[]);
