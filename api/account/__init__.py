"""One's own account over HTTP: the tokens and programs that act in one's name."""
