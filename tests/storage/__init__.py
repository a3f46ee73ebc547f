"""Tests of what keeps bytes."""
