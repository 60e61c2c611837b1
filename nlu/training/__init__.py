"""From annotated records to a tailored model."""
