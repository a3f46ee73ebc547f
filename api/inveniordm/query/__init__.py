"""InvenioRDM's search: what `q` asks for, a Lucene query string. Source: the specification, 4."""

from api.inveniordm.query.parser import parsed

__all__ = ["parsed"]
