"""The batch as a whole: speed, scale, faults."""
