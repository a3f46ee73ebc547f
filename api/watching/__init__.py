"""Watching: what a service counts and times about itself, and how that is read."""
