-- name: table
CREATE TABLE grants (
    family    uuid    NOT NULL,
    principal uuid    NOT NULL,
    level     integer NOT NULL,
    PRIMARY KEY (family, principal)
);

-- name: indexes
CREATE INDEX ON grants (principal, family);

-- name: level
SELECT coalesce(max(level), 0) FROM grants
 WHERE family = %(family)s AND principal = ANY(%(principals)s);
