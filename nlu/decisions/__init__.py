"""From probabilities to what is accepted."""
