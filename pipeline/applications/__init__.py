"""Which application reads a document, and the model that it brings."""
