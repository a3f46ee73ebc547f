-- name: by_number
SELECT id, family FROM records WHERE number = %(key)s;

-- name: by_id
SELECT id, family FROM records WHERE id = %(key)s;

-- name: versions
SELECT versions FROM records WHERE id = %(record)s;

-- name: reached
-- The last event of each of the two streams, or the last until an instant.
SELECT coalesce((SELECT max(version) FROM es.event WHERE stream = %(record)s
                    AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s)), 0),
       coalesce((SELECT max(version) FROM es.event WHERE stream = %(family)s
                    AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s)), 0);

-- name: passed
-- How many events of a record and of its family lie up to a position: versions rise with positions, so
-- each is found in as many steps as its number has bits. Of what somebody removed, the event before it
-- tells.
WITH RECURSIVE sought (stream, low, high) AS (
    SELECT each.stream, 0, (SELECT coalesce(max(version), 0) FROM es.event e WHERE e.stream = each.stream)
      FROM (VALUES (%(record)s::uuid), (%(family)s)) each (stream)
    UNION ALL
    SELECT s.stream, CASE WHEN e.position > %(position)s THEN s.low ELSE (s.low + s.high + 1) / 2 END,
           CASE WHEN e.position > %(position)s THEN e.version - 1 ELSE s.high END
      FROM sought s
      LEFT JOIN LATERAL (SELECT version, position FROM es.event e
                          WHERE e.stream = s.stream AND e.version > s.low
                            AND e.version <= (s.low + s.high + 1) / 2
                          ORDER BY version DESC LIMIT 1) e ON true
     WHERE s.low < s.high
)
SELECT (SELECT low FROM sought WHERE stream = %(record)s AND low = high),
       (SELECT low FROM sought WHERE stream = %(family)s AND low = high);

-- name: page
-- The next events of a record and of its family, in order of position, but for those of some topics.
-- A state has more than `large` bytes: it is left out, and fetched on its own.
SELECT stream, version, topic, recorded_at, position,
       CASE WHEN state IS NULL THEN es.blank(stream, version)
            WHEN octet_length(state) BETWEEN 1 AND %(large)s THEN state END, digest
  FROM ((SELECT * FROM es.event
          WHERE stream = %(record)s AND version > %(record_after)s
            AND version <= %(record_last)s AND topic <> ALL(%(untold)s::text[])
          ORDER BY version LIMIT %(limit)s)
        UNION ALL
        (SELECT * FROM es.event
          WHERE stream = %(family)s AND version > %(family_after)s
            AND version <= %(family_last)s AND topic <> ALL(%(untold)s::text[])
          ORDER BY version LIMIT %(limit)s)) AS event
 ORDER BY position LIMIT %(limit)s;

-- name: open
-- Of the next `walk` events of a record those of some topics, and those that published a version
-- which may be viewed, as access.may_view_version says; each with the version walked to. One row
-- without an event when there is none of them, no row at the end. A version is found by when it was
-- recorded: that rises strictly in a stream.
WITH walked AS MATERIALIZED (SELECT * FROM es.event
                              WHERE stream = %(record)s AND version > %(after)s
                              ORDER BY version LIMIT %(walk)s),
     reached AS (SELECT max(version) AS version, min(recorded_at) AS since,
                        max(recorded_at) AS until FROM walked)
SELECT reached.version, e.stream, e.version, e.topic, e.recorded_at, e.position,
       CASE WHEN e.state IS NULL THEN es.blank(e.stream, e.version)
            WHEN octet_length(e.state) BETWEEN 1 AND %(large)s THEN e.state END, e.digest
  FROM reached
  LEFT JOIN (SELECT * FROM walked
              WHERE topic = ANY(%(topics)s)
                 OR topic = %(published)s
                    AND recorded_at IN (SELECT v.recorded_at FROM versions v, reached
                                         WHERE v.record = %(record)s
                                           AND v.recorded_at > '-infinity'
                                           AND v.recorded_at BETWEEN since AND until
                                           AND (%(granted)s OR %(public)s
                                                AND es.open_now(v.visibility, v.opens_at)))
              ORDER BY version LIMIT %(limit)s) e ON true
 WHERE reached.version IS NOT NULL
 ORDER BY e.version;

-- name: placed
SELECT version FROM es.event WHERE position = %(position)s AND stream = %(record)s;

-- name: state
SELECT state FROM es.event WHERE stream = %(stream)s AND version = %(version)s;

-- name: called
SELECT name FROM accounts WHERE id = %(id)s
UNION ALL SELECT name ->> 'en' FROM groups WHERE id = %(id)s
UNION ALL SELECT name FROM actions WHERE id = %(id)s;
