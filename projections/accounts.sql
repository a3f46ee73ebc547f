-- name: table
CREATE TABLE accounts (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    number      bigint      NOT NULL,
    name        text        NOT NULL,
    admin       boolean     NOT NULL,
    password    text,
    email       text,
    orcid       text,
    affiliation text,
    role        text,
    password_version integer NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON accounts (number);

-- name: all
SELECT number, name, email, orcid, affiliation, role FROM accounts ORDER BY lower(name), number;

-- name: one
SELECT number, name, email, orcid, affiliation, role FROM accounts WHERE number = %(number)s;

-- name: number
SELECT number FROM accounts WHERE id = %(id)s;
