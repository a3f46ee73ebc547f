"""The SampleDB dialect. Source: SampleDB, "HTTP API"."""
