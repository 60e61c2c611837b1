"""The text layer of a page, and whether it is to be believed."""
