-- name: table
-- What is generated is for lists: a term's name, by which they are sorted, and its words.
CREATE TABLE terms (
    id          uuid PRIMARY KEY,
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    type        text        NOT NULL,
    key         text        NOT NULL,
    content     jsonb       NOT NULL,
    retired     boolean     NOT NULL,
    sorted_by   text                 GENERATED ALWAYS AS (left(es.folded(coalesce(
        content ->> 'name', content ->> 'subject', content -> 'title' ->> 'en',
        jsonb_path_query_first(content, '$.title.*') #>> '{}', key
    )), 200)) STORED,
    words       tsvector             GENERATED ALWAYS AS (es.term_words(type, key, content)) STORED
);

-- name: indexes
CREATE INDEX ON terms (type, sorted_by COLLATE "C", key) INCLUDE (id) WHERE NOT retired;
CREATE INDEX ON terms (type, created_at, key) INCLUDE (id) WHERE NOT retired;
CREATE INDEX ON terms USING gin (words);

-- name: counts
SELECT type, count(*) FROM terms WHERE NOT retired GROUP BY type;

-- name: all
-- The first of two ways to the terms of a list that are in use: all of a vocabulary.
SELECT (SELECT count(*) FROM terms WHERE type = %(type)s AND NOT retired), page.*
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (
      SELECT {columns}
        FROM (SELECT * FROM terms near WHERE type = %(type)s AND NOT retired
               ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) near
        JOIN terms t ON t.id = near.id
       ORDER BY {order}) page ON true;

-- name: found
-- Those that words lead to, and how near they come: a name is what is asked for, begins so, or not.
WITH found AS MATERIALIZED (
    SELECT t.id, t.key, t.sorted_by, t.created_at,
           CASE WHEN t.words @@ (SELECT es.name(%(text)s, false)) THEN 0
                WHEN t.words @@ (SELECT es.name(%(text)s, true)) THEN 1 ELSE 2 END AS rank
      FROM terms t
     CROSS JOIN LATERAL (SELECT t.content || jsonb_build_object('id', t.key, 'type', t.type) AS document) s
     WHERE t.words @@ (SELECT {asked}) AND NOT t.retired AND {condition}
)
SELECT (SELECT count(*) FROM found), page.*
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (
      SELECT {columns}
        FROM (SELECT * FROM found near ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) near
        JOIN terms t ON t.id = near.id
       ORDER BY {order}) page ON true;
