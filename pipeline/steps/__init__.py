"""The steps of the Beam pipeline."""
