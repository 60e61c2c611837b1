"""What is chosen on held-out records: thresholds, weights, calibration."""
