-- name: by_token
SELECT a.id, a.number, a.name, a.admin, a.password,
       ARRAY(SELECT m.team FROM members m WHERE m.account = a.id),
       t.id, t.scopes, t.expires_at
  FROM tokens t JOIN accounts a ON a.id = t.account
 WHERE t.digest = %(digest)s AND NOT t.revoked;

-- name: by_account
SELECT a.id, a.number, a.name, a.admin, a.password,
       ARRAY(SELECT m.team FROM members m WHERE m.account = a.id)
  FROM accounts a WHERE a.id = %(account)s;
