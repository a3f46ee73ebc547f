"""HTTP: translates between a dialect and the domain, decides nothing."""
