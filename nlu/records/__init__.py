"""Annotated records: what one holds, files of them, and what is odd in them."""
