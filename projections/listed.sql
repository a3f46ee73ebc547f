-- Parts of these are projections/listing.sql's.

-- name: visible
-- Whether the asker sees what an audience a may. This and the next three are parts of what follows.
(a.opens <= now() OR a.shared AND %(signed_in)s OR a.holders && %(principals)s::uuid[])

-- name: lists
-- Whether he may list the files of what he sees of it, and the types of these that he is told of.
(a.lists <= now() OR a.shared AND %(signed_in)s OR a.holders && %(principals)s::uuid[])

-- name: told
CASE WHEN {lists} THEN t.file_types ELSE '{}' END AS file_types

-- name: access_status
CASE WHEN a.until > now() THEN 'embargoed' ELSE a.status END

-- name: selected_resource_type
-- Values selected of each facet; that of a resource type stands for its subtypes too.
(c.resource_type = ANY(%(resource_type)s::text[])
 OR split_part(c.resource_type, '-', 1) = ANY(%(resource_type)s::text[]))

-- name: selected_access_status
c.access_status = ANY(%(access_status)s::text[])

-- name: selected_languages
c.languages && %(languages)s::text[]

-- name: selected_publication_date
c.year::text = ANY(%(publication_date)s::text[])

-- name: selected_file_type
c.file_types && %(file_type)s::text[]

-- name: was
-- Whether what has a position had happened when the walk of a cursor began.
({position} < es.horizon(%(start)s::pg_snapshot) OR es.was({position}, %(start)s::pg_snapshot))

-- name: known
-- Rows that the follower knows as they stand.
l.family NOT IN (SELECT family FROM recent)

-- name: recents
recent AS MATERIALIZED ({recent})

-- name: live
-- What the follower does not know: evaluated. Each row is a tally of its own.
live AS MATERIALIZED ({evaluated_now})

-- name: past
-- What it does not know as it stood when the walk of a cursor began.
past AS MATERIALIZED ({evaluated_then})

-- name: evaluated
    SELECT -row_number() OVER () AS tally, 1::bigint AS n, l.*
      FROM (SELECT r.id AS record, r.number, r.index, r.created_at, w.recorded_at AS updated_at,
                   {access_status} AS access_status, t.resource_type, t.languages, t.year, {told},
                   {rank} AS rank, {full_rank} AS full_rank, d.*
              FROM {those} r
             CROSS JOIN LATERAL (SELECT * FROM versions v
                                  WHERE v.record = r.id AND v.number = r.versions - 1 OFFSET 0) v
             CROSS JOIN LATERAL {shown} w
             CROSS JOIN LATERAL {document} s
             CROSS JOIN LATERAL ({audience}) a
             CROSS JOIN LATERAL ({facets}) t
             CROSS JOIN LATERAL (SELECT {stamps} OFFSET 0) d
             WHERE {visible} AND {open} AND {latest} AND {condition}) l
     WHERE {within_range}

-- name: stamped
{datestamp} AS datestamp, {published} AS published

-- name: those_now
(SELECT r.* FROM recent
  CROSS JOIN LATERAL (SELECT * FROM records r
                       WHERE r.family = recent.family AND r.versions > 0 OFFSET 0) r)

-- name: shown_now
(SELECT v.recorded_at)

-- name: document_now
(SELECT * FROM search s WHERE s.record = r.id OFFSET 0)

-- name: open_now
true

-- name: latest_now
NOT EXISTS (SELECT FROM records n
             WHERE n.family = r.family AND n.index > r.index AND n.versions > 0)

-- name: those_then
(SELECT r.* FROM (SELECT r.id FROM {those_now} r
                   UNION
                  SELECT l.record FROM listed l
                   WHERE l.position >= es.horizon(%(start)s::pg_snapshot) AND {changed}) of
  CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.id = of.id OFFSET 0) r)

-- name: shown_then
-- The version that was the newest.
(SELECT o.* FROM versions o JOIN es.event e ON e.stream = o.record AND e.version = o.revision
  WHERE o.record = r.id AND es.was(e.position, %(start)s::pg_snapshot)
  ORDER BY o.number DESC LIMIT 1)

-- name: document_then
(SELECT CASE WHEN w.number = v.number THEN (SELECT s.document FROM search s WHERE s.record = r.id)
             ELSE es.document(w.body) END AS document)

-- name: open_then
-- What was published closed stays so (access.may_view_version): it was no part of the walk.
(w.number = v.number OR es.open_now(w.visibility, w.opens_at) OR {granted})

-- name: latest_then
NOT EXISTS (SELECT FROM records n
              JOIN versions f ON f.record = n.id AND f.number = 0
              JOIN es.event e ON e.stream = f.record AND e.version = f.revision
             WHERE n.family = r.family AND n.index > r.index AND n.versions > 0
               AND es.was(e.position, %(start)s::pg_snapshot))

