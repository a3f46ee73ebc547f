-- name: state
-- How far everything is decided, and the last step of the schema.
SELECT (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20,
       (SELECT max(number) FROM muniment.migration);

-- name: signed
-- What was signed last.
SELECT checkpoint, key FROM es.seal;
