"""Divio: organisations, applications and environments. Source: its specification."""
