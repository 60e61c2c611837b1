"""What in a document is no content."""
