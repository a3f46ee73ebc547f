-- name: learn
-- Rows are written where they are not of the newest version.
INSERT INTO words (record, version, words)
SELECT s.record, s.version, es.words(s.document)
  FROM search s LEFT JOIN words w ON w.record = s.record
 WHERE s.record = ANY(%(records)s) AND w.version IS DISTINCT FROM s.version
ON CONFLICT (record) DO UPDATE SET version = excluded.version, words = excluded.words
 WHERE words.version <= excluded.version;

-- name: mend
-- So too where they are not what the document says.
INSERT INTO words (record, version, words)
SELECT s.record, s.version, found.words
  FROM search s CROSS JOIN LATERAL (SELECT es.words(s.document) AS words OFFSET 0) found
  LEFT JOIN words w ON w.record = s.record
 WHERE s.record = ANY(%(records)s) AND (w.version, w.words) IS DISTINCT FROM (s.version, found.words)
ON CONFLICT (record) DO UPDATE SET version = excluded.version, words = excluded.words
 WHERE words.version <= excluded.version;

-- name: unfounded
DELETE FROM words w WHERE NOT EXISTS (SELECT FROM search s WHERE s.record = w.record);

-- name: next
SELECT record FROM search WHERE record > %(after)s ORDER BY record LIMIT %(limit)s;

-- name: pending
-- Records with a version that the follower has not come to.
SELECT DISTINCT e.stream FROM es.event e
 WHERE e.position > coalesce((SELECT f.position FROM es.follower f WHERE f.name = 'words'), 0)
   AND e.topic = 'record.published'

-- name: having
-- Records whose newest version has the words that are asked for.
SELECT w.record FROM words w JOIN search s ON s.record = w.record AND s.version = w.version
 WHERE w.words @@ {asked}
 UNION
SELECT s.record FROM ({pending}) p JOIN search s ON s.record = p.stream
 WHERE es.words(s.document) @@ {asked}

-- name: wrong
SELECT coalesce(s.record, w.record), s.record IS NULL, w.record IS NULL
  FROM search s FULL JOIN words w ON w.record = s.record
 WHERE (w.version, w.words) IS DISTINCT FROM (s.version, es.words(s.document))
   AND NOT EXISTS (SELECT FROM ({pending}) p WHERE p.stream = coalesce(s.record, w.record));

-- name: come
-- The follower has come to where the log was sure to be whole when this began.
INSERT INTO es.follower (name, position) VALUES ('words', %(position)s)
ON CONFLICT (name) DO UPDATE SET position = greatest(follower.position, excluded.position);
