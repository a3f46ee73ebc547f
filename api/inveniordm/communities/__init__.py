"""Communities: groups with an address, policies and a face. Source: InvenioRDM, "Communities"."""
