"""What is decided and remembered: aggregates, their events, the commands, the log's contract."""
