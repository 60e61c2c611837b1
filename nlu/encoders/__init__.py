"""Pretrained encoders: where they come from, and running them in halves."""
