"""What a run tells: progress, logs, a summary, metrics."""
