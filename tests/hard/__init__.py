"""Tests by force: kills, power cuts, full disks, many starts, revokes against readers."""
