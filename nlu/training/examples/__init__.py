"""Records as what the network learns from."""
