-- Erasure: the one exception to a log that is only appended to. Source: DESIGN.md "The log".

-- Which events of its stream an erasure names, by its state; none where that is damaged: an audit
-- has to read on.
CREATE OR REPLACE FUNCTION es.emptied_by(state bytea) RETURNS SETOF integer IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT each::integer
      FROM json_array_elements_text(convert_from(state, 'UTF8')::json #> '{event,events}') AS each;
EXCEPTION WHEN data_exception THEN
    RETURN;
END $$;

-- Whether an event was erased: a later one of its stream says so.
CREATE OR REPLACE FUNCTION es.is_erased(stream uuid, version integer) RETURNS boolean STABLE LANGUAGE sql
RETURN EXISTS (SELECT FROM es.event e
                WHERE e.stream = $1 AND e.version > $2 AND e.state IS NOT NULL
                  AND e.topic IN ('record.erased', 'manifest.erased')
                  AND $2 IN (SELECT es.emptied_by(e.state)));
CREATE INDEX IF NOT EXISTS event_erasures ON es.event (stream, version)
 WHERE topic IN ('record.erased', 'manifest.erased');

-- What is read in place of a state that is gone: nothing, of an erased event.
CREATE OR REPLACE FUNCTION es.blank(stream uuid, version integer) RETURNS bytea STABLE LANGUAGE sql
RETURN CASE WHEN es.is_erased($1, $2) THEN ''::bytea END;

-- Nobody changes the log but a trigger of its own, and that is the one below: whoever may append
-- can erase only by an event that says so, in the same transaction, and that is sealed like any other.
CREATE OR REPLACE FUNCTION es.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the log is append only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
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
REVOKE ALL ON FUNCTION es.erase() FROM PUBLIC;
CREATE OR REPLACE TRIGGER erases AFTER INSERT ON es.event FOR EACH ROW
    WHEN (NEW.topic IN ('record.erased', 'manifest.erased')) EXECUTE FUNCTION es.erase();
ALTER TABLE es.event ENABLE ALWAYS TRIGGER erases;
