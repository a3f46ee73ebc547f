-- name: any_there
SELECT EXISTS (SELECT FROM view.families WHERE links <> '{}');

-- name: all
SELECT links, grants FROM families WHERE id = %(family)s;

-- name: one
SELECT links -> %(link)s::text, (grants ->> %(link)s::text)::int
  FROM families WHERE id = %(family)s AND links ? %(link)s::text;
