"""Evidence: events as leaves of a Merkle tree, its tiles, proofs and signed checkpoints."""
