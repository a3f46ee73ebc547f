-- name: began
SELECT recorded_at FROM es.event ORDER BY position LIMIT 1;
