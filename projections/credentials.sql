-- name: memberships
-- Of an account a: each group, its kind and the role in it, and a project that it is in, with its role.
-- A part of what follows.
ARRAY(SELECT concat_ws(' ', m.team, g.kind, m.role, i.project, i.role)
        FROM members m JOIN groups g ON g.id = m.team
        LEFT JOIN member_groups i ON i.team = m.team WHERE m.account = a.id)

-- name: of_account
SELECT {memberships} FROM (SELECT %(account)s::uuid AS id) a;

-- name: by_token
SELECT a.id, a.number, a.name, a.admin, a.password,
       {memberships},
       t.id, t.scopes, t.expires_at
  FROM tokens t JOIN accounts a ON a.id = t.account
 WHERE t.digest = %(digest)s AND NOT t.revoked
   AND NOT EXISTS (SELECT FROM tokens p WHERE p.id = t.parent AND p.revoked);

-- name: by_login
SELECT a.id, a.number, a.name, a.admin, a.password,
       {memberships},
       l.id, l.scopes, l.expires_at
  FROM logins l JOIN accounts a ON a.id = l.account
 WHERE l.id = %(login)s AND NOT l.revoked AND l.account_version >= a.password_version;

-- name: by_refresh
SELECT a.id, a.number, a.name, t.id
  FROM tokens t JOIN accounts a ON a.id = t.account
 WHERE t.refresh_digest = %(digest)s AND NOT t.revoked AND t.expires_at > now()
   AND NOT EXISTS (SELECT FROM tokens p WHERE p.id = t.parent AND p.revoked);

-- name: by_name
SELECT a.id, a.number, a.name, a.admin, a.password,
       {memberships}
  FROM accounts a
 WHERE a.id = coalesce(
           (SELECT named.id FROM accounts named WHERE named.id = %(account)s),
           (SELECT holder FROM names WHERE id = %(email)s)
       );

-- name: standing
SELECT id, version FROM accounts WHERE id = ANY(%(ids)s)
 UNION ALL
SELECT t.id, t.version FROM tokens t
 WHERE t.id = ANY(%(ids)s) AND NOT t.revoked AND (t.expires_at IS NULL OR t.expires_at > now())
   AND NOT EXISTS (SELECT FROM tokens p WHERE p.id = t.parent AND p.revoked)
 UNION ALL
SELECT l.id, l.version FROM logins l JOIN accounts a ON a.id = l.account
 WHERE l.id = ANY(%(ids)s) AND NOT l.revoked AND l.account_version >= a.password_version
   AND l.expires_at > now();
