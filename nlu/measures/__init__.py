"""Measures of agreement and their uncertainty."""
