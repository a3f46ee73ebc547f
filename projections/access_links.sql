-- name: all
SELECT links, grants FROM families WHERE id = %(family)s;

-- name: one
SELECT links -> %(link)s::text FROM families WHERE id = %(family)s AND links ? %(link)s::text;
