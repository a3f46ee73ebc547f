"""IceProd: datasets, their configurations and the actions on them. Source: its specification."""
