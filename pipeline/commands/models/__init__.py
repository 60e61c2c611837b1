"""Commands that train, adapt, compare and apply models."""
