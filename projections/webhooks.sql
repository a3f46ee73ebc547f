-- name: all
SELECT webhook.id, url, kinds, made_at,
       (SELECT count(*) FROM es.webhook_message m WHERE m.webhook = webhook.id AND NOT dead),
       (SELECT count(*) FROM es.webhook_message m WHERE m.webhook = webhook.id AND dead)
  FROM es.webhook WHERE %(id)s::uuid IS NULL OR webhook.id = %(id)s
 ORDER BY made_at, webhook.id;

-- name: listening
SELECT webhook.id, url, kinds,
       EXISTS (SELECT FROM es.webhook_message m WHERE m.webhook = webhook.id AND NOT dead)
  FROM es.webhook ORDER BY made_at, webhook.id;

-- name: add
-- From here on: what was recorded before is not told.
INSERT INTO es.webhook (id, url, kinds, position)
VALUES (%(id)s, %(url)s, %(kinds)s,
        ((txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20) - 1)
ON CONFLICT (id) DO NOTHING;

-- name: remove
DELETE FROM es.webhook WHERE id = %(id)s RETURNING id;

-- name: queue
-- Look at the next events of the log, in order and below the horizon, and keep those that are told.
-- While many wait to be sent none is looked at: the log keeps them.
WITH next AS MATERIALIZED (
    SELECT event.position, event.stream, event.topic FROM es.event, es.webhook
     WHERE webhook.id = %(id)s AND event.position > webhook.position
       AND event.position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20
       AND (SELECT count(*) FROM es.webhook_message m
             WHERE m.webhook = %(id)s AND NOT m.dead) < %(most)s
     ORDER BY event.position LIMIT %(batch)s
), kept AS (
    INSERT INTO es.webhook_message (webhook, position, stream)
    SELECT %(id)s, position, stream FROM next WHERE topic = ANY(%(topics)s::text[])
)
UPDATE es.webhook SET position = (SELECT max(next.position) FROM next)
 WHERE id = %(id)s AND EXISTS (SELECT FROM next);

-- name: due
-- What is to be sent next: of each object the oldest that waits, and no other before it is gone.
SELECT m.position, m.tries, e.stream, e.version, e.topic, e.recorded_at, e.state, e.digest
  FROM es.webhook_message m JOIN es.event e ON e.position = m.position
 WHERE m.webhook = %(id)s AND NOT m.dead AND m.due_at <= now()
   AND NOT EXISTS (SELECT FROM es.webhook_message earlier
                    WHERE earlier.webhook = m.webhook AND earlier.stream = m.stream
                      AND NOT earlier.dead AND earlier.position < m.position)
 ORDER BY m.position LIMIT 1;

-- name: sent
DELETE FROM es.webhook_message WHERE webhook = %(id)s AND position = %(position)s;

-- name: failed
UPDATE es.webhook_message
   SET tries = tries + 1, problem = %(problem)s, dead = %(pause)s::float8 IS NULL,
       due_at = now() + make_interval(secs => coalesce(%(pause)s, 0))
 WHERE webhook = %(id)s AND position = %(position)s;

-- name: dead
SELECT m.position, m.stream, e.topic, e.recorded_at, m.tries, m.problem
  FROM es.webhook_message m JOIN es.event e ON e.position = m.position
 WHERE m.webhook = %(id)s AND m.dead ORDER BY m.position LIMIT %(limit)s;

-- name: revive
UPDATE es.webhook_message SET dead = false, tries = 0, due_at = now()
 WHERE webhook = %(id)s AND dead RETURNING position;
