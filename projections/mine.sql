-- name: candidates
-- Records of the asker's own, each as a row r of records: the newest of each family, or all. Of one
-- with an open draft it is the draft that counts, as if nothing were published.
SELECT r.id, r.version, r.recorded_at, r.pid, r.number, r.action, r.family,
       CASE WHEN d.saved_at IS NULL THEN r.versions ELSE 0 END AS versions, r.schema_version,
       coalesce(d.access, r.access) AS access, r.files, r.created_at, r.index, r.draft, r.manifest,
       CASE WHEN d.saved_at IS NULL THEN r.options ELSE d.files END AS options, r.locations,
       r.versions AS published, d.saved_at
  FROM families f
 CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.family = f.id OFFSET 0) r
  LEFT JOIN LATERAL (SELECT d.saved_at, d.access, d.files FROM drafts d WHERE d.record = r.id OFFSET 0) d
       ON true
 WHERE f.owner = %(owner)s AND (r.versions > 0 OR d.saved_at IS NOT NULL)
   AND (%(all_versions)s OR r.index = f.index + (f.next IS NOT NULL)::integer)
   AND CASE WHEN d.saved_at IS NULL THEN {visible}
            ELSE EXISTS (SELECT FROM grants g
                          WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])
                            AND g.level >= %(preview)s) END

-- name: document
-- What a search sees of a row r of those, where it is needed; of a draft what
-- projections/searchable.py would have it.
SELECT r.id AS record, r.published - 1 AS version,
       CASE WHEN NOT ({needed}) THEN NULL
            WHEN d.document IS NULL OR d.document = ''
            THEN (SELECT n.document FROM search n WHERE n.record = r.id)
            WHEN octet_length(d.document) <= %(large)s THEN es.document(d.document)
            ELSE '{}' END AS document
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (SELECT d.document FROM drafts d
                      WHERE d.record = r.id AND r.saved_at IS NOT NULL OFFSET 0) d ON true

-- name: kept
-- What is kept of its newest version, where that is what counts and the follower has come to it.
SELECT l.words, t.resource_type, t.languages, t.year, t.file_types
  FROM listed l
 CROSS JOIN LATERAL (SELECT * FROM tallies t WHERE t.id = l.tally OFFSET 0) t
 WHERE l.record = r.id AND l.version = r.versions - 1

-- name: file_types
-- Of a draft of what was never published; else of the newest version.
SELECT array_agg(DISTINCT each)
  FROM (SELECT unnest(es.file_types(convert_to(
               coalesce(json_agg(json_build_object('key', d.key)), '[]')::text, 'UTF8'))) AS each
          FROM draft_files d WHERE d.record = r.id AND r.saved_at IS NOT NULL AND r.published = 0
         UNION ALL
        SELECT unnest(f.file_types)
          FROM versions v CROSS JOIN LATERAL ({facets}) f
         WHERE v.record = r.id AND v.number = r.published - 1) types
 WHERE each IS NOT NULL

-- name: matching
-- Those that match, with their facets, each a list of values.
SELECT r.id, r.number, r.saved_at, {key} AS key,
       ARRAY[{status}] AS access_status, ARRAY[(r.saved_at IS NULL)::text] AS is_published,
       ARRAY[CASE WHEN l.words IS NULL THEN es.resource_type(s.document) ELSE l.resource_type END]
           AS resource_type,
       CASE WHEN l.words IS NULL THEN es.languages(s.document) ELSE l.languages END AS languages,
       ARRAY[(CASE WHEN l.words IS NULL THEN es.year(s.document) ELSE l.year END)::text]
           AS publication_date,
       CASE WHEN l.words IS NULL THEN ({file_types}) ELSE l.file_types END AS file_type
  FROM mine r
  LEFT JOIN LATERAL ({kept} OFFSET 0) l ON true
 CROSS JOIN LATERAL ({document} OFFSET 0) s
 WHERE {condition}

-- name: counted
SELECT '{facet}' AS facet, value, count(*) AS count
  FROM faceted CROSS JOIN LATERAL unnest({facet}) AS value
 WHERE value IS NOT NULL AND missed <@ ARRAY['{facet}'] GROUP BY value

-- name: page
-- `missed` are the facets of which a record has none of the values that are asked for.
WITH mine AS MATERIALIZED ({candidates}),
matching AS MATERIALIZED ({matching}),
faceted AS MATERIALIZED (
    SELECT m.*, array_remove(ARRAY[{missed}]::text[], NULL) AS missed FROM matching m
), page AS (
    SELECT id, saved_at, key, number, row_number() OVER (ORDER BY key {direction}, number {direction}) AS place
      FROM faceted
     WHERE missed = '{}'
       AND (%(key)s::numeric IS NULL OR (key, number) {beyond} (%(key)s::numeric, %(number)s::bigint))
     ORDER BY place LIMIT %(limit)s + 1 OFFSET %(offset)s
)
SELECT (SELECT count(*) FROM faceted WHERE missed = '{}'),
       (SELECT jsonb_agg(c ORDER BY c.count DESC, c.value) FROM ({counts}) c),
       array_agg(id ORDER BY place), array_agg(saved_at IS NOT NULL ORDER BY place),
       (array_agg(key::text ORDER BY place))[%(limit)s], (array_agg(number ORDER BY place))[%(limit)s]
  FROM page;
