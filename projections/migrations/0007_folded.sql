-- Texts as they are compared in a search: without case and accents.
CREATE OR REPLACE FUNCTION es.folded(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g'));
