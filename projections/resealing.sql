-- name: mend
INSERT INTO es.tile (level, number, begins, hashes)
VALUES (%(level)s, %(number)s, %(begins)s, %(hashes)s)
ON CONFLICT (level, number) DO UPDATE SET begins = excluded.begins, hashes = excluded.hashes
 WHERE (tile.begins, tile.hashes) IS DISTINCT FROM (excluded.begins, excluded.hashes);

-- name: unfounded
-- Tiles that a tree of this size has not: `widths` says how many it has, level by level.
DELETE FROM es.tile t
 WHERE NOT EXISTS (SELECT FROM unnest(%(widths)s::bigint[]) WITH ORDINALITY AS has (tiles, nth)
                    WHERE nth - 1 = t.level AND t.number >= 0 AND t.number < has.tiles)
RETURNING level, number;

-- name: mend_seal
INSERT INTO es.seal AS seal (size, position, checkpoint, key)
VALUES (%(size)s, %(position)s, %(checkpoint)s, %(key)s)
ON CONFLICT (one) DO UPDATE SET size = excluded.size, position = excluded.position,
                                checkpoint = excluded.checkpoint, key = excluded.key, problem = NULL
 WHERE (seal.checkpoint, seal.key) IS DISTINCT FROM (excluded.checkpoint, excluded.key)
    OR seal.size <> excluded.size OR seal.position <> excluded.position;
