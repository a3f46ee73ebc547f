-- name: horizon
-- Below this position no event can appear any more: every transaction that took a smaller id
-- has ended.
SELECT (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20;

-- name: notifications
SELECT stream, version, topic, state, position, recorded_at FROM es.event
 WHERE position > %(after)s
   AND position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20
   AND (%(stop)s::bigint IS NULL OR position <= %(stop)s)
   AND (%(topics)s::text[] IS NULL OR topic = ANY(%(topics)s))
 ORDER BY position LIMIT %(limit)s;

-- name: last_position
SELECT max(position) FROM es.event
 WHERE position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20;

-- name: events_of_stream
SELECT stream, version, topic, state, recorded_at, salt, digest FROM es.event
 WHERE stream = %(stream)s AND version > %(gt)s
   AND (%(lte)s::integer IS NULL OR version <= %(lte)s)
 ORDER BY version LIMIT %(limit)s;

-- name: events_of_stream_backwards
SELECT stream, version, topic, state, recorded_at, salt, digest FROM es.event
 WHERE stream = %(stream)s AND version > %(gt)s
   AND (%(lte)s::integer IS NULL OR version <= %(lte)s)
 ORDER BY version DESC LIMIT %(limit)s;

-- name: positions_of_save
-- All events of one save have the same transaction id: the bits of the position above the lowest 20.
SELECT position FROM es.event
 WHERE position >= (SELECT position >> 20 << 20 FROM es.event
                     WHERE stream = %(stream)s AND digest = %(digest)s)
   AND position < (SELECT (position >> 20) + 1 << 20 FROM es.event
                    WHERE stream = %(stream)s AND digest = %(digest)s)
 ORDER BY position;
