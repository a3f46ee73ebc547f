-- What an erasure may empty, and what it takes of the answers. Source: domain/commands/erasures.py.

-- Which events of its stream an erasure names, by its state; none where that is damaged: an audit
-- has to read on.
CREATE OR REPLACE FUNCTION es.emptied_by(state bytea) RETURNS SETOF integer IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT each::integer
      FROM json_array_elements_text(convert_from(state, 'UTF8')::json #> '{event,events}') AS each;
EXCEPTION WHEN data_exception THEN
    RETURN;
END $$;

CREATE OR REPLACE FUNCTION es.erase() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    named integer[] := ARRAY(
        SELECT DISTINCT each FROM es.emptied_by(NEW.state) AS each ORDER BY each);
    digest text;
BEGIN
    -- Only events that say content: a stream is folded on without them.
    IF cardinality(named) <> (
        SELECT count(*) FROM es.event
         WHERE stream = NEW.stream AND version = ANY(named) AND version < NEW.version
           AND topic = ANY(CASE NEW.topic
                   WHEN 'manifest.erased' THEN ARRAY['manifest.stored', 'manifest.continued']
                   ELSE ARRAY['record.published', 'record.access-changed',
                              'record.draft-saved', 'record.draft-reopened',
                              'record.draft-files-started', 'record.draft-file-received',
                              'record.draft-file-committed', 'record.draft-file-removed',
                              'record.draft-files-imported', 'record.file-received',
                              'record.file-linked', 'record.comment-posted',
                              'record.location-assigned'] END)) THEN
        RAISE EXCEPTION 'an erasure names what it may not' USING ERRCODE = 'restrict_violation';
    END IF;
    -- A rebuild would put back the answers that it read before: the lock is that of
    -- projections/rebuild.py.
    IF NOT pg_try_advisory_xact_lock_shared(1919246965) THEN
        RAISE EXCEPTION 'a rebuild is running' USING ERRCODE = 'object_in_use';
    END IF;
    IF NEW.topic = 'manifest.erased' THEN
        SELECT convert_from(state, 'UTF8')::json #>> '{event,manifest,digest}' INTO digest
          FROM es.event WHERE stream = NEW.stream AND version = named[1];
        -- Who came to have this list of files meanwhile holds its row until that can be seen here.
        IF EXISTS (SELECT FROM view.versions v WHERE v.manifest ->> 'digest' = digest)
           OR EXISTS (SELECT FROM view.records r WHERE r.draft #>> '{base,digest}' = digest) THEN
            RAISE EXCEPTION 'the list of files is needed again' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    -- What requests were told that sent what is gone; not what their key was used for since.
    DELETE FROM view.answers a
     USING (SELECT convert_from(state, 'UTF8')::json AS said FROM es.event
             WHERE stream = NEW.stream AND version = ANY(named) AND state IS NOT NULL) e
     WHERE a.account = (said ->> 'by')::uuid AND a.key = said #>> '{answer,key}'
       AND a.digest = said #>> '{answer,digest}'
       AND a.expires_at IS NOT DISTINCT FROM (said #>> '{answer,expires_at}')::timestamptz;
    UPDATE es.event SET state = NULL, salt = NULL
     WHERE stream = NEW.stream AND version = ANY(named);
    RETURN NULL;
END $$;
