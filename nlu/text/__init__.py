"""Text before the encoder: sentences, noise, what is selected."""
