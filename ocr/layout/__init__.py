"""A page of blocks from its lines."""
