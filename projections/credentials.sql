-- name: by_token
SELECT a.id, a.number, a.name, a.admin, a.password,
       ARRAY(SELECT m.team FROM members m JOIN groups g ON g.id = m.team
              WHERE m.account = a.id AND NOT g.deleted),
       t.id, t.scopes, t.expires_at
  FROM tokens t JOIN accounts a ON a.id = t.account
 WHERE t.digest = %(digest)s AND NOT t.revoked;

-- name: by_account
SELECT a.id, a.number, a.name, a.admin, a.password,
       ARRAY(SELECT m.team FROM members m JOIN groups g ON g.id = m.team
              WHERE m.account = a.id AND NOT g.deleted)
  FROM accounts a WHERE a.id = %(account)s;
