"""Opinions beside the network's: a linear model on terms, the label sheet itself, and their blend."""
