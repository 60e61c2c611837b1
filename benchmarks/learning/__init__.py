"""Our default against its peers on annotated Japanese text: `python -m benchmarks.learning --help`."""