-- name: joined
JOIN records r ON r.id = l.record JOIN search s ON s.record = l.record

-- name: inside
-- Rows of some families: looked up, however many they are, and not all read.
(SELECT l.* FROM (SELECT DISTINCT family FROM ({families}) each OFFSET 0) apart
  CROSS JOIN LATERAL (SELECT * FROM listed l WHERE l.family = apart.family OFFSET 0) l)

-- name: found
-- All that matches a condition, whoever may see it.
found AS MATERIALIZED (
    SELECT l.record, l.number, l.tally, {key} AS key, {current} AS counts, {stood} AS stood
      FROM {rows} l {joined}
     WHERE {asked} AND {known} AND {within_range} AND ({current} OR {stood})
), classes AS MATERIALIZED (
    SELECT t.id AS tally, counted.n, {access_status} AS access_status, t.resource_type, t.languages,
           t.year, {told}
      FROM (SELECT tally, count(*) FILTER (WHERE counts) AS n FROM found GROUP BY tally) counted
      JOIN tallies t ON t.id = counted.tally JOIN audiences a ON a.id = t.audience
     WHERE {visible}
     UNION ALL
    SELECT tally, n, access_status, resource_type, languages, year, file_types FROM live
)

-- name: gone
-- What is counted in tallies as the follower knows it, and counts as something else by now.
gone AS MATERIALIZED (
    SELECT t.id AS tally, -counted.n AS n, {access_status} AS access_status, t.resource_type,
           t.languages, t.year, {told}
      FROM (SELECT l.tally, count(*) AS n
              FROM recent CROSS JOIN LATERAL (SELECT * FROM listed l
                                               WHERE l.family = recent.family AND {current}
                                                 AND {within_range} OFFSET 0) l
             GROUP BY l.tally) counted
      JOIN tallies t ON t.id = counted.tally JOIN audiences a ON a.id = t.audience
     WHERE {visible}
)

-- name: tallied
-- All there is that the asker may see.
{gone}, classes AS MATERIALIZED (
    SELECT t.id AS tally, {tally_count} AS n, {access_status} AS access_status, t.resource_type,
           t.languages, t.year, {told}
      FROM audiences a JOIN tallies t ON t.audience = a.id
     WHERE {visible}
     UNION ALL
    SELECT * FROM gone
     UNION ALL
    SELECT tally, n, access_status, resource_type, languages, year, file_types FROM live
)

-- name: ranged
-- How many records of a tally t are within a range of datestamps.
(SELECT count(*) FROM listed l WHERE l.tally = t.id AND {within_range} AND {current})

-- name: in_range
l.datestamp >= coalesce(%(since)s::timestamptz, '-infinity')
AND l.datestamp < coalesce(%(before)s::timestamptz, 'infinity')

-- name: uncounted
summed AS (SELECT 0::bigint AS total),
facets AS (SELECT NULL::text AS facet, NULL::text AS value, 0::bigint AS n WHERE false)

-- name: sifted
-- Classes of records, and which selections each is within.
sifted AS MATERIALIZED (SELECT c.*{flags} FROM classes c),
summed AS (SELECT coalesce(sum(n), 0)::bigint AS total FROM sifted WHERE {chosen}),
facets AS (
    SELECT each.facet, each.value, sum(c.n)::bigint AS n
      FROM sifted c CROSS JOIN LATERAL ({values}
                                        UNION ALL SELECT 'access_status', c.access_status) each
     WHERE %(facets)s AND {but_own}
     GROUP BY 1, 2 HAVING sum(c.n) > 0
)

-- name: margined
-- The same of all there is, where nothing is selected.
{gone}, seen AS MATERIALIZED (
    SELECT a.id, a.{counter} AS n, {access_status} AS access_status, {lists} AS lists
      FROM audiences a WHERE {visible}
), others AS MATERIALIZED (
    SELECT n, access_status, resource_type, languages, year, file_types FROM gone
     UNION ALL
    SELECT n, access_status, resource_type, languages, year, file_types FROM live
), summed AS (
    SELECT coalesce(sum(n), 0)::bigint AS total
      FROM (SELECT n FROM seen UNION ALL SELECT n FROM others) each
), facets AS (
    SELECT facet, value, sum(n)::bigint AS n
      FROM (SELECT m.facet, m.value, m.{counter} AS n
              FROM seen JOIN margins m ON m.audience = seen.id AND (seen.lists OR m.facet <> 'file_type')
             UNION ALL
            SELECT 'access_status', access_status, n FROM seen
             UNION ALL
            SELECT each.facet, each.value, c.n
              FROM others c CROSS JOIN LATERAL ({values}
                                                UNION ALL SELECT 'access_status', c.access_status) each
           ) each
     WHERE %(facets)s
     GROUP BY 1, 2 HAVING sum(n) > 0
)

