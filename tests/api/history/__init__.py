"""Muniment's own endpoints about an object's life."""
