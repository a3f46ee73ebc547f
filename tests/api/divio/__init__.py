"""Tests of Divio's door."""
