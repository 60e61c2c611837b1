"""Which sentences matter to a task."""
