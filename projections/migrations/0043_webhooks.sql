-- Who is told of events, and what is still to be told. Source: projections/webhooks.py.

CREATE TABLE IF NOT EXISTS es.webhook (
    id       uuid        PRIMARY KEY,
    url      text        NOT NULL,
    kinds    text[]      NOT NULL,  -- topics, or beginnings of topics with a star after them
    made_at  timestamptz NOT NULL DEFAULT now(),
    position bigint      NOT NULL   -- of the last event that was looked at
);
CREATE TABLE IF NOT EXISTS es.webhook_message (
    webhook  uuid        NOT NULL REFERENCES es.webhook ON DELETE CASCADE,
    position bigint      NOT NULL,  -- of the event
    stream   uuid        NOT NULL,
    tries    integer     NOT NULL DEFAULT 0,
    due_at   timestamptz NOT NULL DEFAULT now(),
    dead     boolean     NOT NULL DEFAULT false,
    problem  text        NOT NULL DEFAULT '',  -- of the last try
    PRIMARY KEY (webhook, position)
);
CREATE INDEX IF NOT EXISTS webhook_message_of_stream
    ON es.webhook_message (webhook, stream, position) WHERE NOT dead;

GRANT SELECT, INSERT, UPDATE, DELETE ON es.webhook, es.webhook_message TO muniment_writer;
