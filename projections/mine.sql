-- Parts of these are projections/listed.sql's, listing.sql's and known.sql's.

-- name: moving
-- Families of the asker's own that have a draft, or of which the follower does not know everything.
SELECT f.id FROM families f WHERE f.owner = %(owner)s AND f.id IN (SELECT family FROM recent)
 UNION
SELECT f.id
  FROM families f JOIN records r ON r.family = f.id JOIN drafts d ON d.record = r.id
 WHERE f.owner = %(owner)s

-- name: candidates
-- Records of these, each as a row r of records: the newest of each family, or all. Of one with an open
-- draft it is the draft that counts, as if nothing were published.
SELECT r.id, r.version, r.recorded_at, r.pid, r.number, r.action, r.family,
       CASE WHEN d.saved_at IS NULL THEN r.versions ELSE 0 END AS versions, r.schema_version,
       coalesce(d.access, r.access) AS access, r.files, r.created_at, r.index, r.draft, r.manifest,
       CASE WHEN d.saved_at IS NULL THEN r.options ELSE d.files END AS options, r.locations,
       r.versions AS published, d.saved_at, coalesce(d.saved_at, {updated}) AS updated_at
  FROM moving
 CROSS JOIN LATERAL (SELECT * FROM families f WHERE f.id = moving.id OFFSET 0) f
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.family = f.id OFFSET 0) r
  LEFT JOIN LATERAL (SELECT d.saved_at, d.access, d.files FROM drafts d WHERE d.record = r.id OFFSET 0) d
       ON true
 WHERE (r.versions > 0 OR d.saved_at IS NOT NULL)
   AND (%(all_versions)s OR r.index = f.index + (f.next IS NOT NULL)::integer)
   AND CASE WHEN d.saved_at IS NULL THEN {viewable}
            ELSE EXISTS (SELECT FROM grants g
                          WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])
                            AND g.level >= %(preview)s) END

-- name: document
-- What a search sees of a row r of those; of a draft what projections/searchable.py would have it.
SELECT r.id AS record, r.published - 1 AS version,
       CASE WHEN d.document IS NULL OR d.document = ''
            THEN (SELECT n.document FROM search n WHERE n.record = r.id)
            WHEN octet_length(d.document) <= %(large)s THEN es.document(d.document)
            ELSE '{}' END AS document
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (SELECT d.document FROM drafts d
                      WHERE d.record = r.id AND r.saved_at IS NOT NULL OFFSET 0) d ON true

-- name: types
-- Of the files of a draft of what was never published; else of the newest version's.
ARRAY(SELECT DISTINCT each
        FROM (SELECT unnest(es.file_types(convert_to(
                     coalesce(json_agg(json_build_object('key', d.key)), '[]')::text, 'UTF8'))) AS each
                FROM draft_files d
               WHERE d.record = r.id AND r.saved_at IS NOT NULL AND r.published = 0
               UNION ALL
              SELECT unnest(t.file_types)
                FROM versions v CROSS JOIN LATERAL ({facets}) t
               WHERE v.record = r.id AND v.number = r.published - 1) named
       WHERE each IS NOT NULL)

-- name: evaluated
-- Those that match, with what facets count. Each is a tally of its own.
SELECT r.id AS record, r.number, -row_number() OVER () AS tally, {own_key} AS key,
       r.saved_at IS NOT NULL AS is_draft, {status} AS access_status,
       es.resource_type(s.document) AS resource_type, es.languages(s.document) AS languages,
       es.year(s.document) AS year, CASE WHEN {may_list} THEN {types} ELSE '{}' END AS file_types
  FROM mine r
 CROSS JOIN LATERAL ({document} OFFSET 0) s
 WHERE {own_condition}

-- name: chosen_is_published
c.is_published = ANY(%(is_published)s::text[])

-- name: page
-- `missed` are the facets of which a record has none of the values that are asked for.
WITH recent AS MATERIALIZED ({recent}),
moving AS MATERIALIZED ({moving}),
mine AS MATERIALIZED ({candidates}),
evaluated AS MATERIALIZED ({evaluated}),
found AS MATERIALIZED (
    SELECT l.record, l.number, l.tally, {key} AS key, false AS is_draft FROM listed l {beside}
     WHERE l.owner = %(owner)s AND (%(all_versions)s OR l.superseded IS NULL)
       AND l.family NOT IN (SELECT id FROM moving) AND {condition}
     UNION ALL
    SELECT record, number, tally, key, is_draft FROM evaluated
), classes AS MATERIALIZED (
    SELECT t.id AS tally, counted.n, 'true' AS is_published, {access_status} AS access_status,
           t.resource_type, t.languages, t.year, {told}
      FROM (SELECT tally, count(*) AS n FROM found WHERE tally > 0 GROUP BY tally) counted
      JOIN tallies t ON t.id = counted.tally JOIN audiences a ON a.id = t.audience
     WHERE {visible}
     UNION ALL
    SELECT tally, 1, (NOT is_draft)::text, access_status, resource_type, languages, year, file_types
      FROM evaluated
), sifted AS MATERIALIZED (
    SELECT c.*, array_remove(ARRAY[{missed}]::text[], NULL) AS missed FROM classes c
), page AS (
    SELECT record, is_draft, key, number FROM found
     WHERE (tally IN (SELECT tally FROM sifted WHERE missed = '{}')) IS TRUE
       AND (%(key)s::numeric IS NULL OR (key, number) {beyond} (%(key)s::numeric, %(number)s::bigint))
     ORDER BY {order} LIMIT %(limit)s + 1 OFFSET %(offset)s
), facets AS (
    SELECT each.facet, each.value, sum(c.n)::bigint AS count
      FROM sifted c
     CROSS JOIN LATERAL ({values} UNION ALL SELECT 'access_status', c.access_status
                          UNION ALL SELECT 'is_published', c.is_published) each
     WHERE c.missed <@ ARRAY[each.facet] GROUP BY 1, 2
)
SELECT (SELECT coalesce(sum(n), 0)::bigint FROM sifted WHERE missed = '{}'),
       (SELECT jsonb_agg(f ORDER BY f.count DESC, f.value) FROM facets f),
       array_agg(record ORDER BY {order}), array_agg(is_draft ORDER BY {order}),
       (array_agg(key::text ORDER BY {order}))[%(limit)s], (array_agg(number ORDER BY {order}))[%(limit)s]
  FROM page;
