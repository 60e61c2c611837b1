"""Ruled grids and their cells."""
