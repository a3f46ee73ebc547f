-- name: table
CREATE TABLE tombstones (
    record      uuid        NOT NULL,
    number      integer     NOT NULL,
    revision    integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    valid_from  timestamptz NOT NULL,
    visibility  text        NOT NULL,
    opens_at    timestamptz,
    by          uuid        NOT NULL,
    erased_at   timestamptz NOT NULL,
    reason      text        NOT NULL,
    PRIMARY KEY (record, number)
);

-- name: found
-- Of the object {by}: what is known of it and of its version {number}, by default the newest, where
-- that was erased; and whether every version was.
SELECT r.id, r.number, r.pid, r.versions, r.access,
       coalesce((SELECT max(g.level) FROM grants g
                  WHERE g.family = r.family AND g.principal = ANY(%(principals)s::uuid[])), 0),
       NOT EXISTS (SELECT FROM versions v WHERE v.record = r.id),
       r.draft IS NOT NULL,
       t.number, t.recorded_at, t.valid_from, t.visibility, t.opens_at, t.erased_at, t.reason, t.by
  FROM records r JOIN tombstones t ON t.record = r.id
 WHERE r.{by} = %(key)s
   AND t.number = coalesce(%(number)s::integer, r.versions - 1);

-- name: standing
-- Of the object {by}: the erased version that would be the one in force at `valid_at` among those recorded
-- by `as_of`, if none that is there is in force later.
SELECT t.number
  FROM records r JOIN tombstones t ON t.record = r.id
 WHERE r.{by} = %(key)s AND t.number >= 0
   AND (%(as_of)s::timestamptz IS NULL OR t.recorded_at <= %(as_of)s)
   AND (%(valid_at)s::timestamptz IS NULL OR t.valid_from <= %(valid_at)s)
   AND NOT EXISTS (
       SELECT FROM versions v
        WHERE v.record = t.record
          AND (%(as_of)s::timestamptz IS NULL OR v.recorded_at <= %(as_of)s)
          AND CASE WHEN %(valid_at)s::timestamptz IS NULL THEN v.number > t.number
                   ELSE v.valid_from <= %(valid_at)s
                        AND (v.valid_from, v.number) > (t.valid_from, t.number) END)
 ORDER BY CASE WHEN %(valid_at)s::timestamptz IS NULL THEN NULL ELSE t.valid_from END DESC, t.number DESC
 LIMIT 1;

-- name: all
SELECT t.number, t.recorded_at, t.visibility, t.opens_at, t.erased_at, t.reason, uuid_send(t.by)
  FROM tombstones t WHERE t.record = %(record)s ORDER BY t.number;
