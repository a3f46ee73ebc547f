"""SampleDB's search: what `q` of a list of objects asks for. Source: the specification, 2.3."""
