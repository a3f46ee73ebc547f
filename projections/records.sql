-- name: table
CREATE TABLE records (
    id             uuid PRIMARY KEY,
    version        integer     NOT NULL,
    recorded_at    timestamptz NOT NULL,
    pid            text        NOT NULL,
    number         bigint      NOT NULL,
    action         uuid        NOT NULL,
    family         uuid        NOT NULL,
    versions       integer     NOT NULL,
    schema_version integer,
    access         jsonb       NOT NULL,
    files          integer     NOT NULL,
    created_at     timestamptz NOT NULL,
    index          integer     NOT NULL,
    draft          jsonb,
    manifest       jsonb,
    options        jsonb,
    locations      integer     NOT NULL
);

-- name: indexes
CREATE UNIQUE INDEX ON records (number);
CREATE UNIQUE INDEX ON records (pid);
CREATE INDEX ON records (family, index);
CREATE INDEX ON records (action, number);
-- Open drafts under an action; of columns that never change, lest every save writes to the index.
CREATE INDEX ON records (action, family) WHERE draft IS NOT NULL;
-- What is open to everyone, or will be: what es.open_now(access) may say yes to.
CREATE INDEX ON records (number)
 WHERE access ->> 'record' = 'public' OR access #>> '{embargo,until}' IS NOT NULL;
-- Which open drafts have a list of files.
CREATE INDEX ON records ((draft #>> '{base,digest}')) WHERE draft #>> '{base,digest}' IS NOT NULL;
