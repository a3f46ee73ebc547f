"""The tests; a package, so that its helpers are found before anybody else's `tests`."""
