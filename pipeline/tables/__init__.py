"""The contract: the schema and the documentation of every column."""
