"""The InvenioRDM dialect. Source: InvenioRDM, "REST API reference"."""
