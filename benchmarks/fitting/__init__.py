"""Scripts that make what the code holds: ranges, constants, stored detections."""
