"""Where bytes rest: the PostgreSQL server."""
