"""Commands that show published tables to people."""
