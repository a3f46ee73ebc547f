-- name: table
-- Rows of `listed` that differ in nothing that a search counts by share a tally, and tallies of what
-- the same people may see share an audience: what is visible is asked of these, whatever the number
-- of records, and where nothing else is asked they know how many there are.
CREATE TABLE audiences (
    id      bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key     uuid    NOT NULL UNIQUE, -- made of the six columns that follow
    opens   timestamptz,             -- when it is open to everybody; -infinity: it is; NULL: never
    lists   timestamptz,             -- when everybody who sees it may list its files; likewise
    shared  boolean NOT NULL,        -- with everybody who has signed in
    holders uuid[],                  -- of rungs; NULL: all is open, and they do not matter
    status  text    NOT NULL,        -- InvenioRDM's, from `until` on
    until   timestamptz,             -- when an embargo ends
    latest  bigint  NOT NULL,        -- how many records there are, each the latest of its family
    every   bigint  NOT NULL         -- and how many with those that are not
) WITH (fillfactor = 50);
CREATE TABLE tallies (
    id            bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           uuid    NOT NULL UNIQUE, -- made of the audience and the four facets
    audience      bigint  NOT NULL,
    resource_type text,
    languages     text[]  NOT NULL,
    year          integer,
    file_types    text[]  NOT NULL,
    latest        bigint  NOT NULL,
    every         bigint  NOT NULL
) WITH (fillfactor = 50);
-- The same by each value of a facet alone.
CREATE TABLE margins (
    audience bigint NOT NULL,
    facet    text   NOT NULL,
    value    text   NOT NULL,
    latest   bigint NOT NULL,
    every    bigint NOT NULL,
    PRIMARY KEY (audience, facet, value)
) WITH (fillfactor = 50);
-- One row a published record, narrow: a search that finds many reads them all. So the words lie apart
-- from the row; `bulk`, blanks that take no space, makes every row long enough for PostgreSQL to put
-- anything apart.
CREATE TABLE listed (
    record     uuid        PRIMARY KEY,
    family     uuid        NOT NULL,
    owner      uuid        NOT NULL,
    number     bigint      NOT NULL,
    tally      bigint      NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL, -- when its newest version was recorded
    datestamp  timestamptz NOT NULL, -- when what everybody sees of it last changed, or will
    published  bigint      NOT NULL, -- the position of its first version in the log
    position   bigint      NOT NULL, -- of its newest
    superseded bigint,               -- of the first of the family's next record; NULL: it is the latest
    index      integer     NOT NULL,
    version    integer     NOT NULL, -- the newest
    titles     tsvector    NOT NULL,
    words      tsvector    NOT NULL,
    bulk       text        NOT NULL DEFAULT repeat(' ', 2048)
) WITH (toast_tuple_target = 128);
ALTER TABLE listed ALTER COLUMN titles SET STORAGE PLAIN, ALTER COLUMN words SET STORAGE EXTERNAL,
    ALTER COLUMN bulk SET STORAGE MAIN;

-- name: indexes
CREATE INDEX ON audiences (opens) WHERE opens IS NOT NULL;
CREATE INDEX ON audiences (id) WHERE shared;
CREATE INDEX ON audiences USING gin (holders);
CREATE INDEX ON tallies (audience);
CREATE INDEX ON listed (family);
CREATE INDEX ON listed (owner);
CREATE INDEX ON listed (created_at, number);
CREATE INDEX ON listed (updated_at, number);
CREATE INDEX ON listed (datestamp, number);
CREATE INDEX ON listed (index, number);
CREATE INDEX ON listed (tally, created_at, number);
CREATE INDEX ON listed (tally, datestamp, number);
CREATE INDEX ON listed (position);
CREATE INDEX ON listed USING gin (words) WITH (gin_pending_list_limit = 1024);

