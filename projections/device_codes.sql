-- Of es.device_code, which a numbered migration makes.

-- name: begin
-- What another is clearing away is left to it: two would wait for one another.
WITH expired AS (
    SELECT device FROM device_code WHERE expires_at < now() - make_interval(secs => %(told)s)
     LIMIT 1000 FOR UPDATE SKIP LOCKED
), cleared AS (
    DELETE FROM device_code WHERE device IN (SELECT device FROM expired)
), waiting AS (
    SELECT count(*) AS every, count(*) FILTER (WHERE address = %(address)s) AS own
      FROM device_code WHERE expires_at > now()
), begun AS (
    INSERT INTO device_code (device, user_code, client, scopes, challenge, address, expires_at)
    SELECT %(device)s, %(user_code)s, %(client)s, %(scopes)s, %(challenge)s, %(address)s,
           now() + make_interval(secs => %(lifetime)s)
      FROM waiting WHERE every < %(most)s AND own < %(most_of_one)s
)
SELECT CASE WHEN own >= %(most_of_one)s THEN 'own' WHEN every >= %(most)s THEN 'every' END
  FROM waiting;

-- name: poll
WITH before AS (SELECT polled_at FROM device_code WHERE device = %(device)s)
UPDATE device_code d SET polled_at = now() FROM before
 WHERE d.device = %(device)s
RETURNING d.client, d.scopes, d.challenge, d.approved, d.expires_at <= now(),
          d.guesses >= %(guesses)s,
          coalesce(before.polled_at > now() - make_interval(secs => %(interval)s), false),
          d.account, d.account_version;

-- name: forget
DELETE FROM device_code WHERE device = %(device)s;

-- name: waits
SELECT FROM device_code
 WHERE user_code = %(user_code)s AND approved IS NULL AND expires_at > now()
   AND guesses < %(guesses)s;

-- name: decide
UPDATE device_code
   SET account = %(account)s, account_version = %(account_version)s, approved = %(approved)s
 WHERE user_code = %(user_code)s AND approved IS NULL AND expires_at > now()
   AND guesses < %(guesses)s;

-- name: guessed
UPDATE device_code SET guesses = guesses + 1
 WHERE device = %(code)s OR user_code = %(code)s;
