"""What the log says, laid out for reading."""