-- name: within
-- Whether f counts for what is chosen: looked up, however few rows are expected.
(f.tally IN (SELECT tally FROM sifted WHERE {chosen})) IS TRUE

-- name: page_found
ordered AS (
    SELECT f.record, f.number, f.key FROM found f WHERE f.stood AND {within}
     UNION ALL
    SELECT record, number, {live_key} FROM {beside} c WHERE {selections}
), near AS (SELECT 0::bigint AS reached),
mode AS (SELECT NULL::boolean AS is_full)

-- name: page_ranked
-- By all words where few are found, else by those of titles.
mode AS MATERIALIZED (
    SELECT coalesce(%(full)s::boolean, (SELECT total FROM summed) <= {few}) AS is_full
), ordered AS (
    SELECT f.record, f.number, f.key FROM found f
     WHERE f.stood AND {within} AND NOT (SELECT is_full FROM mode)
     UNION ALL
    SELECT f.record, f.number, l.rank
      FROM found f
     CROSS JOIN LATERAL (SELECT {listed_full_rank} AS rank
                           FROM listed l WHERE l.record = f.record OFFSET 0) l
     WHERE f.stood AND {within} AND (SELECT is_full FROM mode)
     UNION ALL
    SELECT record, number, CASE WHEN (SELECT is_full FROM mode) THEN full_rank ELSE rank END
      FROM {beside} c WHERE {selections}
), near AS (SELECT 0::bigint AS reached)

-- name: page_near
-- On a walk along an index, as far as `walk`: enough where the asker sees many.
walked AS MATERIALIZED (
    SELECT l.record, l.number, l.key
      FROM (SELECT l.*, {key} AS key FROM listed l WHERE {after} AND {within_range}
             ORDER BY {walk} LIMIT %(walk)s) l
     CROSS JOIN LATERAL (SELECT FROM (SELECT {access_status} AS access_status, t.resource_type,
                                             t.languages, t.year, {told}
                                        FROM tallies t JOIN audiences a ON a.id = t.audience
                                       WHERE t.id = l.tally AND {visible}) c
                          WHERE {selections} OFFSET 0) c
     WHERE {known} AND {stood}
     LIMIT %(needed)s
), near AS (
    SELECT CASE WHEN count(*) < %(needed)s
                 AND (SELECT true FROM listed l WHERE {after} AND {within_range}
                       ORDER BY {walk} OFFSET %(walk)s LIMIT 1) IS NULL
                THEN %(needed)s ELSE count(*) END AS reached
      FROM walked
),
ordered AS (
    SELECT record, number, key FROM walked
     UNION ALL
    SELECT record, number, {live_key} FROM {beside} c WHERE {selections}
), mode AS (SELECT NULL::boolean AS is_full)

-- name: page_sought
-- Else from each tally that the asker sees.
ordered AS (
    SELECT l.record, l.number, l.key
      FROM (SELECT t.id, {access_status} AS access_status, t.resource_type, t.languages, t.year, {told}
              FROM audiences a JOIN tallies t ON t.audience = a.id WHERE {visible}) c
     CROSS JOIN LATERAL (SELECT l.record, l.number, {key} AS key FROM listed l
                          WHERE l.tally = c.id AND {after} AND {within_range}
                            AND {known} AND {stood}
                          ORDER BY {walk} LIMIT %(needed)s) l
     WHERE {selections}
     UNION ALL
    SELECT record, number, {live_key} FROM {beside} c WHERE {selections}
), near AS (SELECT %(needed)s::bigint AS reached),
mode AS (SELECT NULL::boolean AS is_full)

-- name: answer
SELECT (SELECT total FROM summed), (SELECT is_full FROM mode), (SELECT reached FROM near),
       pg_current_snapshot()::text,
       (SELECT json_agg(json_build_array(facet, value, n) ORDER BY n DESC, value COLLATE "C")
          FROM (SELECT *, row_number() OVER (PARTITION BY facet ORDER BY n DESC, value COLLATE "C") AS nth
                  FROM facets) each
         WHERE nth <= {most}),
       page.records, page.keys, page.numbers
  FROM (SELECT array_agg(record ORDER BY {order}) AS records,
               array_agg(key::text ORDER BY {order}) AS keys, array_agg(number ORDER BY {order}) AS numbers
          FROM (SELECT record, key, number FROM ordered WHERE {behind}
                 ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) each) page;
