-- What a search asks of documents. Source: projections/search.sql.

-- Texts as they are taken apart into words: every sign is a blank. PostgreSQL's own parser, which also
-- looks for addresses and compounds, takes time that grows with the square of some texts.
CREATE OR REPLACE FUNCTION es.apart(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN translate(CASE WHEN octet_length($1) = length($1) THEN $1 ELSE es.folded($1) END,
                 '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32));

-- The words of a document: those of all its texts. Where they do not fit in a tsvector, those of its
-- beginning: no document is too much to be stored.
CREATE OR REPLACE FUNCTION es.words(document jsonb) RETURNS tsvector IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    texts text;
BEGIN
    SELECT es.apart(string_agg(each #>> '{}', ' ')) INTO texts
      FROM jsonb_path_query(document, 'strict $.**?(@.type() == "string")') AS each;
    RETURN to_tsvector('simple', coalesce(texts, ''));
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN to_tsvector('simple', left(texts, 100000));
END $$;

-- What a text asks of words: that each of its own begins one of them. NULL where it has none.
CREATE OR REPLACE FUNCTION es.asked(text) RETURNS tsquery IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''':*', ' & ')
          FROM unnest(to_tsvector('simple', es.apart($1))))::tsquery;

-- The object that a value refers to: a number, or NULL. One with `component_uuid` lies elsewhere.
CREATE OR REPLACE FUNCTION es.referred(jsonb) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN CASE
    WHEN $1 ->> '_type' IN ('sample', 'measurement', 'object_reference')
         AND NOT $1 ? 'component_uuid' AND jsonb_typeof($1 -> 'object_id') = 'number'
         AND ($1 ->> 'object_id') ~ '^[0-9]{1,18}$'
    THEN ($1 ->> 'object_id')::bigint END;

-- The objects that a document refers to.
CREATE OR REPLACE FUNCTION es.refers(document jsonb) RETURNS bigint[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT array_agg(DISTINCT number ORDER BY number)
          FROM (SELECT es.referred(each) AS number
                  FROM jsonb_path_query(document, 'strict $.**?(exists(@.object_id))') AS each) found
         WHERE number IS NOT NULL);

-- The texts that a property's value has: its own, or one for each language. NULL: it is no text.
CREATE OR REPLACE FUNCTION es.texts(jsonb) RETURNS text[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN CASE
    WHEN jsonb_typeof($1) = 'string' THEN ARRAY[$1 #>> '{}']
    WHEN $1 ->> '_type' = 'text' AND jsonb_typeof($1 -> 'text') = 'string' THEN ARRAY[$1 ->> 'text']
    WHEN $1 ->> '_type' = 'text' AND jsonb_typeof($1 -> 'text') = 'object'
    THEN (SELECT array_agg(each #>> '{}')
            FROM jsonb_path_query($1, 'strict $.text.keyvalue()?(@.key == "en" || @.key == "de").value'
                                      '?(@.type() == "string")') AS each)
    WHEN $1 ->> '_type' = 'plotly_chart'
         AND jsonb_typeof($1 #> '{plotly,layout,title,text}') = 'string'
    THEN ARRAY[$1 #>> '{plotly,layout,title,text}'] END;

-- The magnitude in base units of a property of a dimensionality. NULL: it has no such.
CREATE OR REPLACE FUNCTION es.magnitude(jsonb, dimensionality text) RETURNS numeric
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN CASE
    WHEN jsonb_typeof($1) = 'number' AND dimensionality = 'dimensionless' THEN ($1 #>> '{}')::numeric
    WHEN $1 ->> '_type' = 'quantity' AND $1 ->> 'dimensionality' = dimensionality
         AND jsonb_typeof($1 -> 'magnitude_in_base_units') = 'number'
    THEN ($1 ->> 'magnitude_in_base_units')::numeric END;

-- The day of a property that is an instant or a date, as a number: 20261121. NULL: it is none.
CREATE OR REPLACE FUNCTION es.day(jsonb) RETURNS integer IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN (SELECT found[1]::integer * 10000 + found[2]::integer * 100 + found[3]::integer
          FROM regexp_match(
              CASE WHEN jsonb_typeof($1) = 'string' THEN $1 #>> '{}'
                   WHEN $1 ->> '_type' = 'datetime' AND jsonb_typeof($1 -> 'utc_datetime') = 'string'
                   THEN $1 ->> 'utc_datetime' END,
              '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?![0-9])') AS found);
