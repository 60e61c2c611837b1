"""A file as its pages."""
