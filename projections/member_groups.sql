-- name: table
CREATE TABLE member_groups (
    project uuid NOT NULL,
    team    uuid NOT NULL, -- the group; "group" is a word of SQL's
    role    text NOT NULL,
    PRIMARY KEY (project, team)
);

-- name: indexes
CREATE INDEX ON member_groups (team);
