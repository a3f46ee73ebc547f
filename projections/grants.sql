-- name: table
CREATE TABLE grants (
    family    uuid    NOT NULL,
    principal uuid    NOT NULL,
    level     integer NOT NULL,
    PRIMARY KEY (family, principal)
);

-- name: indexes
CREATE INDEX ON grants (principal, family);

-- name: users
-- Which accounts hold which rung: themselves, and as asked through their groups, through communities
-- and organisations, which count as groups, and projects as far as their role there goes, or that of a
-- group of theirs.
-- `rungs` says how far each goes. Of members of these two the asker is told who is a member, too.
SELECT a.number, max(h.level)
  FROM (SELECT g.principal AS account, g.level FROM grants g WHERE g.family = %(family)s
         UNION ALL
        SELECT m.account, g.level
          FROM grants g
          JOIN groups t ON t.id = g.principal AND t.kind NOT IN ('project', 'community', 'organisation')
          JOIN members m ON m.team = t.id
         WHERE g.family = %(family)s AND %(groups)s
         UNION ALL
        SELECT m.account, least(g.level, (%(rungs)s::jsonb ->> m.role)::integer)
          FROM grants g
          JOIN groups p ON p.id = g.principal AND p.kind IN ('project', 'community', 'organisation')
          JOIN members m ON m.team = p.id
         WHERE g.family = %(family)s
           AND CASE p.kind WHEN 'project' THEN %(projects)s
                    ELSE %(groups)s
                         AND EXISTS (SELECT FROM members o
                                      WHERE o.team = p.id AND o.account = %(asker)s) END
         UNION ALL
        SELECT m.account, least(g.level, (%(rungs)s::jsonb ->> i.role)::integer)
          FROM grants g JOIN member_groups i ON i.project = g.principal
          JOIN members m ON m.team = i.team
         WHERE g.family = %(family)s AND %(projects)s) h
  JOIN accounts a ON a.id = h.account
 GROUP BY a.number ORDER BY a.number;

-- name: user
SELECT id FROM accounts WHERE number = %(number)s;

-- name: groups
SELECT t.number, max(h.level)
  FROM (SELECT g.principal AS team, g.level FROM grants g WHERE g.family = %(family)s
         UNION ALL
        SELECT i.team, least(g.level, (%(rungs)s::jsonb ->> i.role)::integer)
          FROM grants g JOIN member_groups i ON i.project = g.principal
         WHERE g.family = %(family)s AND %(projects)s) h
  JOIN groups t ON t.id = h.team AND t.kind = %(kind)s AND NOT t.deleted
 GROUP BY t.number ORDER BY t.number;

-- name: level
SELECT coalesce(max(level), 0) FROM grants
 WHERE family = %(family)s AND principal = ANY(%(principals)s::uuid[]);
