-- name: table
CREATE TABLE inclusions (
    family      uuid        NOT NULL,
    community   uuid        NOT NULL,
    included_at timestamptz NOT NULL,
    PRIMARY KEY (family, community)
);

-- name: indexes
CREATE INDEX ON inclusions (community, family);
