-- name: table
CREATE TABLE inclusions (
    family      uuid        NOT NULL,
    community   uuid        NOT NULL,
    included_at timestamptz NOT NULL,
    PRIMARY KEY (family, community)
);

-- name: indexes
CREATE INDEX ON inclusions (community, family);

-- name: of_family
SELECT community FROM inclusions WHERE family = %(family)s ORDER BY included_at DESC, community;

-- name: seen
SELECT g.id FROM groups g WHERE g.id = ANY(%(ids)s) AND {visible};
