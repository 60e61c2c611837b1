"""The multitask network: how documents enter it, its heads, and what comes out."""
