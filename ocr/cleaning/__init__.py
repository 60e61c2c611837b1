"""A page upright, level and clean before it is read."""
