"""OAI-PMH 2.0: the published records that everybody may read, for harvesters."""
