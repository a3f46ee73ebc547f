"""Tests of IceProd's door."""
