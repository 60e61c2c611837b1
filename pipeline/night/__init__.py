"""One night: prepared, worked, concluded, shown."""
