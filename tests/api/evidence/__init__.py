"""Tests of the log's evidence over HTTP."""
