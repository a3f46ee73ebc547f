-- name: next
SELECT DISTINCT sha256 FROM contents WHERE sha256 > %(after)s ORDER BY sha256 LIMIT %(limit)s;

-- name: count
SELECT count(DISTINCT sha256) FROM contents;
