"""Muniment's own endpoints: what an object's life was, and the log itself."""
