-- What the service knows of the record r, by the names of conditions.Known.

-- name: id
r.pid

-- name: parent_id
(SELECT f.pid FROM families f WHERE f.id = r.family)

-- name: parent_access_owned_by_user
(SELECT a.number FROM families f JOIN accounts a ON a.id = f.owner WHERE f.id = r.family)

-- name: created
r.created_at

-- name: updated
(SELECT v.recorded_at FROM versions v WHERE v.record = r.id AND v.number = r.versions - 1)

-- name: is_published
(r.versions > 0)

-- name: is_draft
(r.versions = 0)

-- name: versions_index
r.index

-- name: versions_is_latest
(r.versions > 0 AND r.index = (SELECT f.index FROM families f WHERE f.id = r.family))

-- name: access_record
CASE WHEN es.open_now(r.access) THEN 'public' ELSE 'restricted' END

-- name: access_files
CASE WHEN {lifted} THEN 'public' ELSE coalesce(r.access ->> 'files', 'restricted') END

-- name: access_status
CASE WHEN NOT {lifted} THEN 'embargoed'
     WHEN NOT r.access ? 'embargo'
          AND NOT (r.access @> '{"record": "public"}'
                   AND (NOT {with_files} OR r.access @> '{"files": "public"}')) THEN 'restricted'
     WHEN {with_files} THEN 'open' ELSE 'metadata-only' END

-- name: access_embargo_active
coalesce(NOT {lifted}, false)

-- name: files_enabled
{with_files}

-- name: files_count
CASE WHEN {lists} THEN coalesce((r.manifest ->> 'count')::bigint, 0) END

-- name: files_total_bytes
CASE WHEN {lists} THEN coalesce((r.manifest ->> 'size')::bigint, 0) END

-- name: deposit_type
(SELECT a.name FROM actions a WHERE a.id = r.action AND a.schema_language = 'cap')

-- name: lifted
-- NULL: there is no embargo. This and the next two are parts of the others.
((r.access #>> '{embargo,until}')::timestamptz <= now())

-- name: lists
-- Whether who sees the record may list its files. These parts are projections/search.sql's.
({granted} OR {files_open})

-- name: with_files
CASE WHEN r.options IS NULL THEN r.manifest IS NOT NULL
     ELSE coalesce((r.options ->> 'enabled')::boolean, true) END

-- name: in_communities
-- Families in communities g of which something holds, and which the asker may see.
SELECT i.family FROM groups g JOIN inclusions i ON i.community = g.id
 WHERE g.kind = 'community' AND NOT g.deleted AND {asked} AND {visible}

-- name: by_family
SELECT r.id AS record FROM records r WHERE r.family IN ({families})

-- name: by_id
SELECT r.id AS record FROM records r WHERE r.pid = {wanted}

-- name: by_parent_id
SELECT r.id AS record FROM families f JOIN records r ON r.family = f.id WHERE f.pid = {wanted}
