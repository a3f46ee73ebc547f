"""CERN Analysis Preservation's API. Source: the CAP specification."""
