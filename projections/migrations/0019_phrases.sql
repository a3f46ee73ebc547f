-- What a query of words asks of documents, beside what es.asked does. Source: projections/texts.py.

-- The words of a text, in their order, joined by an operator of tsquery; with `open_end` the last one
-- may go on. A text without words asks for nothing: an empty query, which others swallow.
CREATE OR REPLACE FUNCTION es.phrase(text, joint text, open_end boolean) RETURNS tsquery
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN coalesce(
    (SELECT string_agg('''' || lexeme || CASE WHEN open_end AND place = most THEN ''':*' ELSE '''' END,
                       joint ORDER BY place)
       FROM (SELECT lexeme, place, max(place) OVER () AS most
               FROM unnest(to_tsvector('simple', es.apart($1))) CROSS JOIN unnest(positions) AS place) found),
    '')::tsquery;

-- That each word of a text stands at most so many places after the one before.
CREATE OR REPLACE FUNCTION es.near(text, places integer) RETURNS tsquery
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN coalesce(
    (SELECT string_agg(each, ' & ')
       FROM (SELECT '(' || string_agg(format('''%s'' <%s> ''%s''', before, distance, lexeme), ' | ') || ')' AS each
               FROM (SELECT lexeme, place, lag(lexeme) OVER (ORDER BY place) AS before
                       FROM unnest(to_tsvector('simple', es.apart($1))) CROSS JOIN unnest(positions) AS place) found
              CROSS JOIN generate_series(1, places) AS distance
              WHERE before IS NOT NULL GROUP BY place) pairs)::tsquery,
    es.phrase($1, ' & ', false));

-- A word, and those that one edit makes of it: a letter a to z or a digit more or in place of another,
-- one less, or two beside one another changed. Very short and very long words, and texts of several,
-- are asked for as they are.
CREATE OR REPLACE FUNCTION es.similar(text) RETURNS tsquery IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN coalesce(
    (SELECT string_agg(DISTINCT '''' || edited || '''', ' | ')
       FROM (SELECT min(lexeme) AS word FROM unnest(to_tsvector('simple', es.apart($1)))
             HAVING count(*) = 1 AND length(min(lexeme)) BETWEEN 3 AND 30) asked
      CROSS JOIN generate_series(0, length(word)) AS kept
      CROSS JOIN unnest(string_to_array('abcdefghijklmnopqrstuvwxyz0123456789', NULL)) AS letter
      CROSS JOIN LATERAL (VALUES (word),
                                 (left(word, kept) || letter || substr(word, kept + 1)),
                                 (left(word, kept) || letter || substr(word, kept + 2)),
                                 (left(word, kept) || substr(word, kept + 2)),
                                 (left(word, kept) || substr(word, kept + 2, 1) || substr(word, kept + 1, 1)
                                  || substr(word, kept + 3))) AS edits (edited))::tsquery,
    es.phrase($1, ' <-> ', false));

-- The words of what a way leads to; with `numbers` also those of its numbers and bools.
CREATE OR REPLACE FUNCTION es.words_at(document jsonb, way jsonpath, numbers boolean) RETURNS tsvector
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN es.words(CASE
    WHEN NOT numbers THEN jsonb_path_query_array(document, way, '{}', true)
    ELSE coalesce((SELECT jsonb_agg(each #>> '{}')
                     FROM jsonb_path_query(jsonb_path_query_array(document, way, '{}', true), 'strict $.**') AS each
                    WHERE jsonb_typeof(each) IN ('string', 'number', 'boolean')), '[]') END);

-- The first and the last day, as 2026-11-21, of a text that is a date, an instant or an interval of
-- them, of any precision. NULL: it is none.
CREATE OR REPLACE FUNCTION es.first_day(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT (day || right('-01-01', 10 - length(day))) COLLATE "C"
          FROM substring(split_part($1, '/', 1) FROM '^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?![0-9]))?)?(?=$|[T ])') AS day);

CREATE OR REPLACE FUNCTION es.last_day(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT (day || right('-12-31', 10 - length(day))) COLLATE "C"
          FROM substring(split_part($1, '/', -1) FROM '^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?![0-9]))?)?(?=$|[T ])') AS day);

-- The number that a value is or writes. NULL: none.
CREATE OR REPLACE FUNCTION es.number(jsonb) RETURNS numeric IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN CASE WHEN jsonb_typeof($1) = 'number' OR jsonb_typeof($1) = 'string'
                 AND ($1 #>> '{}') ~ '^-?[0-9]{1,100}(\.[0-9]{1,100})?$'
            THEN ($1 #>> '{}')::numeric END;
