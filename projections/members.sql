-- name: table
CREATE TABLE members (
    team    uuid NOT NULL, -- the group; "group" is a word of SQL's
    account uuid NOT NULL,
    role    text NOT NULL,
    PRIMARY KEY (team, account)
);

-- name: indexes
CREATE INDEX ON members (account);
CREATE INDEX ON members (team) WHERE role = 'owner';
