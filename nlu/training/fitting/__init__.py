"""The loop of training, its losses and its checkpoints."""
