-- name: page
-- How many there are, and some of them; one row without a member where there are none.
SELECT counted.n, page.*
  FROM (SELECT count(*) AS n FROM members WHERE team = %(team)s AND role = ANY(%(roles)s)) counted
  LEFT JOIN LATERAL (
      SELECT a.id, a.number, a.name, a.affiliation, m.role
        FROM members m JOIN accounts a ON a.id = m.account
       WHERE m.team = %(team)s AND m.role = ANY(%(roles)s)
       ORDER BY lower(a.name), a.number LIMIT %(limit)s OFFSET %(offset)s) page ON true
 ORDER BY lower(page.name), page.number;
