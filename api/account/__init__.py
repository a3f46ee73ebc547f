"""One's own account over HTTP: the tokens that act in one's name."""
