"""A code location that does not load."""

raise RuntimeError("it does not load")
