"""Benches: what is measured, each against its floor in the same run. `python -m scripts.bench`."""
