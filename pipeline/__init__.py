"""The nightly batch: an Apache Beam pipeline, the command line, the published tables."""
