"""One question each about the models."""
