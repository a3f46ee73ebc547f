"""The log's evidence: checkpoint, tiles and proofs, for everybody."""
