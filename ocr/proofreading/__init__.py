"""Readings put right and judged."""
