-- name: table
CREATE TABLE inclusions (
    family      uuid        NOT NULL,
    community   uuid        NOT NULL,
    included_at timestamptz NOT NULL,
    PRIMARY KEY (family, community)
);

-- name: indexes
CREATE INDEX ON inclusions (community, family);

-- name: since
SELECT included_at FROM inclusions WHERE family = %(family)s AND community = %(community)s;

-- name: of_family
-- How many communities there are that it is in and the asker may see, and a page of them.
SELECT g.id, count(*) OVER () FROM inclusions i JOIN groups g ON g.id = i.community
 WHERE i.family = %(family)s AND NOT g.deleted AND {visible}
 ORDER BY i.included_at DESC, g.id LIMIT %(limit)s OFFSET %(offset)s;

-- name: seen
SELECT g.id FROM groups g WHERE g.id = ANY(%(ids)s) AND {visible};
