"""Models beside the network: a linear model on terms, on means of layers, and the label sheet itself."""
