-- name: sealed
SELECT size, position, checkpoint, key, problem FROM es.seal;

-- name: next
-- Headers alone: what is in the events is not read.
SELECT stream, version, position, topic, recorded_at, digest FROM es.event
 WHERE position > %(after)s
   AND position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20
 ORDER BY position LIMIT %(limit)s;

-- name: grow
INSERT INTO es.tile (level, number, begins, hashes)
VALUES (%(level)s, %(number)s, %(begins)s, %(hashes)s)
ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes;

-- name: reach
UPDATE es.seal SET size = %(size)s, position = %(position)s;

-- name: sign
UPDATE es.seal SET checkpoint = %(checkpoint)s, key = %(key)s, problem = NULL;

-- name: refuse
UPDATE es.seal SET problem = %(problem)s WHERE problem IS DISTINCT FROM %(problem)s;

-- name: pushing
UPDATE es.seal SET unpushed = %(unpushed)s WHERE unpushed <> %(unpushed)s;
