-- name: state
-- How far, and how long ago the oldest event was recorded that is not in the tiles.
SELECT seal.size,
       coalesce((SELECT extract(epoch FROM now() - e.recorded_at) FROM es.event e
                  WHERE e.position > seal.position ORDER BY e.position LIMIT 1), 0)::float8,
       seal.problem, seal.unpushed
  FROM es.seal;

-- name: checkpoint
SELECT checkpoint FROM es.seal;

-- name: key
SELECT key FROM es.seal;

-- name: signed
-- The last checkpoint, and the position of the last leaf of its tree or of one after it.
SELECT checkpoint, position FROM es.seal WHERE checkpoint IS NOT NULL;

-- name: tiles
SELECT level, number, hashes FROM es.tile
  JOIN unnest(%(levels)s::smallint[], %(numbers)s::bigint[]) AS asked (level, number)
       USING (level, number);

-- name: entries
-- The headers of a bundle of 256 leaves from one of them on, as far as they are sealed.
SELECT e.stream, e.version, e.position, e.topic, e.recorded_at, e.digest
  FROM es.tile, es.seal,
       LATERAL (SELECT * FROM es.event
                 WHERE event.position >= tile.begins AND event.position <= seal.position
                 ORDER BY event.position OFFSET %(first)s LIMIT %(width)s) e
 WHERE tile.level = 0 AND tile.number = %(number)s
 ORDER BY e.position;

-- name: index
-- The place of an event among the leaves: that of its bundle, and how many come before it there.
SELECT tile.number * 256 + (SELECT count(*) FROM es.event
                             WHERE event.position >= tile.begins AND event.position < %(position)s)
  FROM es.tile WHERE level = 0 AND begins <= %(position)s
 ORDER BY begins DESC LIMIT 1;

-- name: published
SELECT e.stream, e.version, e.position, e.topic, e.recorded_at, e.digest,
       es.visible_now(v.visibility, v.opens_at)
  FROM (SELECT record, number, revision, recorded_at, visibility, opens_at FROM versions
         UNION ALL
        SELECT record, number, revision, recorded_at, visibility, opens_at FROM tombstones) v
  JOIN es.event e ON e.stream = v.record AND e.version = v.revision
 WHERE v.record = %(record)s AND v.number = %(number)s;

-- name: bundles
-- Each bundle with its leaves' hashes, which is the next, and where that begins, if there is one.
SELECT number, begins, lead(number) OVER after, lead(begins) OVER after, hashes
  FROM es.tile WHERE level = 0 WINDOW after AS (ORDER BY number) ORDER BY number;

-- name: upper
SELECT level, number, hashes FROM es.tile WHERE level > 0 ORDER BY level, number;

-- name: all
SELECT level, number FROM es.tile;

-- name: begun
-- A tile and the position at which it begins.
SELECT begins, hashes FROM es.tile
  JOIN unnest(%(levels)s::smallint[], %(numbers)s::bigint[]) AS asked (level, number)
       USING (level, number);

-- name: unsorted
SET LOCAL enable_sort = off;

-- name: headers
-- The next below the horizon, by their index.
SELECT stream, version, position, topic, recorded_at, digest FROM es.event
 WHERE position > %(after)s
   AND position < (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20
 ORDER BY position LIMIT %(limit)s;
