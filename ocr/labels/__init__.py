"""Labels and the kinds of their values."""
