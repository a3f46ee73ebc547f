"""An object's life as text, as lines of JSON, and as a page."""
