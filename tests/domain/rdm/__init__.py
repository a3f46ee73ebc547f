"""InvenioRDM's record model."""
