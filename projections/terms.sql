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
-- The first of three ways to the terms of a list that are in use: all of a vocabulary.
SELECT (SELECT count(*) FROM terms WHERE type = %(type)s AND NOT retired), page.*
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (
      SELECT {columns}, near.sorted_by
        FROM (SELECT id, key, sorted_by, created_at FROM terms near
               WHERE type = %(type)s AND NOT retired AND {beyond}
               ORDER BY {order} LIMIT %(limit)s + 1 OFFSET %(offset)s) near
        JOIN terms t ON t.id = near.id
       ORDER BY {order}) page ON true;

-- name: found
-- Those that words lead to, and how near they come: the id is what is asked for, or a name is, or begins
-- so, or none does. A condition is asked of terms as of records, r and s, of which they have little.
WITH found AS MATERIALIZED (
    SELECT t.id, t.key, t.sorted_by, t.created_at,
           CASE WHEN t.words @@ (SELECT es.name(%(text)s, false))
                THEN (es.folded(t.key) <> es.folded(%(text)s))::integer
                WHEN t.words @@ (SELECT es.name(%(text)s, true)) THEN 2 ELSE 3 END AS rank
      FROM terms t
     CROSS JOIN LATERAL (SELECT t.content || jsonb_build_object('id', t.key) AS document) s
     CROSS JOIN LATERAL (SELECT t.id, t.key AS pid, t.created_at, t.recorded_at AS updated_at,
                                NULL::integer AS index, 0 AS versions,
                                NULL::uuid AS family, NULL::jsonb AS access, NULL::jsonb AS manifest,
                                NULL::jsonb AS options, NULL::uuid AS action) r
     WHERE t.words @@ (SELECT {asked}) AND NOT t.retired AND {condition}
)
SELECT (SELECT count(*) FROM found), true, page.*
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (
      SELECT {columns}
        FROM (SELECT * FROM found near ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) near
        JOIN terms t ON t.id = near.id
       ORDER BY {order}) page ON true;

-- name: suggested
-- What is suggested best, of no more than `most` each that are it, begin so and have such words: who
-- types sees the beginning of the list, and waits for it after every letter.
WITH near AS MATERIALIZED (
    (SELECT id, key, sorted_by, (es.folded(key) <> es.folded(%(text)s))::integer AS rank FROM terms
      WHERE words @@ (SELECT %(marks)s::tsquery && es.name(%(text)s, false)) AND NOT retired
      LIMIT %(most)s)
     UNION ALL
    (SELECT id, key, sorted_by, 2 FROM terms
      WHERE words @@ (SELECT %(marks)s::tsquery && es.name(%(text)s, true)) AND NOT retired
      LIMIT %(most)s)
     UNION ALL
    (SELECT id, key, sorted_by, 3 FROM terms
      WHERE words @@ (SELECT {asked}) AND NOT retired
      LIMIT %(most)s)
), found AS MATERIALIZED (
    SELECT id, key, sorted_by, min(rank) AS rank FROM near GROUP BY id, key, sorted_by
)
SELECT (SELECT count(*) FROM found),
       (SELECT coalesce(max(many) < %(most)s, true)
          FROM (SELECT count(*) AS many FROM near GROUP BY greatest(rank, 1)) AS each),
       page.*
  FROM (VALUES (true)) always
  LEFT JOIN LATERAL (
      SELECT {columns}
        FROM (SELECT * FROM found near ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) near
        JOIN terms t ON t.id = near.id
       ORDER BY {order}) page ON true;
