"""A file read, page by page."""
