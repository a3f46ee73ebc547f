"""Tests of CAP's door."""
