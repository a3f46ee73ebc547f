"""Tests of the log, its views and what follows it."""
