-- name: after
-- States of `weight` bytes in all, and one more however large it is: a page is never empty
-- while there is something to give.
SELECT position, stream, version, topic, recorded_at, state, digest
  FROM (SELECT event.*, coalesce(sum(octet_length(state)) OVER (ORDER BY position ROWS
               BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
          FROM (SELECT * FROM es.event
                 WHERE position > %(after)s
                   AND position < (txid_snapshot_xmin(txid_current_snapshot())
                                   + es.txid_offset()) << 20
                 ORDER BY position LIMIT %(limit)s) AS event) AS event
 WHERE before < %(weight)s
 ORDER BY position;

-- name: there
SELECT 1 FROM es.event WHERE position = %(position)s;
