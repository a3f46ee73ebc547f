"""The InvenioRDM dialect, over HTTP."""