-- name: audience
-- Who may see a row r of records whose newest version is v: access.may_view_version.
SELECT a.opens, a.lists, a.shared,
       CASE WHEN (a.opens = '-infinity' AND a.lists = '-infinity') IS NOT TRUE THEN a.holders END AS holders,
       CASE WHEN r.access -> 'embargo' IS NULL
                 AND (r.access ->> 'record' IS DISTINCT FROM 'public'
                      OR a.files AND r.access ->> 'files' IS DISTINCT FROM 'public') THEN 'restricted'
            WHEN a.files THEN 'open' ELSE 'metadata-only' END AS status,
       (r.access #>> '{embargo,until}')::timestamptz AS until
  FROM (SELECT CASE WHEN bool_or(g.principal = {everyone}) THEN '-infinity'
                    WHEN published.opens IS NOT NULL AND held.opens IS NOT NULL
                    THEN greatest(published.opens, held.opens) END AS opens,
               CASE WHEN bool_or(g.principal = {everyone}) OR v.manifest IS NULL THEN '-infinity'
                    WHEN r.access -> 'embargo' IS NOT NULL THEN (r.access #>> '{embargo,until}')::timestamptz
                    WHEN r.access @> '{"record": "public", "files": "public"}' THEN '-infinity' END AS lists,
               coalesce(bool_or(g.principal = {signed_in}), false) AS shared,
               coalesce(array_agg(g.principal ORDER BY g.principal)
                        FILTER (WHERE g.principal IS NOT NULL), '{}') AS holders,
               CASE WHEN v.options IS NULL THEN v.manifest IS NOT NULL
                    ELSE coalesce((v.options ->> 'enabled')::boolean, true) END AS files
          FROM (SELECT CASE WHEN v.visibility = 'public' THEN '-infinity' ELSE v.opens_at END AS opens) published
         CROSS JOIN (SELECT CASE WHEN r.access ->> 'record' = 'public' THEN '-infinity'
                                 ELSE (r.access #>> '{embargo,until}')::timestamptz END AS opens) held
          LEFT JOIN grants g ON g.family = r.family AND g.level >= 1
         GROUP BY published.opens, held.opens) a

-- name: facets
-- Of a document s and the files of its version v.
SELECT es.resource_type(s.document) AS resource_type, es.languages(s.document) AS languages,
       es.year(s.document) AS year,
       ARRAY(SELECT DISTINCT each
               FROM manifests m
              CROSS JOIN LATERAL (SELECT * FROM manifest_pages p WHERE p.manifest = m.id OFFSET 0) p
              CROSS JOIN LATERAL unnest(es.file_types(p.files)) AS each
              WHERE m.manifest ->> 'digest' = v.manifest ->> 'digest' AND each IS NOT NULL
              ORDER BY 1) AS file_types

-- name: published
-- The position of the first version of a row r of records.
(SELECT e.position
   FROM (SELECT record, revision FROM versions WHERE record = r.id AND number = 0
          UNION ALL
         SELECT record, revision FROM tombstones WHERE record = r.id AND number = 0) f
   JOIN es.event e ON e.stream = f.record AND e.version = f.revision)

-- name: superseded
-- The same of the family's next record whose newest version is there.
(SELECT e.position
   FROM records n JOIN versions v ON v.record = n.id AND v.number = n.versions - 1
  CROSS JOIN LATERAL (SELECT record, revision FROM versions WHERE record = n.id AND number = 0
                       UNION ALL
                      SELECT record, revision FROM tombstones WHERE record = n.id AND number = 0) f
   JOIN es.event e ON e.stream = f.record AND e.version = f.revision
  WHERE n.family = r.family AND n.index > r.index AND n.versions > 0 ORDER BY n.index LIMIT 1)

-- name: owner
(SELECT owner FROM families WHERE id = r.family)

-- name: datestamp
-- Of a row r of records, its newest version v and its audience a: when what everybody sees of it last
-- changed, or when its embargo ends. Which communities it is in, too, since they are sets of what is
-- harvested: when it came into one that everybody sees, or it opened, moved, was closed or ended with it.
-- What is done with others moves nothing.
greatest(v.recorded_at, CASE WHEN isfinite(a.opens) THEN a.opens END,
         (SELECT max(e.recorded_at) FROM es.event e
           WHERE e.stream = r.id AND e.version > v.revision AND e.topic IN ({access_changed})),
         (SELECT f.left_at FROM families f WHERE f.id = r.family),
         (SELECT max(CASE WHEN {public} AND NOT g.deleted THEN greatest(i.included_at, g.shown_since)
                          WHEN i.included_at < g.shown_since THEN g.shown_since END)
            FROM inclusions i JOIN groups g ON g.id = i.community WHERE i.family = r.family),
         (SELECT max(e.recorded_at) FROM es.event e
           WHERE e.stream = r.family AND e.topic IN ({granted_to})
             AND (convert_from(e.state, 'UTF8')::jsonb #>> '{event,principal}')::uuid = {everyone}
             AND EXISTS (SELECT FROM grants g WHERE g.family = r.family AND g.principal = {everyone})))

-- name: datestamps
SELECT r.id, {datestamp}
  FROM records r
 CROSS JOIN LATERAL (SELECT * FROM versions v
                      WHERE v.record = r.id AND v.number = r.versions - 1 OFFSET 0) v
 CROSS JOIN LATERAL ({audience}) a
 WHERE r.id = ANY(%(records)s);

-- name: fresh
-- The rows as they are to be.
SELECT evaluated.*,
       md5(ROW(audience_key, resource_type, languages, year, file_types)::text)::uuid AS tally_key
  FROM (SELECT r.id AS record, r.family, {owner} AS owner, r.number, r.index, r.created_at,
               v.recorded_at AS updated_at, v.number AS version, {published} AS published, e.position,
               {superseded} AS superseded, {datestamp} AS datestamp, a.*, f.*,
               md5(ROW(extract(epoch FROM a.opens), extract(epoch FROM a.lists), a.shared, a.holders,
                       a.status, extract(epoch FROM a.until))::text)::uuid AS audience_key
          FROM {those} r
         CROSS JOIN LATERAL (SELECT * FROM versions v
                              WHERE v.record = r.id AND v.number = r.versions - 1 OFFSET 0) v
          JOIN es.event e ON e.stream = v.record AND e.version = v.revision
         CROSS JOIN LATERAL (SELECT * FROM search s WHERE s.record = r.id OFFSET 0) s
         CROSS JOIN LATERAL ({audience}) a
         CROSS JOIN LATERAL ({facets}) f OFFSET 0) evaluated

-- name: of_families
-- Records of the families that some streams are or belong to.
(SELECT r.* FROM (SELECT DISTINCT coalesce(o.family, stream) AS family
                    FROM unnest(%(streams)s::uuid[]) AS stream
                    LEFT JOIN records o ON o.id = stream) concerned
  CROSS JOIN LATERAL (SELECT * FROM records r
                       WHERE r.family = concerned.family AND r.versions > 0 OFFSET 0) r)

-- name: of_records
(SELECT * FROM records WHERE id = ANY(%(streams)s))

-- name: of_all
(SELECT * FROM records WHERE versions > 0)

-- name: learn
-- Rows are written where they differ, and what they count for follows. Nobody else does this.
WITH fresh AS MATERIALIZED ({fresh}),
made_audiences AS (
    INSERT INTO audiences (key, opens, lists, shared, holders, status, until, latest, every)
    SELECT audience_key, opens, lists, shared, holders, status, until,
           count(*) FILTER (WHERE superseded IS NULL), count(*)
      FROM fresh WHERE NOT EXISTS (SELECT FROM audiences WHERE key = audience_key)
     GROUP BY 1, 2, 3, 4, 5, 6, 7
    RETURNING id, key
), made_tallies AS (
    INSERT INTO tallies (key, audience, resource_type, languages, year, file_types, latest, every)
    SELECT tally_key, coalesce((SELECT id FROM audiences WHERE key = audience_key),
                               (SELECT id FROM made_audiences WHERE key = audience_key)),
           resource_type, languages, year, file_types,
           count(*) FILTER (WHERE superseded IS NULL), count(*)
      FROM fresh WHERE NOT EXISTS (SELECT FROM tallies WHERE key = tally_key)
     GROUP BY tally_key, audience_key, resource_type, languages, year, file_types
    RETURNING *
), told AS MATERIALIZED (
    SELECT fresh.*, coalesce((SELECT id FROM tallies WHERE key = tally_key),
                             (SELECT id FROM made_tallies WHERE key = tally_key)) AS tally
      FROM fresh
), moved AS (
    UPDATE listed l SET tally = told.tally, superseded = told.superseded, datestamp = told.datestamp
      FROM told
     WHERE l.record = told.record AND l.version = told.version
       AND (l.tally, l.superseded, l.datestamp)
           IS DISTINCT FROM (told.tally, told.superseded, told.datestamp)
), put AS (
    INSERT INTO listed (record, family, owner, number, tally, created_at, updated_at, datestamp,
                        published, position, superseded, index, version, titles, words)
    SELECT told.record, told.family, told.owner, told.number, told.tally, told.created_at,
           told.updated_at, told.datestamp, told.published, told.position, told.superseded, told.index, told.version,
           es.titles(s.document), es.words(s.document)
      FROM told
     CROSS JOIN LATERAL (SELECT * FROM search s WHERE s.record = told.record OFFSET 0) s
     WHERE told.version IS DISTINCT FROM (SELECT version FROM listed l WHERE l.record = told.record)
    ON CONFLICT (record) DO UPDATE
       SET tally = excluded.tally, updated_at = excluded.updated_at,
           datestamp = excluded.datestamp, position = excluded.position,
           superseded = excluded.superseded, version = excluded.version, titles = excluded.titles,
           words = excluded.words
), moves AS MATERIALIZED (
    SELECT tally, sum(latest)::bigint AS latest, sum(every)::bigint AS every
      FROM (SELECT tally, (superseded IS NULL)::integer AS latest, 1 AS every FROM told
             UNION ALL
            SELECT l.tally, -(l.superseded IS NULL)::integer, -1
              FROM told JOIN listed l ON l.record = told.record) each
     GROUP BY tally HAVING sum(latest) <> 0 OR sum(every) <> 0
), moved_tallies AS (
    UPDATE tallies t SET latest = t.latest + m.latest, every = t.every + m.every
      FROM moves m WHERE t.id = m.tally
), concerned AS MATERIALIZED (
    SELECT m.latest AS less, m.every AS fewer, t.audience, t.resource_type, t.languages, t.year,
           t.file_types
      FROM moves m
     CROSS JOIN LATERAL (SELECT * FROM tallies t WHERE t.id = m.tally
                          UNION ALL
                         SELECT * FROM made_tallies t WHERE t.id = m.tally) t
), moved_audiences AS (
    UPDATE audiences a SET latest = a.latest + c.less, every = a.every + c.fewer
      FROM (SELECT audience, sum(less) AS less, sum(fewer) AS fewer FROM concerned GROUP BY 1) c
     WHERE a.id = c.audience
), moved_margins AS (
    INSERT INTO margins (audience, facet, value, latest, every)
    SELECT audience, facet, value, sum(less), sum(fewer)
      FROM concerned c CROSS JOIN LATERAL ({values}) each
     GROUP BY 1, 2, 3 HAVING sum(less) <> 0 OR sum(fewer) <> 0
    ON CONFLICT (audience, facet, value) DO UPDATE
       SET latest = margins.latest + excluded.latest, every = margins.every + excluded.every
)
SELECT tally FROM moves WHERE every < 0;

-- name: forget
-- Rows whose record has no newest version any more go, and what they counted for follows.
WITH lost AS MATERIALIZED (
    DELETE FROM listed l
     USING (SELECT r.id FROM {those} r
             WHERE NOT EXISTS (SELECT FROM search s WHERE s.record = r.id)) r
     WHERE l.record = r.id
    RETURNING l.tally, (l.superseded IS NULL)::integer AS latest
), moves AS MATERIALIZED (
    SELECT tally, -sum(latest)::bigint AS latest, -count(*) AS every FROM lost GROUP BY tally
), moved_tallies AS (
    UPDATE tallies t SET latest = t.latest + m.latest, every = t.every + m.every
      FROM moves m WHERE t.id = m.tally
), concerned AS MATERIALIZED (
    SELECT m.latest AS less, m.every AS fewer, t.audience, t.resource_type, t.languages, t.year,
           t.file_types
      FROM moves m JOIN tallies t ON t.id = m.tally
), moved_audiences AS (
    UPDATE audiences a SET latest = a.latest + c.less, every = a.every + c.fewer
      FROM (SELECT audience, sum(less) AS less, sum(fewer) AS fewer FROM concerned GROUP BY 1) c
     WHERE a.id = c.audience
), moved_margins AS (
    UPDATE margins m SET latest = m.latest + c.less, every = m.every + c.fewer
      FROM (SELECT audience, facet, value, sum(less) AS less, sum(fewer) AS fewer
              FROM concerned c CROSS JOIN LATERAL ({values}) each GROUP BY 1, 2, 3) c
     WHERE (m.audience, m.facet, m.value) = (c.audience, c.facet, c.value)
)
SELECT tally FROM moves;

-- name: values
-- The values that a row c of tallies counts for, by facet.
SELECT 'resource_type' AS facet, c.resource_type AS value WHERE c.resource_type IS NOT NULL
 UNION ALL
SELECT 'languages', unnest(c.languages)
 UNION ALL
SELECT 'publication_date', c.year::text WHERE c.year IS NOT NULL
 UNION ALL
SELECT 'file_type', unnest(c.file_types)

-- name: empty
-- Forget what counts nothing any more.
WITH gone AS (
    DELETE FROM tallies WHERE id = ANY(%(tallies)s) AND every = 0 RETURNING audience
), lonely AS (
    DELETE FROM margins m USING (SELECT DISTINCT audience FROM gone) g
     WHERE m.audience = g.audience AND m.every = 0
)
DELETE FROM audiences a USING (SELECT DISTINCT audience FROM gone) g
 WHERE a.id = g.audience AND a.every = 0;

-- name: next
-- In the order in which they were begun: so they come to lie as they are listed.
SELECT id, number FROM records WHERE number > %(after)s AND versions > 0 ORDER BY number LIMIT %(limit)s;

-- name: since
SELECT DISTINCT stream FROM es.event
 WHERE position > %(after)s AND position <= %(until)s AND topic = ANY(%(topics)s);

-- name: reached
SELECT position FROM es.follower WHERE name = 'listed' FOR UPDATE;

-- name: come
INSERT INTO es.follower (name, position) VALUES ('listed', %(position)s)
ON CONFLICT (name) DO UPDATE SET position = greatest(follower.position, excluded.position);

-- name: recent
-- Families of which the follower has not come to everything.
SELECT DISTINCT coalesce(r.family, e.stream) AS family
  FROM es.event e LEFT JOIN records r ON r.id = e.stream
 WHERE e.position > es.reached('listed')
   AND e.topic IN ({topics})

-- name: moved_sets
-- Communities that everybody sees otherwise by now, of which the follower has not come to that.
SELECT DISTINCT e.stream FROM es.event e JOIN groups g ON g.id = e.stream AND g.shown_since = e.recorded_at
 WHERE e.position > es.reached('listed') AND e.topic IN ({of_sets})

-- name: recent_stamped
-- Families whose datestamps it does not know.
{recent}
 UNION
SELECT i.family FROM ({moved_sets}) moved JOIN inclusions i ON i.community = moved.stream

-- name: restamp
-- Have datestamps as they are to be, in some families of communities; the last of these. Rows are written
-- where they differ.
WITH those AS MATERIALIZED (
    SELECT DISTINCT i.family FROM inclusions i
     WHERE i.community = ANY(%(communities)s) AND i.family > %(after)s ORDER BY i.family LIMIT %(limit)s
), told AS MATERIALIZED (
    SELECT r.id AS record, {datestamp} AS datestamp
      FROM those
     CROSS JOIN LATERAL (SELECT * FROM records r
                          WHERE r.family = those.family AND r.versions > 0 OFFSET 0) r
     CROSS JOIN LATERAL (SELECT * FROM versions v
                          WHERE v.record = r.id AND v.number = r.versions - 1 OFFSET 0) v
     CROSS JOIN LATERAL ({audience}) a
), moved AS (
    UPDATE listed l SET datestamp = told.datestamp
      FROM told WHERE l.record = told.record AND l.datestamp <> told.datestamp
)
SELECT family FROM those ORDER BY family DESC LIMIT 1;

-- name: having
-- Records whose newest version has the words that are asked for.
SELECT l.record FROM listed l JOIN search s ON s.record = l.record AND s.version = l.version
 WHERE l.words @@ {asked}
 UNION
SELECT s.record
  FROM es.event e JOIN search s ON s.record = e.stream
 WHERE e.position > es.reached('listed')
   AND e.topic = 'record.published' AND es.words(s.document) @@ {asked}

-- name: wrong
-- Rows that are not what the views say, of what the follower has come to, and what of them is not.
WITH recent AS MATERIALIZED ({recent_stamped}), fresh AS ({fresh})
SELECT coalesce(f.record, l.record), f.record IS NULL, l.record IS NULL, differing.names
  FROM fresh f
  FULL JOIN (SELECT l.*, t.key AS tally_key, a.key AS audience_key
               FROM listed l LEFT JOIN tallies t ON t.id = l.tally
               LEFT JOIN audiences a ON a.id = t.audience) l
    ON l.record = f.record
  LEFT JOIN search s ON s.record = f.record
 CROSS JOIN LATERAL (
    SELECT array_agg(name ORDER BY name) AS names
      FROM (VALUES ('family', l.family IS DISTINCT FROM f.family),
                   ('owner', l.owner IS DISTINCT FROM f.owner),
                   ('number', l.number IS DISTINCT FROM f.number),
                   ('audience', l.audience_key IS DISTINCT FROM f.audience_key),
                   ('facets', l.tally_key IS DISTINCT FROM f.tally_key
                              AND l.audience_key IS NOT DISTINCT FROM f.audience_key),
                   ('created_at', l.created_at IS DISTINCT FROM f.created_at),
                   ('updated_at', l.updated_at IS DISTINCT FROM f.updated_at),
                   ('datestamp', l.datestamp IS DISTINCT FROM f.datestamp),
                   ('published', l.published IS DISTINCT FROM f.published),
                   ('position', l.position IS DISTINCT FROM f.position),
                   ('superseded', l.superseded IS DISTINCT FROM f.superseded),
                   ('index', l.index IS DISTINCT FROM f.index),
                   ('version', l.version IS DISTINCT FROM f.version),
                   ('titles', l.titles IS DISTINCT FROM es.titles(s.document)),
                   ('words', l.words IS DISTINCT FROM es.words(s.document))) each (name, differs)
     WHERE differs) differing
 WHERE differing.names IS NOT NULL
   AND coalesce(f.family, l.family) NOT IN (SELECT family FROM recent);

-- name: miscounted
-- Tallies that are not what their rows amount to, then what follows from tallies.
SELECT 'tallies', jsonb_build_object('id', coalesce(t.id, l.tally))
  FROM tallies t
  FULL JOIN (SELECT tally, count(*) FILTER (WHERE superseded IS NULL) AS latest, count(*) AS every
               FROM listed GROUP BY tally) l ON l.tally = t.id
 WHERE (coalesce(t.latest, 0), coalesce(t.every, 0))
       <> (coalesce(l.latest, 0), coalesce(l.every, 0))
    OR t.key <> md5(ROW((SELECT a.key FROM audiences a WHERE a.id = t.audience), t.resource_type,
                        t.languages, t.year, t.file_types)::text)::uuid
 UNION ALL
SELECT 'audiences', jsonb_build_object('id', coalesce(a.id, t.audience))
  FROM audiences a
  FULL JOIN (SELECT audience, sum(latest) AS latest, sum(every) AS every FROM tallies GROUP BY 1) t
    ON t.audience = a.id
 WHERE (coalesce(a.latest, 0), coalesce(a.every, 0))
       <> (coalesce(t.latest, 0), coalesce(t.every, 0))
    OR a.key <> md5(ROW(extract(epoch FROM a.opens), extract(epoch FROM a.lists), a.shared, a.holders,
                        a.status, extract(epoch FROM a.until))::text)::uuid
 UNION ALL
SELECT 'margins', jsonb_build_object('audience', audience, 'facet', facet, 'value', value)
  FROM margins m
  FULL JOIN (SELECT audience, facet, value, sum(latest) AS latest, sum(every) AS every
               FROM tallies c CROSS JOIN LATERAL ({values}) each GROUP BY 1, 2, 3) t
 USING (audience, facet, value)
 WHERE (coalesce(m.latest, 0), coalesce(m.every, 0))
       <> (coalesce(t.latest, 0), coalesce(t.every, 0));
