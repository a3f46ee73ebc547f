-- Every sign is a blank, as before (0014_search.sql), at a tenth of the time, which was most of what
-- the words of a document took: translate() looks through all signs at each character.
CREATE OR REPLACE FUNCTION es.apart(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN regexp_replace(CASE WHEN octet_length($1) = length($1) THEN $1 ELSE es.folded($1) END,
                      '[!-/:-@[-`{-~]', ' ', 'g');
