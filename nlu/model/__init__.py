"""The multitask network, how documents enter it, and the tailored model on disk."""
