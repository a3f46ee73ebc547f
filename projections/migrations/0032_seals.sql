-- Seals: the tiles of the tree over the log's events, and the last checkpoint of it. What seals is
-- the owner; the serving role reads. Source: DESIGN.md "Evidence".

CREATE TABLE IF NOT EXISTS es.tile (
    level  smallint NOT NULL,
    number bigint   NOT NULL,
    begins bigint,             -- on level 0: the position of its first event
    hashes bytea    NOT NULL,  -- 32 bytes each
    PRIMARY KEY (level, number)
);
ALTER TABLE es.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS tile_begins ON es.tile (begins) WHERE level = 0;

CREATE TABLE IF NOT EXISTS es.seal (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    size       bigint  NOT NULL DEFAULT 0,   -- leaves in the tiles
    position   bigint  NOT NULL DEFAULT -1,  -- of the last of them
    checkpoint text,                         -- the last that was signed
    key        text,                         -- the public key that it is checked with
    problem    text                          -- why no checkpoint can be signed
);
INSERT INTO es.seal DEFAULT VALUES ON CONFLICT DO NOTHING;

GRANT SELECT ON es.tile, es.seal TO muniment_writer;
