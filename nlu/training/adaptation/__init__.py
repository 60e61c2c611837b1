"""Pretraining goes on on a company's own texts."""
