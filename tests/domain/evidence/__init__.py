"""Tests of evidence, without any database."""
