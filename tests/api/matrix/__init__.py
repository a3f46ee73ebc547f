"""The access matrix: what DESIGN.md says who may do, as a table, and a world to hold it against."""
