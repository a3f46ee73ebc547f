-- name: level
-- What one of the principals holds at most on the family of a row r of records. A part of others, as
-- all of those are that are not asked for by their names in objects.py.
coalesce((SELECT max(g.level) FROM grants g
           WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0)

-- name: version
SELECT r.number, r.family, r.action, r.access,
       v.by, v.recorded_at, v.schema_version, es.visible_now(v.visibility, v.opens_at), v.body,
       {level}
  FROM records r
  LEFT JOIN LATERAL (SELECT * FROM versions v
                      WHERE v.record = r.id AND v.number = %(version)s LIMIT 1) v ON true

-- name: version_by_number
{version} WHERE r.number = %(key)s;

-- name: version_by_id
{version} WHERE r.id = %(key)s;

-- name: head
SELECT r.id, r.number, r.action, r.family, r.versions, r.access,
       CASE WHEN v.record IS NOT NULL THEN es.visible_now(v.visibility, v.opens_at)
            ELSE (SELECT es.visible_now(t.visibility, t.opens_at) FROM tombstones t
                   WHERE t.record = r.id AND t.number = r.versions - 1) END,
       {level},
       v.record IS NULL AND NOT EXISTS (SELECT FROM versions o WHERE o.record = r.id)
  FROM records r
  LEFT JOIN versions v ON v.record = r.id AND v.number = r.versions - 1

-- name: head_by_number
{head} WHERE r.number = %(key)s AND r.versions > 0;

-- name: head_by_id
{head} WHERE r.id = %(key)s AND r.versions > 0;

-- Three ways to the same list: the newest version of each object that one of the principals may
-- view, highest number first. They are written so that no statistics are needed to find the plan:
-- a page is chosen first, and only then are its documents fetched, by key. Large documents are left
-- out: a page stays small. A record that is only a draft is in none. What may be viewed is what
-- access.may_view_version says, in SQL.

-- name: seen
-- Whether a row near of records may be.
((SELECT true FROM grants g
   WHERE g.family = near.family AND g.principal = ANY(%(principals)s::uuid[]) AND g.level >= 1
   LIMIT 1)
 OR es.open_now(near.access)
    AND (SELECT es.open_now(v.visibility, v.opens_at) FROM versions v
          WHERE v.record = near.id AND v.number = near.versions - 1))

-- name: shown
-- Of a row page of records and its newest version v.
page.number, uuid_send(page.action), v.number, uuid_send(v.by), v.recorded_at, v.schema_version,
CASE WHEN octet_length(v.body) <= %(large)s THEN v.body END

-- name: of_page
CROSS JOIN LATERAL (SELECT * FROM versions v
                     WHERE v.record = page.id AND v.number = page.versions - 1 LIMIT 1) v
ORDER BY page.number DESC

-- name: newest
-- Walks back from the newest object, as far as `walk`, and asks of each whether it may be seen:
-- the way for who may see many.
SELECT {shown}
  FROM (SELECT near.id, near.number, near.action, near.versions
          FROM (SELECT r.id, r.number, r.action, r.versions, r.family, r.access FROM records r
                 WHERE r.number < %(below)s AND r.versions > 0
                 ORDER BY r.number DESC LIMIT %(walk)s) near
         WHERE {seen}
         ORDER BY near.number DESC LIMIT %(limit)s OFFSET %(offset)s) page
 {of_page};

-- name: newest_under
-- The same under an action, or those of a type.
SELECT {shown}
  FROM (SELECT near.id, near.number, near.action, near.versions
          FROM (SELECT r.* FROM actions a
                 CROSS JOIN LATERAL (SELECT r.id, r.number, r.action, r.versions, r.family,
                                            r.access
                                       FROM records r
                                      WHERE r.action = a.id AND r.number < %(below)s
                                        AND r.versions > 0
                                      ORDER BY r.number DESC LIMIT %(walk)s) r
                 WHERE (%(action)s::uuid IS NULL OR a.id = %(action)s)
                   AND (%(type)s::text IS NULL OR a.type = %(type)s)
                 ORDER BY r.number DESC LIMIT %(walk)s) near
         WHERE {seen}
         ORDER BY near.number DESC LIMIT %(limit)s OFFSET %(offset)s) page
 {of_page};

-- name: granted
-- Begins at what the principals were granted and at what is public: the way for who may see few.
SELECT {shown}
  FROM (SELECT r.id, r.number, r.action, r.versions
          FROM (SELECT DISTINCT g.family FROM grants g
                 WHERE g.principal = ANY(%(principals)s::uuid[]) AND g.level >= 1) held
         CROSS JOIN LATERAL (SELECT * FROM records r WHERE r.family = held.family OFFSET 0) r
         WHERE r.number < %(below)s AND r.versions > 0
           AND (%(action)s::uuid IS NULL OR r.action = %(action)s)
           AND (%(type)s::text IS NULL
                OR (SELECT a.type FROM actions a WHERE a.id = r.action) = %(type)s)
         UNION ALL
        (SELECT r.id, r.number, r.action, r.versions FROM records r
          WHERE es.open_now(r.access) AND r.number < %(below)s
            AND (SELECT es.open_now(v.visibility, v.opens_at) FROM versions v
                  WHERE v.record = r.id AND v.number = r.versions - 1)
            AND NOT EXISTS (SELECT FROM grants g
                             WHERE g.family = r.family AND g.level >= 1
                               AND g.principal = ANY(%(principals)s::uuid[]))
            AND (%(action)s::uuid IS NULL OR r.action = %(action)s)
            AND (%(type)s::text IS NULL
                 OR (SELECT a.type FROM actions a WHERE a.id = r.action) = %(type)s)
          ORDER BY r.number DESC LIMIT %(limit)s::bigint + %(offset)s::bigint)
         ORDER BY number DESC LIMIT %(limit)s OFFSET %(offset)s) page
 {of_page};

-- name: document
SELECT v.body FROM records r JOIN versions v ON v.record = r.id AND v.number = %(version)s
 WHERE r.number = %(number)s;
