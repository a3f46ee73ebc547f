-- name: state
-- How many events there are, those not sealed yet counted one by one; and how long ago the oldest
-- was recorded that the horizon keeps from followers.
SELECT seal.size + (SELECT count(*) FROM es.event WHERE event.position > seal.position),
       coalesce((SELECT extract(epoch FROM now() - event.recorded_at) FROM es.event
                  WHERE event.position >= (txid_snapshot_xmin(txid_current_snapshot())
                                           + es.txid_offset()) << 20
                  ORDER BY event.position LIMIT 1), 0)::float8
  FROM es.seal;

-- name: untold
-- What webhooks are still to be told, what was given up, and how long ago the oldest was recorded.
SELECT (SELECT count(*) FROM es.webhook_message WHERE NOT dead),
       (SELECT count(*) FROM es.webhook_message WHERE dead),
       coalesce((SELECT extract(epoch FROM now() - min(event.recorded_at))
                   FROM es.webhook, LATERAL (
                        (SELECT position FROM es.webhook_message m
                          WHERE m.webhook = webhook.id AND NOT m.dead
                          ORDER BY position LIMIT 1)
                        UNION ALL
                        (SELECT position FROM es.event WHERE event.position > webhook.position
                            AND event.position < (txid_snapshot_xmin(txid_current_snapshot())
                                                  + es.txid_offset()) << 20
                          ORDER BY position LIMIT 1)
                   ) untold JOIN es.event ON event.position = untold.position), 0)::float8;
