"""/api/events: the log as a feed, for programs that follow it."""
