-- The log. Source: DESIGN.md "The log".

CREATE SCHEMA es;
CREATE SCHEMA view;
CREATE SCHEMA rebuild;

-- Added to transaction ids, so that positions go on rising after a restore into a cluster whose
-- own are smaller. A function, not a table: the planner folds it into a constant.
CREATE FUNCTION es.txid_offset() RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql RETURN 0;

CREATE TABLE es.event (
    stream      uuid        NOT NULL,
    version     integer     NOT NULL CHECK (version > 0),
    position    bigint      NOT NULL,
    topic       text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    state       bytea,
    salt        bytea,
    digest      bytea       NOT NULL,
    PRIMARY KEY (stream, version)
);
CREATE UNIQUE INDEX event_position ON es.event (position);
-- Documents are stored as they are: compressing them again at every append costs more than it saves.
ALTER TABLE es.event ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE FUNCTION es.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON es.event
    FOR EACH STATEMENT EXECUTE FUNCTION es.refuse();
ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only;

-- How far each follower has come.
CREATE TABLE es.follower (name text PRIMARY KEY, position bigint NOT NULL);

-- Public numbers. Drawn before the save, so they may have gaps.
CREATE SEQUENCE es.account_number;
CREATE SEQUENCE es.action_number;
CREATE SEQUENCE es.group_number;
CREATE SEQUENCE es.record_number;

-- The serving role owns nothing: it appends and reads the log, and keeps the views.
GRANT USAGE ON SCHEMA es, view TO muniment_writer;
GRANT SELECT, INSERT ON es.event TO muniment_writer;
GRANT SELECT, INSERT, UPDATE ON es.follower TO muniment_writer;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA es TO muniment_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA rebuild, view
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO muniment_writer;
