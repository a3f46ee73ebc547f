"""One module an aggregate, one function a command: load, ask, decide, save."""
